// Planted bugs. Each is a real bug of a real broker (mutants.inc names it), put where it would live in this
// one, behind a run-time switch with a hit counter. In the broker that ships, MUTANT(x) is the constant false
// and the bug is not there.
//
//   if (MUTANT(B008_no_pump_after_ack)) return;
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

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
