#include "sim/hunt/reproducer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "broker/core/mutants.h"
#include "sim/hunt/reductions.h"
#include "sim/plan/write_plan.h"

namespace mqttvet::sim {
namespace {

// "B039" -> "B039_refill_wrong_end"
std::string whole_name(const std::string& mutant) {
  const auto found = core::find_mutant(mutant);
  return found ? std::string(core::kMutants[static_cast<std::size_t>(*found)].name) : mutant;
}

}  // namespace

Reproducer reproduce(Plan failing, const std::string& code, TrialOptions options) {
  Reproducer made;
  for (std::string& mutant : std::exchange(failing.broker.mutants, {}))
    options.running.mutants.push_back(std::move(mutant));
  made.code = code;
  for (const std::string& mutant : options.running.mutants) made.mutants.push_back(whole_name(mutant));
  made.origin = failing.name;
  made.size_before = size_of(failing);
  failing.name = made.mutants.empty()
                     ? fmt::format("{}, from {}", code, made.origin)
                     : fmt::format("{} by {}, from {}", fmt::join(made.mutants, " and "), code, made.origin);
  RunTrial trial(code, options);
  Shrunk shrunk = shrink(
      std::move(failing), [&](const auto& next) { return trial(next); }, [&] { return trial.gave_up(); });
  made.plan = std::move(shrunk.plan);
  made.is_minimal = shrunk.is_minimal;
  made.size_after = size_of(made.plan);
  made.candidates = trial.count();
  return made;
}

std::string scenario_text(const Reproducer& made) {
  std::string text = fmt::format("# Shrunk from {}: {} operations and faults of {} are left{}.\n",
                                 made.origin, made.size_after, made.size_before,
                                 made.is_minimal ? ", and none can be left out" : "; more might go");
  if (made.mutants.empty()) {
    text += fmt::format("# {} blames the broker as it is.\n", made.code);
  } else {
    text += fmt::format("# {} blames the broker with the planted bug {}; without it the story passes.\n",
                        made.code, fmt::join(made.mutants, " and "));
  }
  text += write_plan(made.plan);
  if (made.mutants.size() == 1) text += fmt::format("\n# kills: {} by {}\n", made.mutants.front(), made.code);
  return text;
}

}  // namespace mqttvet::sim
