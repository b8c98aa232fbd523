#include "sim/node/node_clock.h"

namespace mqttvet::sim {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
// 2026-01-01T00:00:00Z: when every world begins.
constexpr core::Wall kEpoch{std::chrono::seconds(1'767'225'600)};
// Later than any world lasts, and far from overflow.
constexpr Time kFarFuture = std::chrono::hours(24 * 366 * 100);

}  // namespace

core::Now NodeClock::now() const {
  return {origin_ + measured(world_.now() - booted_at_), kEpoch + wall_offset_ + measured(world_.now())};
}

Duration NodeClock::measured(Duration elapsed) const {
  const __int128 drift = static_cast<__int128>(elapsed.count()) * drift_ppm_ / kMillion;
  return elapsed + Duration(static_cast<std::int64_t>(drift));
}

Time NodeClock::world_time_of(core::Monotonic deadline) const {
  if (deadline <= origin_) return booted_at_;
  const Duration wanted = deadline - origin_;
  if (wanted > kFarFuture) return kFarFuture;
  const __int128 elapsed = static_cast<__int128>(wanted.count()) * kMillion / (kMillion + drift_ppm_);
  Time at = booted_at_ + Duration(static_cast<std::int64_t>(elapsed) - 2);
  while (measured(at - booted_at_) < wanted) ++at;  // the divisions cut off a nanosecond each
  return at;
}

void NodeClock::boot(core::Monotonic origin) {
  origin_ = origin;
  booted_at_ = world_.now();
}

}  // namespace mqttvet::sim
