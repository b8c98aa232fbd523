// Durations as people write them: "500ms", "1.5s", "3min", "2h".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/world/trace.h"

namespace mqttvet::sim {

// A number, at most nine digits after a point, and one of ns, us, ms, s, min, h; a minus may lead; "0" needs
// no unit. nullopt: anything else, a fraction of a nanosecond, or more than 100 years.
std::optional<Duration> parse_duration(std::string_view text);

// The shortest text that parse_duration reads back exactly: "90s", "1500ms", "2h".
std::string to_text(Duration duration);

}  // namespace mqttvet::sim
