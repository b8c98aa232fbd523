// JUnit XML, as continuous integration servers read it: one test case per run.
#pragma once

#include <string>
#include <vector>

#include "sim/run/result.h"

namespace mqttvet::reports {

std::string junit(const std::vector<sim::RunResult>& runs, const sim::Summary& summary);

}  // namespace mqttvet::reports
