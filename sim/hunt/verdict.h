// Which finding of a run tells that the broker is wrong, as whoever talks to it can tell.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/run/result.h"

namespace mqttvet::sim {

// An oracle's code, or "resources": what is left over when everybody has gone. The broker's own invariants, a
// crash of the run's process and the like are none: another broker would not tell them.
bool is_judges(std::string_view code);

// The code of the earliest finding that is the judges'; an oracle's goes before "resources". nullopt: none.
std::optional<std::string> judged(const RunResult& result);

// Whether some finding of the run has this code.
bool has_code(const RunResult& result, std::string_view code);

}  // namespace mqttvet::sim
