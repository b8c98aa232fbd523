// Many runs, each in a child process of its own, several at a time.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "sim/run/result.h"

namespace mqttvet::sim {

// What is to be run. `name` and `replay` are known beforehand, for a run that dies without a word.
struct SweepJob {
  std::string name;
  std::string replay;
  std::uint64_t seed = 0;
  std::function<RunResult()> run;  // in the child
  bool is_story = false;           // a client library that breaks down leaves it untold: that is a failure
};

struct SweepOptions {
  unsigned parallel = 1;
  std::optional<std::chrono::nanoseconds> time_budget;  // real time; jobs not begun by then are left out
  std::chrono::seconds hang_after{120};                 // real time of one run
  std::function<bool()> interrupted;  // asked now and then; true: as if the budget were used up
};

// The jobs come from `next` until it returns nullopt. Results are given to `on_result` in the order of the
// jobs, as early as that order permits; so two sweeps over the same jobs say the same, however many run in
// parallel.
void sweep(const std::function<std::optional<SweepJob>()>& next, const SweepOptions& options,
           const std::function<void(const RunResult&)>& on_result);

}  // namespace mqttvet::sim
