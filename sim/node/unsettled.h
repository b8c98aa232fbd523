// Planted nondeterminism: what a broker must never let into its world. Running everything twice has to tell.
#pragma once

#include <cstdint>

#include "sim/world/trace.h"

namespace mqttvet::sim {

enum class Unsettled : std::uint8_t {
  none,
  clock,   // the real one
  order,   // of an unordered container of pointers
  memory,  // a byte that nobody has written
};

// Less than a microsecond, and another one in another process. none: 0.
Duration unsettled_delay(Unsettled by);

}  // namespace mqttvet::sim
