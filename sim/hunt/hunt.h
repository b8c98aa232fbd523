// A planted bug, hunted with seeds: how many worlds does it take until an oracle sees it?
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "sim/plan/plan.h"
#include "sim/run/result.h"

namespace mqttvet::sim {

struct HuntOptions {
  std::uint64_t seeds_max = 2000;                              // from 1
  std::chrono::nanoseconds cpu_max{std::chrono::seconds(60)};  // processor time of all runs together
  unsigned parallel = 1;
  std::function<bool()> interrupted;  // asked now and then; true: as if the budget were used up
};

// What came of it. Everything but `cpu` is the same however many runs are carried out at a time, unless
// `cpu_max` ended the hunt.
struct Hunt {
  std::string mutant;                                // its whole name
  std::optional<std::string> code;                   // of the oracle that saw it first; absent: it survived
  std::uint64_t seed = 0;                            // whose run that was
  std::uint64_t runs = 0;                            // until then, or all
  std::chrono::nanoseconds cpu{0};                   // of these runs
  std::uint64_t hits = 0;                            // how often these runs reached the planted code
  std::uint64_t reached = 0;                         // how many of them did
  std::map<std::string, std::uint64_t> passed_over;  // runs that failed by a code that doesn't count
};

// Runs the plans that `plan_of` gives for the seeds, in their order, until an oracle blames the broker. In
// host mode, after warm_up().
Hunt hunt(const std::string& mutant, const std::function<Plan(std::uint64_t seed)>& plan_of,
          const HuntOptions& options);

}  // namespace mqttvet::sim
