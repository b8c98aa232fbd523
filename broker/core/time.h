// Time as the core sees it: given with every input, never read.
#pragma once

#include <chrono>

namespace mqttvet::core {

// A clock that only moves forward; its origin is arbitrary and changes with a restart. Every timer uses it.
struct MonotonicClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
// Time since 1970-01-01 UTC; may jump either way. Only what outlives the process is dated with it.
struct WallClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
};
using Monotonic = MonotonicClock::time_point;
using Wall = WallClock::time_point;

struct Now {
  Monotonic monotonic;
  Wall wall;
};

}  // namespace mqttvet::core
