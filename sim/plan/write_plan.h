// Plan -> scenario file: what read_plan reads back as the same plan. A shrunk failure becomes a regression
// this way.
#pragma once

#include <string>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

// Precondition: check_plan() finds nothing, and faults are in the order of their ids. Keys with default
// values are left out. Text that is no UTF-8 can't be written in YAML and is replaced.
std::string write_plan(const Plan& plan);

// One step, or one fault, as it stands in the file on one line: for stories and messages.
std::string write_step(const Step& step);
std::string write_fault(const Fault& fault);

}  // namespace mqttvet::sim
