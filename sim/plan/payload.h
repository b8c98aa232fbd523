// What a plan's publish carries: the same words whichever program drives the client.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

// The payload of the `nth` message (from 1) of a publish: what the plan says, numbered "-1", "-2", ... if
// there are several; where it says nothing "CLIENT#N", N counting in `generated`; filled up to the size asked
// for.
std::string payload_of(const DoPublish& publish, int nth, std::string_view client, std::uint64_t& generated);

}  // namespace mqttvet::sim
