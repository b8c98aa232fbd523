// A plan carried out: clients, network and broker in one world, faults, recovery, and the verdict.
//
//   0 ............ heal_at (or the last step) ............ all quiet, or `settle` is over ............
//   steps, faults  | faults end, broker up, clients back  | resources; the history ends   | teardown to the
//                                                                                           base line;
//                                                                                           oracles
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/guest/scheduler.h"
#include "sim/node/unsettled.h"
#include "sim/plan/plan.h"
#include "sim/run/result.h"

namespace mqttvet::sim {

struct RunOptions {
  Scheduler::Backend backend = Scheduler::Backend::fibers;
  std::vector<std::string> mutants;                 // switched on beside the plan's own
  Unsettled unsettled = Unsettled::none;            // for tests of the proof that a run repeats
  std::function<void(const Trace::Entry&)> listen;  // every event and line of the trace; null: nobody
  std::uint64_t events_max = 50'000'000;            // a run that goes on for longer is ended, and has failed
  Duration time_max = std::chrono::hours(200);      // simulated
};

// Precondition: check_plan() finds nothing. Runs once per process if the plan has Paho clients: guests of an
// earlier run are never run again, but what the library remembers of them stays. Name, replay and wall time
// are the caller's to fill.
RunResult run(const Plan& plan, const RunOptions& options);

}  // namespace mqttvet::sim
