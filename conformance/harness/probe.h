// What a target can do, found out before cases run.
#pragma once

#include <string>

#include "conformance/harness/target.h"

namespace mqttvet::conformance {

// Connects once in every version, reads the limits that CONNACK of 5.0 announces, tries QoS 2, and sets the
// target's facts. Returns what is wrong if the target can't be reached at all (no network connection); a
// target that can be reached and speaks no MQTT keeps every version: its cases will tell.
std::string probe(Target& target);

}  // namespace mqttvet::conformance
