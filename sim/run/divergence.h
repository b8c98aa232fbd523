// Two runs of one plan that should have been one and the same: where do they part?
#pragma once

#include <functional>
#include <string>

#include "sim/run/run.h"

namespace mqttvet::sim {

// Carries `job` out twice, each time in a child process with a listener, the second time in a perturbed one
// (perturb.h), and names the first event in which the two differ; or says that this time they did not. One line.
std::string first_divergence(
    const std::function<void(const std::function<void(const Trace::Entry&)>& listen)>& job);

}  // namespace mqttvet::sim
