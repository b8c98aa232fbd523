// What of the configuration a broker takes over while it runs.
#pragma once

#include "broker/core/config.h"

namespace mqttvet::core {

// Gives `running` the values that `wanted` has for the limits which are looked up when they are needed, and
// that no client was told. Everything else needs a restart, and stays as it is: what CONNACK has promised,
// and what sessions, timers or the store were made with.
void take_live_keys(Config& running, const Config& wanted);

}  // namespace mqttvet::core
