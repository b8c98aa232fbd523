// The computer that guests run on: a host of the simulated network, with clocks of its own.
#pragma once

#include <string>

#include "sim/world/trace.h"

namespace mqttvet::sim {

// 2026-01-01T00:00:00Z, when every world begins.
constexpr std::chrono::seconds kEpoch{1'767'225'600};

struct Machine {
  std::string host;          // its name in the Network
  Duration clock_offset{0};  // of its wall clock, against the world's
  Duration booted{0};        // what its monotonic clock showed when the world began
  bool powered = true;       // off: its sockets are dead, new connections fail
};

}  // namespace mqttvet::sim
