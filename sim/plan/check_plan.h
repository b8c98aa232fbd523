// What a plan must keep to, whoever made it: a file, a generator, a shrinker, a test.
#pragma once

#include "sim/plan/problem.h"

namespace mqttvet::sim {

// Every broken rule, in the order of the plan: names that nobody has, steps their client can't do, values out
// of range, topics and filters that are none, features of 5.0 on an older client, faults without a target, a
// time or an aim. Empty: the plan can be run.
Problems check_plan(const Plan& plan);

// Names that a client can't have, since they mean something else in a step.
bool is_reserved_name(std::string_view name);

}  // namespace mqttvet::sim
