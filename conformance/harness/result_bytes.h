// A CaseResult as bytes, between processes. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "conformance/harness/runner.h"

namespace mqttvet::conformance {

std::string to_bytes(const CaseResult& result);
// Throws std::runtime_error if it is not what to_bytes() made.
CaseResult from_bytes(std::string_view bytes);

}  // namespace mqttvet::conformance
