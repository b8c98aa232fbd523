#include "sim/world/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(World, RunsEventsInTheOrderOfTimeThenOfScheduling) {
  World world(1);
  std::vector<std::string> seen;
  world.schedule(2ms, [&] { seen.push_back("late"); });
  world.schedule(1ms, [&] { seen.push_back("first"); });
  world.schedule(1ms, [&] { seen.push_back("second"); });
  EXPECT_EQ(world.run_until(1s), World::Ended::idle);
  EXPECT_THAT(seen, ElementsAre("first", "second", "late"));
  EXPECT_EQ(world.now(), 2ms);
}

TEST(World, RunsWhatIsDueAtTheVeryEnd_AndNothingLater) {
  World world(1);
  int ran = 0;
  world.schedule(10ms, [&] { ++ran; });
  world.schedule(11ms, [&] { ++ran; });
  EXPECT_EQ(world.run_until(10ms), World::Ended::time_up);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(world.now(), 10ms);
  EXPECT_EQ(world.next_event(), Time(11ms));
}

TEST(World, ATimeInThePastMeansNow) {
  World world(1);
  Time ran_at{0};
  world.schedule(5ms, [&] { world.schedule(1ms, [&] { ran_at = world.now(); }); });
  world.run_until(1s);
  EXPECT_EQ(ran_at, 5ms);
}

TEST(World, ForgetsACancelledEvent_EvenWhenItIsTheNext) {
  World world(1);
  bool ran = false;
  const auto event = world.schedule(1ms, [&] { ran = true; });
  world.schedule(2ms, [] {});
  world.cancel(event);
  EXPECT_EQ(world.next_event(), Time(2ms));
  world.run_until(1s);
  EXPECT_FALSE(ran);
}

TEST(World, AnOldIdNeverCancelsTheNextUserOfItsSlot) {
  World world(1);
  bool ran = false;
  const auto old = world.schedule(1ms, [] {});
  world.cancel(old);
  world.schedule(1ms, [&] { ran = true; });
  world.cancel(old);
  world.cancel(World::EventId::none);
  world.run_until(1s);
  EXPECT_TRUE(ran);
}

TEST(World, CancelledTimersDoNotPileUp) {
  World world(1);
  world.schedule(1s, [] {});
  for (int i = 0; i < 1'000'000; ++i) world.cancel(world.schedule(1h, [] {}));
  world.run_until(2s);
  EXPECT_EQ(world.next_event(), std::nullopt);
}

TEST(World, StopEndsTheRunAfterTheEvent_AndTheNextRunGoesOn) {
  World world(1);
  int ran = 0;
  world.schedule(1ms, [&] { ++ran, world.stop(); });
  world.schedule(1ms, [&] { ++ran; });
  EXPECT_EQ(world.run_until(1s), World::Ended::stopped);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(world.run_until(1s), World::Ended::idle);
  EXPECT_EQ(ran, 2);
}

TEST(World, AGuestsWorkTakesTime_ButNeverPassesTheNextEvent) {
  World world(1);
  std::vector<Time> event_times;
  int guest_runs = 0;
  world.schedule(3ms, [&] { event_times.push_back(world.now()); });
  world.attach_guests([&] {
    if (guest_runs == 3) return false;
    ++guest_runs;
    world.spend(2ms);
    return true;
  });
  EXPECT_EQ(world.run_until(1s), World::Ended::idle);
  EXPECT_THAT(event_times, ElementsAre(Time(3ms)));
  EXPECT_EQ(world.now(), 5ms);  // 2, then 3 (held by the event), then 5
}

TEST(World, AGuestThatNeverRestsIsEndedByTheClock) {
  World world(1);
  world.attach_guests([&] {
    while (!world.next_event() || *world.next_event() > world.now()) world.spend(1us);
    return true;
  });
  EXPECT_EQ(world.run_until(1ms), World::Ended::time_up);
  EXPECT_EQ(world.now(), 1ms);
}

TEST(World, OneSeedOnePurposeOneStream) {
  World world(7);
  Random a = world.random("latency");
  Random same = world.random("latency");
  Random other = world.random("schedule");
  EXPECT_EQ(a.next(), same.next());
  EXPECT_NE(a.next(), other.next());
}

}  // namespace
}  // namespace mqttvet::sim
