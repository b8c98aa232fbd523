// LIV, ROB, TIM: connections that the broker closes without a reason.
#pragma once

#include <vector>

#include "sim/checkers/plan_facts.h"
#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

// Blames a connection that the broker closed although the client had been let in, kept its keep-alive, sent
// nothing but what any broker takes, nobody else used its client identifier, and no fault came before.
void check_closings(const WireView& view, const PlanFacts& facts, std::vector<Violation>& violations);

}  // namespace mqttvet::sim
