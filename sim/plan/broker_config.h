// The broker's part of a plan as a core::Config.
#pragma once

#include "broker/core/config.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

// Keys are applied in the order of their names. Of a plan that was checked; a wrong key is passed over.
core::Config broker_config(const BrokerPlan& plan);

}  // namespace mqttvet::sim
