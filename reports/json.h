// JSON for other programs. Times are seconds as numbers, hashes 16 hex digits.
#pragma once

#include <string>
#include <vector>

#include "sim/run/result.h"

namespace mqttvet::reports {

std::string json(const std::vector<sim::RunResult>& runs, const sim::Summary& summary);

}  // namespace mqttvet::reports
