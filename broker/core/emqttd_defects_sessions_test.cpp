// The defects of emqttd 1.1.3 (docs/emqttd-defects.md) that this broker must not have: the life of a session,
// what a cluster of one node can show, wills and keep alive (D, E, G).
#include <functional>

#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

std::string connack(TestBroker& world, const std::string& client_id, const ConnectOptions& options = {}) {
  Client client = world.open(options.version == 5);
  client.send(connect(client_id, options));
  const auto lines = client.received();
  return lines.empty() ? "" : lines.front().substr(0, 18);
}

void subscribe_and_leave(TestBroker& world, const std::string& client_id) {
  Client client = world.connect(client_id);
  client.send(subscribe(1, "t", 1));
  client.cut();
}

// --- D. The life of a session ------------------------------------------------------------------------------

TEST(EmqttdDefects, D01_SessionPresentIsTrue_AtTheVeryInstantOfExpiry) {
  TestBroker world{{.session_expiry_interval_v3 = 10s}};
  subscribe_and_leave(world, "a");
  world.now.monotonic += 10s;  // no Tick has come yet
  world.now.wall += 10s;
  EXPECT_EQ(connack(world, "a"), "CONNACK sp=0 rc=00");
  subscribe_and_leave(world, "a");
  world.advance(10s - 1ns);
  EXPECT_EQ(connack(world, "a"), "CONNACK sp=1 rc=00");
}

TEST(EmqttdDefects, D02_ASessionWithAConnectionDoesNotExpire) {
  TestBroker world{{.session_expiry_interval_v3 = 10s}};
  subscribe_and_leave(world, "a");
  world.advance(9s);
  Client a = world.connect("a");
  world.advance(1h);
  EXPECT_FALSE(a.closed());
  EXPECT_EQ(world.resources().subscriptions, 1u);
}

TEST(EmqttdDefects, D05_ACleanSessionIsNotInherited) {
  TestBroker world;
  Client clean = world.connect("a", {.clean = true});
  clean.send(subscribe(1, "t", 1));
  EXPECT_EQ(connack(world, "a"), "CONNACK sp=0 rc=00");
  EXPECT_TRUE(clean.closed());
  EXPECT_EQ(world.resources().subscriptions, 0u);
}

TEST(EmqttdDefects, D06_AQuickReturnAfterACleanSessionIsAnswered) {
  TestBroker world;
  world.connect("a", {.clean = true}).send(disconnect());
  EXPECT_EQ(connack(world, "a"), "CONNACK sp=0 rc=00");
}

TEST(EmqttdDefects, D07_TheEndOfTheOldSessionDoesNotTouchTheNewOne) {
  TestBroker world;
  Client old = world.connect("a");
  old.send(subscribe(1, "t", 1));
  Client fresh = world.connect("a", {.clean = true});
  fresh.send(subscribe(1, "t", 0)).received();
  old.cut();
  world.connect("p").send(publish("t", "m"));
  EXPECT_THAT(fresh.received(), ElementsAre("PUBLISH t 'm' q0"));
}

TEST(EmqttdDefects, D09_ASessionMayLiveForEver) {
  TestBroker world{{.session_expiry_interval_v3 = codec::kNeverExpires}};
  subscribe_and_leave(world, "a");
  world.advance(std::chrono::hours(24 * 365 * 20));
  EXPECT_EQ(connack(world, "a"), "CONNACK sp=1 rc=00");
}

TEST(EmqttdDefects, D10_ARestartKeepsSessionsAndQueues) {
  TestBroker world;
  subscribe_and_leave(world, "a");
  world.connect("p").send(publish("t", "m", {.qos = 1, .packet_id = 1}));
  world.crash_and_restart();
  EXPECT_THAT(world.connect("a").received(), ElementsAre("PUBLISH t 'm' q1 id=1"));
}

TEST(EmqttdDefects, D12_GeneratedIdsAreUnique) {
  TestBroker world;
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(world.open());
    clients.back().send(connect("", {.clean = true}));
  }
  EXPECT_EQ(world.resources().sessions, 100u);
}

// --- E. What a cluster of one can show ---------------------------------------------------------------------

TEST(EmqttdDefects, E03_ASubscriptionIsActiveBeforeItsSuback) {
  TestBroker world;
  Client a = world.connect("a");
  a.send(subscribe(1, "fresh", 0) + publish("fresh", "m"));  // in one segment
  EXPECT_THAT(a.received(), ElementsAre("SUBACK 1 [00]", "PUBLISH fresh 'm' q0"));
}

TEST(EmqttdDefects, E08_TheTreeHoldsNothingWithoutSubscriptions) {
  TestBroker world;
  Client a = world.connect("a", {.clean = true});
  a.send(subscribe(1, "x/+/y/#", 0) + subscribe(2, "$queue/q/#", 0) + subscribe(3, "$share/g/s", 0));
  a.cut();
  EXPECT_EQ(world.resources().filter_nodes, 0u);
  EXPECT_EQ(world.resources().shared_groups, 0u);
}

TEST(EmqttdDefects, E10_AQueueDeliversEachMessageOnce) {
  TestBroker world;
  std::vector<Client> members;
  for (const std::string id : {"a", "b", "c"}) {
    members.push_back(world.connect(id));
    members.back().send(subscribe(1, "$queue/t", 0)).received();
  }
  Client p = world.connect("p");
  for (int i = 0; i < 10; ++i) p.send(publish("t", "m"));
  std::size_t delivered = 0;
  for (Client& member : members) delivered += member.received().size();
  EXPECT_EQ(delivered, 10u);
}

// --- G. Wills and keep alive -------------------------------------------------------------------------------

TEST(EmqttdDefects, G01_AWillIsPublishedOnce_HoweverTheConnectionEnds) {
  const auto published = [](const std::function<void(TestBroker&, Client&)>& end) {
    TestBroker world;
    Client watcher = world.connect("w");
    watcher.send(subscribe(1, "will", 0)).received();
    Client a = world.connect("a", {.keep_alive = 10, .will_topic = "will"});
    end(world, a);
    world.advance(1h);
    return watcher.received().size();
  };
  EXPECT_EQ(published([](TestBroker& world, Client&) { world.connect("a"); }), 1u);
  EXPECT_EQ(published([](TestBroker& world, Client&) { world.connect("a", {.clean = true}); }), 1u);
  EXPECT_EQ(published([](TestBroker&, Client& a) { a.cut(); }), 1u);
  EXPECT_EQ(published([](TestBroker&, Client&) {}), 1u);  // keep alive
  EXPECT_EQ(published([](TestBroker&, Client& a) { a.send(disconnect()); }), 0u);
}

TEST(EmqttdDefects, G02_ASilentClientGoesAfter150PercentOfItsKeepAlive) {
  TestBroker world;
  Client a = world.connect("a", {.keep_alive = 10});
  world.advance(15s);
  EXPECT_FALSE(a.closed());
  world.advance(1ms);
  EXPECT_TRUE(a.closed());
  a = world.connect("a", {.keep_alive = 10});
  world.advance(10s);
  a.send("\xC0");  // the first byte of PINGREQ is no packet
  world.advance(5s + 1ms);
  EXPECT_TRUE(a.closed());
}

}  // namespace
}  // namespace mqttvet::core::testing
