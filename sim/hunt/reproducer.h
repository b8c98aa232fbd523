// A failure small enough to read: the shrunk plan, and the scenario file that keeps it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/hunt/trial.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

struct Reproducer {
  Plan plan;                         // without mutants of its own
  std::string code;                  // of the finding that it shows
  std::vector<std::string> mutants;  // switched on for that; none: the broker as it is
  std::string origin;                // "seed 42"
  std::size_t size_before = 0;       // operations and faults
  std::size_t size_after = 0;
  std::uint64_t candidates = 0;  // tried on the way
  bool is_minimal = false;       // see Shrunk
};

// Shrinks a plan whose run, with the mutants of `options` and its own, has a finding of the given code.
Reproducer reproduce(Plan failing, const std::string& code, TrialOptions options);

// The scenario file; its comments say where the story comes from and what finds what in it.
std::string scenario_text(const Reproducer& reproducer);

}  // namespace mqttvet::sim
