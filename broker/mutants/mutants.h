// Planted bugs. Each is a real bug of a real broker (mutants.inc names it), put where it would live in this
// one, behind a run-time switch with a hit counter. In the broker that ships, MUTANT(x) is the constant false
// and the bug is not there.
//
//   if (MUTANT(B008_no_pump_after_ack)) return;
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace mqttvet::mutants {

enum class Mutant : std::uint16_t {
#define MQTTVET_MUTANT(name, origin, text) name,
#include "broker/mutants/mutants.inc"
#undef MQTTVET_MUTANT
  count_
};

struct MutantInfo {
  Mutant mutant;
  std::string_view name;    // "B008_no_pump_after_ack"
  std::string_view origin;  // where it was seen: "EMQX 5.8"
  std::string_view text;    // one line: what the mutated broker does wrong
};

inline constexpr MutantInfo kMutants[] = {
#define MQTTVET_MUTANT(name, origin, text) {Mutant::name, #name, origin, text},
#include "broker/mutants/mutants.inc"
#undef MQTTVET_MUTANT
};

// By whole name, or by its id alone ("B008").
std::optional<Mutant> find_mutant(std::string_view name_or_id);

// A broker's planted bugs together, as that broker had them.
struct MutantProfile {
  std::string_view name;  // "emqttd-1.1.3"
  std::span<const Mutant> mutants;
};
std::span<const MutantProfile> mutant_profiles();

// Those of a profile, or the one that find_mutant() knows; none: there is nothing of this name.
std::vector<Mutant> find_mutants(std::string_view name);

#ifdef MQTTVET_MUTANTS
void switch_on(Mutant mutant);
void switch_all_off();              // and forget the hits
bool is_on(Mutant mutant);          // not counted
std::uint64_t hits(Mutant mutant);  // how often its place was reached, whether it was on or off
bool reach(Mutant mutant);          // the macro's: counts a hit, and says whether it is on
#define MUTANT(name) (::mqttvet::mutants::reach(::mqttvet::mutants::Mutant::name))
#else
#define MUTANT(name) false
#endif

}  // namespace mqttvet::mutants
