// The faults of a generated plan.
#pragma once

#include "sim/plan/generate.h"

namespace mqttvet::sim {

// In the order of their ids. All of them begin after the first second and before `end`.
std::vector<Fault> generate_faults(std::uint64_t seed, const std::vector<ClientPlan>& clients, Duration end,
                                   const GeneratorOptions& options);

}  // namespace mqttvet::sim
