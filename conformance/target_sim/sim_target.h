// The target `sim`: our broker in a simulated world, a fresh one for every run. Time jumps; a restart and a
// crash are real, as far as the world is.
#pragma once

#include <memory>

#include "conformance/harness/target.h"

namespace mqttvet::conformance {

struct SimTargetOptions {
  Variant variant = Variant::plain;
  // Whatever the broker finds wrong with itself ends the run as inconclusive. False: the case alone judges.
  bool check_invariants = true;
};

std::unique_ptr<Target> make_sim_target(const SimTargetOptions& options = {});

}  // namespace mqttvet::conformance
