// Candidates of the shrinker, tried out: whole runs, several at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sim/hunt/shrink.h"
#include "sim/run/run.h"

namespace mqttvet::sim {

struct TrialOptions {
  unsigned parallel = 1;
  std::uint64_t candidates_max = 3000;
  std::optional<std::chrono::nanoseconds> time_budget;  // real time, from the beginning of the first trial
  std::function<bool()> interrupted;                    // asked now and then; true: as if all was used up
  RunOptions running;                                   // with the mutants that are on
};

// A candidate still fails if its run has a finding of the given code; and, when mutants are on, if it passes
// without them. Which one is chosen does not depend on how many run at a time. In host mode, after warm_up().
class RunTrial {
 public:
  RunTrial(std::string code, const TrialOptions& options);

  std::optional<Failing> operator()(const std::function<std::optional<Failing>()>& next);
  bool gave_up() const;
  // Candidates tried so far.
  std::uint64_t count() const { return count_; }

 private:
  RunResult judge(const Plan& plan) const;

  std::string code_;
  const TrialOptions& options_;
  std::uint64_t count_ = 0;
  std::optional<std::chrono::steady_clock::time_point> begun_;
};

}  // namespace mqttvet::sim
