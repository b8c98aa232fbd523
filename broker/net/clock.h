// The clocks of this machine.
#pragma once

#include <chrono>

#include "broker/core/time.h"

namespace mqttvet::net {

inline core::Now now() {
  using std::chrono::nanoseconds;
  return {core::Monotonic(nanoseconds(std::chrono::steady_clock::now().time_since_epoch())),
          core::Wall(nanoseconds(std::chrono::system_clock::now().time_since_epoch()))};
}

}  // namespace mqttvet::net
