// The target `sim`: our broker in a simulated world, a fresh one for every run. Time jumps; a restart and a
// crash are real, as far as the world is.
#pragma once

#include <memory>

#include "broker/core/config.h"
#include "conformance/harness/target.h"

namespace mqttvet::conformance {

std::unique_ptr<Target> make_sim_target(const core::Config& config = {});

}  // namespace mqttvet::conformance
