#include "broker/mutants/mutants.h"

#include <array>

namespace mqttvet::mutants {

std::optional<Mutant> find_mutant(std::string_view name_or_id) {
  for (const MutantInfo& info : kMutants) {
    if (info.name == name_or_id) return info.mutant;
  }
  // "B008" or "E_A03": all up to an underscore that begins the words.
  std::optional<Mutant> found;
  for (const MutantInfo& info : kMutants) {
    const bool begins =
        info.name.starts_with(name_or_id) && info.name.substr(name_or_id.size()).starts_with('_');
    if (!begins) continue;
    if (found) return std::nullopt;  // the beginning of several
    found = info.mutant;
  }
  return found;
}

#ifdef MQTTVET_MUTANTS
namespace {

struct Switch {
  bool on = false;
  std::uint64_t hits = 0;
};
std::array<Switch, static_cast<std::size_t>(Mutant::count_)> switches;

Switch& switch_of(Mutant mutant) {
  return switches[static_cast<std::size_t>(mutant)];
}

}  // namespace

void switch_on(Mutant mutant) {
  switch_of(mutant).on = true;
}
void switch_all_off() {
  switches.fill({});
}
bool is_on(Mutant mutant) {
  return switch_of(mutant).on;
}
std::uint64_t hits(Mutant mutant) {
  return switch_of(mutant).hits;
}

bool reach(Mutant mutant) {
  Switch& which = switch_of(mutant);
  ++which.hits;
  return which.on;
}
#endif

}  // namespace mqttvet::mutants
