// How long a session lives, and when its will is published
// (sections 3.1.2.5, 3.1.2.11.2, 3.1.3.2.2, 3.14, 4.1).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

std::string expiry(std::uint32_t seconds) {
  std::string hex = "11";
  for (int shift = 24; shift >= 0; shift -= 8)
    hex += to_hex(std::string(1, static_cast<char>(seconds >> shift & 255)));
  return hex;
}
std::string will_delay(std::uint32_t seconds) {
  return "18" + expiry(seconds).substr(2);
}

bool session_present(TestBroker& world, const std::string& client_id, const ConnectOptions& options) {
  Client client = world.open(options.version == 5);
  client.send(connect(client_id, options));
  return client.received().at(0).starts_with("CONNACK sp=1");
}

// --- Expiry ------------------------------------------------------------------------------------------------

TEST(Session, EndsWithItsConnection_WithoutAnExpiryInterval) {
  TestBroker world;
  world.connect("a", {.version = 5}).cut();
  EXPECT_EQ(world.resources().sessions, 0u);
  EXPECT_EQ(world.resources().timers, 0u);
  EXPECT_FALSE(session_present(world, "a", {.version = 5}));
}

// Two sessions, one instant before the other's end.
TEST(Session, LivesUntilItsExpiryInterval_NotLonger) {
  TestBroker world;
  world.connect("a", {.version = 5, .properties = expiry(10)}).cut();
  world.connect("b", {.version = 5, .properties = expiry(11)}).cut();
  world.advance(10s);
  EXPECT_EQ(world.counters().sessions_expired, 1u);
  EXPECT_TRUE(session_present(world, "b", {.version = 5, .properties = expiry(11)}));
  EXPECT_FALSE(session_present(world, "a", {.version = 5}));
}

TEST(Session, ExpiresThoughTheTickIsLate) {
  TestBroker world;
  world.connect("a", {.version = 5, .properties = expiry(10)}).cut();
  world.now.monotonic += 20s;  // and no Tick
  EXPECT_FALSE(session_present(world, "a", {.version = 5}));
}

TEST(Session, NeverExpires_WithTheGreatestInterval) {
  TestBroker world;
  world.connect("never", {.version = 5, .properties = expiry(0xFFFFFFFF)}).cut();
  world.connect("late", {.version = 5, .properties = expiry(0xFFFFFFFE)}).cut();
  world.connect("half", {.version = 5, .properties = expiry(0x80000000)}).cut();
  world.advance(24h * 365 * 60);
  EXPECT_EQ(world.resources().sessions, 3u);
  EXPECT_TRUE(session_present(world, "never", {.version = 5}));
}

// emqttd D-02: the timer is not left behind.
TEST(Session, WithAConnection_NeverExpires) {
  TestBroker world;
  world.connect("a", {.version = 5, .properties = expiry(10)}).cut();
  world.advance(9s);
  Client client = world.connect("a", {.version = 5, .properties = expiry(10)});
  world.advance(1000h);
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(world.resources().sessions, 1u);
}

TEST(Session, OfVersion311_ExpiresAsConfigured) {
  TestBroker world({.session_expiry_interval_v3 = 60s});
  world.connect("a").cut();
  world.advance(59s);
  EXPECT_EQ(world.resources().sessions, 1u);
  world.advance(1s);
  EXPECT_EQ(world.resources().sessions, 0u);
  EXPECT_FALSE(world.store().has_session("a"));
}

TEST(SessionExpiryInterval, IsShortenedToTheMaximum_AndTold) {
  TestBroker world({.session_expiry_interval_max = 20s});
  Client client = world.open(true);
  client.send(connect("a", {.version = 5, .properties = expiry(100)}));
  EXPECT_NE(client.received().at(0).find(expiry(20)), std::string::npos);
  client.cut();
  world.advance(20s);
  EXPECT_EQ(world.resources().sessions, 0u);
}

TEST(SessionExpiryInterval, OfDisconnect_Replaces) {
  TestBroker world;
  world.connect("a", {.version = 5, .properties = expiry(100)}).send(disconnect(0, expiry(5)));
  world.advance(5s);
  EXPECT_EQ(world.resources().sessions, 0u);
  world.connect("b", {.version = 5, .properties = expiry(100)}).send(disconnect(0, expiry(0)));
  EXPECT_EQ(world.resources().sessions, 0u);
  EXPECT_FALSE(world.store().has_session("b"));
}

TEST(SessionExpiryInterval, OfDisconnect_MayNotBringASessionToLife) {
  TestBroker world;
  Client watcher = world.connect("w");
  watcher.send(subscribe(1, "#", 0)).received();
  Client client = world.connect("a", {.version = 5, .will_topic = "will"});
  client.send(disconnect(0, expiry(5)));
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT rc=82"));
  EXPECT_TRUE(client.closed());
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"));
  EXPECT_EQ(world.resources().sessions, 1u);
}

// --- Will --------------------------------------------------------------------------------------------------

class Will : public ::testing::Test {
 protected:
  Will() { watcher.send(subscribe(1, "#", 2)).received(); }

  Client mortal(const ConnectOptions& how) {
    ConnectOptions options = how;
    options.will_topic = "will";
    return world.connect("mortal", options);
  }

  TestBroker world;
  Client watcher = world.connect("watcher");
};

TEST_F(Will, IsPublishedOnce_WhenTheNetworkFails) {
  mortal({.clean = true, .will_qos = 1}).cut();
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q1 id=1"));
  world.connect("mortal", {.clean = true}).cut();
  world.advance(1000h);
  EXPECT_THAT(watcher.received(), IsEmpty());
}

TEST_F(Will, IsDiscardedByDisconnect_ButNotByReason4) {
  mortal({.version = 5}).send(disconnect(0));
  EXPECT_THAT(watcher.received(), IsEmpty());
  mortal({.version = 4}).send(disconnect());
  EXPECT_THAT(watcher.received(), IsEmpty());
  mortal({.version = 5}).send(disconnect(4));
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"));
  world.advance(1000h);
  EXPECT_THAT(watcher.received(), IsEmpty());
}

TEST_F(Will, IsPublishedWhenTheClientIsSilent) {
  mortal({.clean = true, .keep_alive = 10});
  world.advance(15s + 1ns);
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"));
}

TEST_F(Will, IsPublishedAfterAProtocolError) {
  mortal({.clean = true}).send(from_hex("F0 00"));
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"));
}

TEST_F(Will, IsRetainedIfItSaysSo) {
  mortal({.clean = true, .will_retain = true}).cut();
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"));
  EXPECT_EQ(world.resources().retained_messages, 1u);
}

// Two delayed wills; the later connected has the shorter delay. One instant exactly on each deadline.
TEST_F(Will, WaitsForItsDelay_CountedFromTheDisconnect) {
  Client slow = world.connect(
      "slow",
      {.version = 5, .properties = expiry(100), .will_topic = "slow", .will_properties = will_delay(10)});
  Client fast = world.connect(
      "fast",
      {.version = 5, .properties = expiry(100), .will_topic = "fast", .will_properties = will_delay(2)});
  world.advance(60s);
  slow.cut();
  fast.cut();
  world.advance(2s - 1ns);
  EXPECT_THAT(watcher.received(), IsEmpty());
  world.advance(1ns);
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH fast 'gone' q0"));
  world.advance(8s);
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH slow 'gone' q0"));
}

TEST_F(Will, IsNotPublished_WhenTheClientComesBackInTime) {
  mortal({.version = 5, .properties = expiry(100), .will_properties = will_delay(10)}).cut();
  world.advance(10s - 1ns);
  Client back = world.connect("mortal", {.version = 5, .properties = expiry(100)});
  world.advance(1000s);
  EXPECT_THAT(watcher.received(), IsEmpty());
  back.cut();  // and has no will any more
  world.advance(1000s);
  EXPECT_THAT(watcher.received(), IsEmpty());
}

TEST_F(Will, IsPublishedOnce_WhenTheSessionEndsFirst_OrAtTheSameInstant) {
  for (const std::uint32_t delay : {10u, 5u}) {
    mortal({.version = 5, .properties = expiry(5), .will_properties = will_delay(delay)}).cut();
    world.advance(5s - 1ns);
    EXPECT_THAT(watcher.received(), IsEmpty());
    world.advance(1ns);
    EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"));
    world.advance(1000s);
    EXPECT_THAT(watcher.received(), IsEmpty());
  }
}

// emqttd G-01; section 3.1.4, non-normative: depends on the delay, and on whether the session ends.
TEST_F(Will, OfATakenOverConnection) {
  const auto take_over = [&](bool clean) {
    world.connect("mortal", {.version = 5, .clean = clean, .properties = expiry(100)});
  };
  mortal({.version = 4});
  take_over(false);
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0")) << "no delay";
  mortal({.version = 5, .properties = expiry(100), .will_properties = will_delay(10)});
  take_over(false);
  world.advance(60s);
  EXPECT_THAT(watcher.received(), IsEmpty()) << "the session goes on within the delay";
  mortal({.version = 5, .properties = expiry(100), .will_properties = will_delay(10)});
  take_over(true);
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0")) << "the session has ended";
  mortal({.version = 5, .will_properties = will_delay(10)});
  take_over(false);
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"))
      << "the session ended with its connection";
}

// --- The end -----------------------------------------------------------------------------------------------

TEST(Broker, ReturnsToItsBaseLine_WhenAllSessionsHaveEnded) {
  TestBroker world;
  for (int i = 0; i < 10; ++i) {
    Client client =
        world.connect("c" + std::to_string(i),
                      {.version = 5, .properties = expiry(10), .will_topic = "w/" + std::to_string(i)});
    client.send(subscribe(1, "w/+/" + std::to_string(i), 2, "") + subscribe(2, "#", 1, ""));
    client.cut();
  }
  world.advance(10s);
  const Resources left = world.resources();
  EXPECT_EQ(left.sessions + left.subscriptions + left.filter_nodes + left.queued_messages +
                left.inflight_messages + left.timers + left.wills,
            0u);
}

TEST(Stop, SaysGoodbyeAndKeepsTheSessions) {
  TestBroker world;
  Client v5 = world.connect("v5", {.version = 5, .properties = expiry(10), .will_topic = "w"});
  Client v4 = world.connect("v4");
  v4.send(subscribe(1, "#", 1)).received();
  world.step(Stop{});
  EXPECT_THAT(v5.received(), ElementsAre("DISCONNECT rc=8b"));
  EXPECT_THAT(v4.received(), IsEmpty());
  EXPECT_TRUE(v5.closed());
  EXPECT_TRUE(v4.closed());
  EXPECT_TRUE(world.open().closed());
  world.crash_and_restart(5s);
  EXPECT_TRUE(session_present(world, "v4", {.version = 4}));
  EXPECT_TRUE(session_present(world, "v5", {.version = 5}));
}

TEST(DiskFailure, StopsTheBrokerAtOnce) {
  TestBroker world;
  Client client = world.connect("a", {.will_topic = "w"});
  world.step(Persisted{RecordSequence{1}, false});
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(world.open().closed());
  client.send(publish("t", "m", {.qos = 1, .packet_id = 1}));
  EXPECT_THAT(client.received(), IsEmpty());
}

}  // namespace
}  // namespace mqttvet::core::testing
