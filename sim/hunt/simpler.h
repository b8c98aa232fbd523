// Rounder numbers and durations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mqttvet::sim {

// What a person would rather read than this number ("1374") or duration ("12345ms"), the simplest first:
// smaller numbers; durations with fewer digits, or with as many and shorter; so that whoever goes on from one
// of them comes to an end. Empty: neither a number nor a duration, or nothing is simpler.
std::vector<std::string> simpler_than(std::string_view text);

}  // namespace mqttvet::sim
