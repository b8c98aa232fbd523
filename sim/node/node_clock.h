// The clocks of one machine: not the world's. They run a little fast or slow, the wall clock may be wrong and
// may jump, and the monotonic one begins somewhere else after every boot.
#pragma once

#include <cstdint>

#include "broker/core/time.h"
#include "sim/world/world.h"

namespace mqttvet::sim {

class NodeClock {
 public:
  // drift_ppm: microseconds gained per second; more than -1'000'000. wall_offset: the wall clock's first
  // error.
  NodeClock(const World& world, std::int64_t drift_ppm, Duration wall_offset)
      : world_(world), drift_ppm_(drift_ppm), wall_offset_(wall_offset) {}

  core::Now now() const;

  // The first time of the world at which now().monotonic is not before `deadline`.
  Time world_time_of(core::Monotonic deadline) const;

  // From now on the monotonic clock counts from `origin`.
  void boot(core::Monotonic origin);

  void jump_wall(Duration by) { wall_offset_ += by; }

 private:
  // What this machine measures while `elapsed` passes in the world.
  Duration measured(Duration elapsed) const;

  const World& world_;
  std::int64_t drift_ppm_;
  Duration wall_offset_;
  core::Monotonic origin_{};
  Time booted_at_{0};
};

}  // namespace mqttvet::sim
