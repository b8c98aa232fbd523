// A live target described by a file (docs/conformance.md).
#pragma once

#include <string>

#include "conformance/target_live/live_target.h"

namespace mqttvet::conformance {

// Throws std::runtime_error with one line: file, line, what was expected.
LiveOptions read_target_file(const std::string& path);

// A target of which nothing but its address is known. Throws std::invalid_argument.
LiveOptions live_options_of_url(const std::string& url);

}  // namespace mqttvet::conformance
