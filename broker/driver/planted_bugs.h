// The parts of planted bugs that live in the driver and need more than a line.
#pragma once

#include <vector>

#include "broker/core/record.h"

namespace mqttvet::driver {

// B081: the retained messages of a commit are clean, and so is what has come of their topics meanwhile.
void plant_cleared_dirty_set(const std::vector<core::Record>& committed, std::vector<core::Record>& gathered);

}  // namespace mqttvet::driver
