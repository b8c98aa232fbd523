// RunResult <-> bytes, for the pipe between a child that ran it and its parent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/run/result.h"

namespace mqttvet::sim {

// Compact JSON on one line. Text that is no UTF-8 has its bad bytes replaced.
std::string to_text(const RunResult& result);

// nullopt: this is not the whole text of a result (the child died while it wrote).
std::optional<RunResult> result_from(std::string_view text);

}  // namespace mqttvet::sim
