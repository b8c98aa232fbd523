#include "sim/node/node_clock.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

namespace mqttvet::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(NodeClock, RunsFastByItsDrift) {
  World world(1);
  NodeClock clock(world, 1000, seconds(0));  // one per thousand
  clock.boot(core::Monotonic(seconds(50)));
  const core::Wall wall = clock.now().wall;
  world.run_until(seconds(100));
  world.spend(seconds(100) - world.now());
  EXPECT_EQ(clock.now().monotonic, core::Monotonic(milliseconds(150'100)));
  EXPECT_EQ(clock.now().wall - wall, milliseconds(100'100));
}

TEST(NodeClock, AWallJumpLeavesTheMonotonicClockAlone) {
  World world(1);
  NodeClock clock(world, 0, seconds(0));
  const core::Now before = clock.now();
  clock.jump_wall(-seconds(3600));
  EXPECT_EQ(clock.now().monotonic, before.monotonic);
  EXPECT_EQ(clock.now().wall, before.wall - seconds(3600));
}

// A timer neither fires before its deadline has come on this clock, nor a nanosecond later than need be.
RC_GTEST_PROP(NodeClockProperty, WorldTimeOfADeadlineIsTheFirstAtWhichItHasCome, ()) {
  World world(1);
  NodeClock clock(world, *rc::gen::inRange<std::int64_t>(-200'000, 200'000), seconds(0));
  clock.boot(core::Monotonic(seconds(*rc::gen::inRange(0, 1'000'000))));
  const core::Monotonic deadline =
      clock.now().monotonic + std::chrono::nanoseconds(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000));
  const Time at = clock.world_time_of(deadline);
  const auto local_at = [&](Time time) {
    world.spend(time - world.now());
    return clock.now().monotonic;
  };
  if (at > Time(0)) RC_ASSERT(local_at(at - Time(1)) < deadline);
  RC_ASSERT(local_at(at) >= deadline);
}

}  // namespace
}  // namespace mqttvet::sim
