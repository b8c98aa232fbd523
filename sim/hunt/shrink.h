// Delta debugging of plans (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
// 2002): a run that failed becomes the smallest story that fails in the same way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

// A candidate that was found to fail, and its number.
struct Failing {
  std::size_t number;
  Plan plan;
};

// Tries candidates in the order in which `next` gives them (nullopt: no more) and returns the first that
// still fails as it should.
using Trial = std::function<std::optional<Failing>(const std::function<std::optional<Failing>()>& next)>;

struct Shrunk {
  Plan plan;
  // No client, operation, fault, key or item can be left out, and no value of those tried is rounder. False:
  // the trial gave up before.
  bool is_minimal = false;
};

// Drops clients, operations and faults in chunks and then one by one, lets one client do another's work,
// calms the schedule, leaves keys out so that defaults hold, and rounds values; again from the beginning
// until nothing can be done. `gave_up`: asked now and then; true: it ends with what it has.
Shrunk shrink(Plan plan, const Trial& trial, const std::function<bool()>& gave_up);

}  // namespace mqttvet::sim
