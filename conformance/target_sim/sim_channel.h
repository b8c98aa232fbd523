// One connection of the simulated network as a Channel, from whichever end. Internal to this folder.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "conformance/harness/target.h"
#include "sim/network/network.h"
#include "sim/world/world.h"

namespace mqttvet::conformance {

// Whatever it tells also stops the world, so that whoever waits looks at it at once.
// `fault_struck`: of a connection on which something may go wrong.
std::unique_ptr<Channel> make_sim_channel(sim::World& world, sim::EndpointPtr endpoint, ChannelEvents& events,
                                          std::function<bool()> fault_struck = nullptr);

}  // namespace mqttvet::conformance
