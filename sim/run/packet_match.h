// Whether a packet is what an expectation asks for.
#pragma once

#include <optional>
#include <string>

#include "conformance/wire/wire.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

// nullopt: the packet fits. Otherwise the first thing that differs: "id is 2, expected 1".
std::optional<std::string> mismatch(const PacketPattern& pattern, const wire::Packet& packet);

// The pattern as it stands in a scenario file: "PUBLISH{id: 1, qos: 2}".
std::string describe(const PacketPattern& pattern);

}  // namespace mqttvet::sim
