// What a listener allows its connections, where that is less than the configuration does.
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

std::optional<Monotonic> throttled_until(const TestBroker& world, ConnectionId id) {
  std::optional<Monotonic> until;
  for (const Action& action : world.last_actions())
    if (const auto* throttle = std::get_if<Throttle>(&action); throttle && throttle->connection == id)
      until = throttle->until;
  return until;
}

TEST(ConnectionLimits, TheListenersPacketSizeIsEnforced_AndTold) {
  TestBroker world;
  Client alice = world.open(true, {.packet_size_bytes_max = 100});
  alice.send(connect("alice", {.version = 5}));
  // Receive Maximum 100, Maximum Packet Size 100, Shared Subscription Available 0
  EXPECT_NE(to_hex(world.sent[alice.id()]).find("2700000064"), std::string::npos)
      << to_hex(world.sent[alice.id()]);
  alice.received();
  alice.send(publish("t", std::string(120, 'x'), {.properties = ""}));
  EXPECT_THAT(alice.received(), ElementsAre("DISCONNECT rc=95"));
}

TEST(ConnectionLimits, ConnectMustBeThereByTheListenersTime) {
  TestBroker world;
  Client alice = world.open(false, {.connect_by = world.now.monotonic + 2s});
  world.advance(2s - 1ns);
  EXPECT_FALSE(alice.closed());
  world.advance(1ns);
  EXPECT_TRUE(alice.closed());
}

TEST(ConnectionLimits, MessagesUpToTheRate_AreNotThrottled) {
  TestBroker world;
  Client alice = world.open(false, {.message_rate_max = 4});
  alice.send(connect("alice"));
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < 4; ++i) {
      alice.send(publish("t", "x"));
      EXPECT_FALSE(throttled_until(world, alice.id())) << i;
    }
    world.advance(1s);
  }
}

TEST(ConnectionLimits, FasterThanTheRate_ReadingRestsUntilItIsMadeUpFor_AndNothingIsLost) {
  TestBroker world;
  Client bob = world.connect("bob");
  bob.send(subscribe(1, "t", 0));
  bob.received();
  Client alice = world.open(false, {.message_rate_max = 4});
  alice.send(connect("alice"));
  std::string burst;
  for (int i = 0; i < 6; ++i) burst += publish("t", "x");
  alice.send(burst);
  EXPECT_EQ(bob.received().size(), 6u) << "what has been received is handled";
  EXPECT_EQ(throttled_until(world, alice.id()), world.now.monotonic + 500ms) << "two more than four";
}

TEST(ConnectionLimits, WhoIsThrottledIsNotSilent) {
  TestBroker world;
  Client alice = world.open(false, {.message_rate_max = 1});
  alice.send(connect("alice", {.keep_alive = 2}));
  std::string burst;
  for (int i = 0; i < 11; ++i) burst += publish("t", "x");
  alice.send(burst);
  EXPECT_EQ(throttled_until(world, alice.id()), world.now.monotonic + 10s);
  world.advance(13s);
  EXPECT_FALSE(alice.closed()) << "the keep alive begins when we listen again";
  world.advance(1ns);
  EXPECT_TRUE(alice.closed());
}

}  // namespace
}  // namespace mqttvet::core::testing
