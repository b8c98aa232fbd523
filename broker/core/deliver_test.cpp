// The queue and its limits, expiry, packets that are too large, clients that read slowly
// (sections 3.1.2.11.4, 3.3.2.3.3, 4.4, 4.6), and what a restart brings back.
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

class Delivery : public ::testing::Test {
 protected:
  explicit Delivery(const Config& config = {}) : world(config) {}

  Client subscribed(const ConnectOptions& options = {}) {
    Client client = world.connect("s", options);
    client.send(subscribe(1, "t", 2, options.version == 5 ? std::optional<std::string>("") : std::nullopt))
        .received();
    return client;
  }
  void publish_one(const std::string& payload, int qos, const std::string& properties = "") {
    publisher.send(publish("t", payload, {.qos = qos, .packet_id = 1, .properties = properties}));
    if (qos == 2) publisher.send(pubrel(1));
  }

  TestBroker world;
  Client publisher = world.connect("p", {.version = 5, .properties = "11FFFFFFFF"});
};

// --- The queue ---------------------------------------------------------------------------------------------

class SmallQueue : public Delivery {
 protected:
  SmallQueue() : Delivery({.queue_messages_max = 3, .queue_qos0 = true}) {}
};

TEST_F(SmallQueue, DropsTheOldest_AndSaysSoOnce) {
  subscribed().cut();
  for (const char* payload : {"1", "2", "3", "4", "5"}) publish_one(payload, 1);
  Client client = world.connect("s");
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH t '3' q1 id=1", "PUBLISH t '4' q1 id=2", "PUBLISH t '5' q1 id=3"));
  EXPECT_EQ(world.counters().dropped_queue_full, 2u);
  EXPECT_EQ(std::count(world.log.begin(), world.log.end(), "queue full: s"), 1);
}

// emqttd I-01
TEST_F(SmallQueue, DropsQos0First_AndNeverForQos0) {
  subscribed().cut();
  for (const auto& [payload, qos] : {std::pair("1", 1), {"zero", 0}, {"2", 1}, {"3", 1}, {"zero", 0}})
    publish_one(payload, qos);
  Client client = world.connect("s");
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH t '1' q1 id=1", "PUBLISH t '2' q1 id=2", "PUBLISH t '3' q1 id=3"));
}

TEST_F(SmallQueue, KeepsQos0InOrder_BehindAFullWindow) {
  const ConnectOptions narrow{.version = 5, .properties = "11000000FF 210001"};
  subscribed(narrow).cut();
  publish_one("1", 1);
  publish_one("2", 1);
  publish_one("zero", 0);
  Client client = world.connect("s", narrow);
  publish_one("newer", 0);  // drops the older of its kind: the queue is full
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '1' q1 id=1"));
  client.send(puback(1)).send(puback(2));
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH t '2' q1 id=2", "PUBLISH t 'zero' q0", "PUBLISH t 'newer' q0"));
}

TEST_F(Delivery, OfQos0_IsDroppedOffline_UnlessConfigured) {
  subscribed().cut();
  publish_one("m", 0);
  EXPECT_EQ(world.counters().dropped_qos0_offline, 1u);
  EXPECT_THAT(world.connect("s").received(), IsEmpty());
}

TEST_F(Delivery, OfALongQueue_GoesOnToItsEnd) {
  subscribed().cut();
  for (int i = 1; i <= 150; ++i) publish_one(std::to_string(i), 1);
  Client client = world.connect("s");
  int expected = 0;
  for (auto lines = client.received(); !lines.empty(); lines = client.received()) {
    for (const std::string& line : lines) {
      ++expected;
      EXPECT_THAT(line, ::testing::StartsWith("PUBLISH t '" + std::to_string(expected) + "' q1"));
      client.send(puback(static_cast<std::uint16_t>(expected)));
    }
  }
  EXPECT_EQ(expected, 150);
}

// --- Resending ---------------------------------------------------------------------------------------------

// emqttd B-01, B-02; broker-bugs B022: as long as it isn't acknowledged, every resume sends it again.
TEST_F(Delivery, IsRepeatedByEveryResume) {
  Client client = subscribed();
  publish_one("one", 1);
  publish_one("two", 2);
  client.send(pubrec(2)).received();
  for (int round = 0; round < 3; ++round) {
    client.cut();
    world.advance(1h);
    if (round == 1) world.crash_and_restart();
    client = world.connect("s");
    EXPECT_THAT(client.received(), ElementsAre("PUBREL 2", "PUBLISH t 'one' q1 id=1 dup"));
  }
  client.send(puback(1)).send(pubcomp(2));
  EXPECT_EQ(world.resources().inflight_messages, 0u);
}

// emqttd B-03
TEST_F(Delivery, ResendsPubrelsInTheOrderOfTheirPubrecs_AlsoAfterARestart) {
  Client client = subscribed();
  std::vector<std::string> expected;
  for (int i = 1; i <= 40; ++i) publish_one("m", 2);
  for (int i = 0; i < 40; ++i) {
    const int id = i * 7 % 40 + 1;
    client.send(pubrec(static_cast<std::uint16_t>(id)));
    expected.push_back("PUBREL " + std::to_string(id));
  }
  world.crash_and_restart();
  EXPECT_EQ(world.connect("s").received(), expected);
}

TEST_F(Delivery, ResendsAllIn311_AndWithinReceiveMaximumIn5) {
  Client client = subscribed();
  for (const char* payload : {"1", "2", "3"}) publish_one(payload, 1);
  client.cut();
  client = world.connect("s", {.version = 5, .properties = "11000000FF 210002"});
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '1' q1 id=1 dup", "PUBLISH t '2' q1 id=2 dup"));
  publish_one("4", 1);
  client.send(puback(1));
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '3' q1 id=3 dup"));
  client.send(puback(2));
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '4' q1 id=4"));
  client.cut();
  client = world.connect("s");
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '3' q1 id=3 dup", "PUBLISH t '4' q1 id=4 dup"));
}

TEST_F(Delivery, IsNotRepeatedOnALiveConnection) {
  Client client = subscribed();
  publish_one("m", 1);
  client.received();
  world.advance(1000h);
  EXPECT_THAT(client.received(), IsEmpty());
}

class Retry : public Delivery {
 protected:
  Retry() : Delivery({.retry_interval = 10s}) {}
};

// emqttd A-06: an interval after the last sending, and never after the acknowledgement.
TEST_F(Retry, RepeatsForVersion311Alone) {
  Client client = subscribed();
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(subscribe(1, "t", 2, "")).received();
  publish_one("one", 1);
  world.advance(4s);
  publish_one("two", 2);
  client.send(pubrec(2)).received();
  v5.received();
  world.advance(6s - 1ns);
  EXPECT_THAT(client.received(), IsEmpty());
  world.advance(1ns);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t 'one' q1 id=1 dup"));
  world.advance(4s);
  EXPECT_THAT(client.received(), ElementsAre("PUBREL 2"));
  client.send(puback(1)).send(pubcomp(2));
  world.advance(1000h);
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_THAT(v5.received(), IsEmpty());
}

// --- Message expiry ----------------------------------------------------------------------------------------

TEST_F(Delivery, OfExpiredMessages_IsSkipped_AndTheIntervalCountsDown) {
  const ConnectOptions v5{.version = 5, .properties = "11FFFFFFFF"};
  subscribed(v5).cut();
  publish_one("short", 1, "0200000002");
  publish_one("long", 1, "020000000A");
  publish_one("for ever", 1);
  world.advance(2s);  // exactly
  Client client = world.connect("s", v5);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH t 'long' q1 id=1 {0200000008}", "PUBLISH t 'for ever' q1 id=2"));
  EXPECT_EQ(world.counters().dropped_expired, 1u);
}

// Broker-bugs B034, B068: an exchange that has begun goes on; a queue keeps its age over a restart.
TEST_F(Delivery, ThatHasBegun_IsNotEndedByExpiry) {
  const ConnectOptions v5{.version = 5, .properties = "11FFFFFFFF"};
  Client client = subscribed(v5);
  publish_one("sent", 2, "0200000002");
  publish_one("released", 2, "0200000002");
  client.send(pubrec(2)).received();
  client.cut();
  publish_one("queued", 2, "0200000002");
  world.crash_and_restart();
  world.advance(100s);
  client = world.connect("s", v5);
  EXPECT_THAT(client.received(), ElementsAre("PUBREL 2", "PUBLISH t 'sent' q2 id=1 dup {0200000000}"));
}

// --- Sizes and slow readers --------------------------------------------------------------------------------

TEST_F(Delivery, OfTooLargePackets_IsLeftOut_AndTheNextGoesOn) {
  // Maximum Packet Size 20, Receive Maximum 1. Overhead: 2 + 3 (topic) + 2 (id) + 1 (properties) = 8 bytes.
  const ConnectOptions small{.version = 5, .properties = "11000000FF 2700000014 210001"};
  Client client = subscribed(small);
  publish_one(std::string(13, 'x'), 1);
  publish_one(std::string(12, 'x'), 1);
  publish_one(std::string(15, 'x'), 0);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t 'xxxxxxxxxxxx' q1 id=1"));
  EXPECT_EQ(world.counters().dropped_too_large, 2u);
  client.cut();
  EXPECT_THAT(world.connect("s").received(), ElementsAre("PUBLISH t 'xxxxxxxxxxxx' q1 id=1 dup"));
}

class SlowReader : public Delivery {
 protected:
  SlowReader() : Delivery({.write_queue_bytes_max = 100}) {}
};

TEST_F(SlowReader, LosesQos0_AndGetsTheRestWhenItReads) {
  Client client = subscribed();
  world.written_at_once = false;
  for (int i = 1; i <= 6; ++i) publish_one(std::to_string(i) + std::string(60, '.'), i % 2);
  const auto bytes = world.sent[client.id()].size();
  EXPECT_EQ(client.received().size(), 2u);
  EXPECT_EQ(world.counters().dropped_qos0_congested, 2u);
  world.step(Written{client.id(), bytes});
  const auto lines = client.received();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].substr(0, 12), "PUBLISH t '3");
  EXPECT_EQ(lines[1].substr(0, 12), "PUBLISH t '5");
}

TEST_F(SlowReader, ThatOnlyAsks_IsClosed) {
  world.written_at_once = false;
  Client client = world.connect("greedy");
  for (int i = 0; i < 2000 && !client.closed(); ++i) {
    std::string pings;
    for (int k = 0; k < 1000; ++k) pings += pingreq();
    client.send(pings);
  }
  EXPECT_TRUE(client.closed());
}

// --- Restart -----------------------------------------------------------------------------------------------

TEST_F(Delivery, GoesOnAfterARestart_WhereItWas) {
  Client client = subscribed();
  publish_one("released", 2);
  publish_one("sent", 1);
  client.send(pubrec(1)).received();
  client.cut();
  publish_one("queued", 2);
  world.crash_and_restart(60s);
  client = world.open();
  client.send(connect("s"));
  EXPECT_THAT(client.received(), ElementsAre("CONNACK sp=1 rc=00", "PUBREL 1", "PUBLISH t 'sent' q1 id=2 dup",
                                             "PUBLISH t 'queued' q2 id=3"));
}

TEST_F(Delivery, GoesOnWithinTheWindow_AfterARestart) {
  Client client = subscribed();
  for (const char* payload : {"1", "2", "3"}) publish_one(payload, 1);
  world.crash_and_restart();
  client = world.connect("s", {.version = 5, .properties = "11000000FF 210001"});
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '1' q1 id=1 dup"));
}

class Restart : public ::testing::Test {
 protected:
  TestBroker world{{.session_expiry_interval_v3 = 60s}};
};

// Broker-bugs B071; one session was offline when the broker stopped, one was not.
TEST_F(Restart, CountsTheExpiryOfTheOffline_AndBeginsThatOfTheConnected) {
  world.connect("offline").cut();
  world.connect("connected");
  world.advance(30s);
  world.crash_and_restart(20s);
  world.advance(10s - 1ns);
  EXPECT_EQ(world.resources().sessions, 2u);
  world.advance(1ns);
  EXPECT_EQ(world.resources().sessions, 1u);
  world.crash_and_restart(20s);  // a second one, within the other's interval
  world.advance(30s - 1ns);
  EXPECT_EQ(world.resources().sessions, 1u);
  world.advance(1ns);
  EXPECT_EQ(world.resources().sessions, 0u);
}

TEST_F(Restart, WithAJumpedWallClock_NeitherEndsNorProlongsASession) {
  world.connect("a").cut();
  world.now.wall -= 1000h;
  world.crash_and_restart();
  world.advance(60s - 1ns);
  EXPECT_EQ(world.resources().sessions, 1u);
  world.advance(1ns);
  EXPECT_EQ(world.resources().sessions, 0u);
}

TEST_F(Restart, PublishesTheWill_UnlessItsClientIsBackInTime) {
  const ConnectOptions mortal{
      .version = 5, .properties = "11000000FF", .will_topic = "will", .will_properties = "1800000005"};
  world.connect("late", mortal);
  world.connect("early", mortal);
  world.connect("polite", mortal).send(disconnect(0));
  Client watcher = world.connect("w");
  watcher.send(subscribe(1, "will", 0));
  world.crash_and_restart(100s);
  watcher = world.connect("w");
  world.connect("early", {.version = 5, .properties = "11000000FF"});
  world.advance(5s - 1ns);
  EXPECT_THAT(watcher.received(), IsEmpty());
  world.advance(1ns);
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"));
  world.crash_and_restart();
  watcher = world.connect("w");
  world.advance(5s);
  EXPECT_THAT(watcher.received(), IsEmpty());
}

TEST_F(Restart, LeavesNothingOfSessionsThatEndWithTheirConnections) {
  Client clean = world.connect("clean", {.clean = true, .will_topic = "w"});
  clean.send(subscribe(1, "t", 1));
  world.crash_and_restart();
  EXPECT_EQ(world.resources().sessions, 0u);
  EXPECT_EQ(world.resources().subscriptions, 0u);
}

TEST_F(Restart, ForgetsASessionThatNoLongerWantsToPersist) {
  world.connect("a", {.version = 5, .properties = "11000000FF"}).send(subscribe(1, "t", 1, ""));
  Client again = world.connect("a", {.version = 5});  // resumed, and ends with this connection
  EXPECT_FALSE(world.store().has_session("a"));
  again.cut();
  EXPECT_EQ(world.resources().sessions, 0u);
}

// --- The barrier -------------------------------------------------------------------------------------------

std::uint64_t last_record(const Actions& actions) {
  std::uint64_t last = 0;
  for (const Action& action : actions) {
    if (const auto* persist = std::get_if<Persist>(&action))
      last = static_cast<std::uint64_t>(persist->sequence);
  }
  return last;
}

// An acknowledgement never outruns the state it promises.
TEST_F(Delivery, MakesAcknowledgementsWaitForWhatTheyPromise) {
  Client client = subscribed();
  const auto waits = [&](Client& sender, const std::string& packet) {
    sender.send(packet);
    const std::uint64_t last = last_record(world.last_actions());
    EXPECT_NE(last, 0u);
    for (const Action& action : world.last_actions()) {
      const auto* send = std::get_if<Send>(&action);
      if (send == nullptr) continue;
      EXPECT_GT(static_cast<std::uint64_t>(send->after), 0u);
      if (send->connection != sender.id()) continue;
      EXPECT_EQ(static_cast<std::uint64_t>(send->after), last);
    }
  };
  waits(client, subscribe(9, "u", 1));                                                // SUBACK
  waits(client, unsubscribe(9, "u"));                                                 // UNSUBACK
  waits(publisher, publish("t", "m", {.qos = 1, .packet_id = 1, .properties = ""}));  // PUBACK, and PUBLISH
  waits(publisher, publish("none", "m", {.qos = 2, .packet_id = 2, .properties = ""}));  // PUBREC
  waits(publisher, pubrel(2));                                                           // PUBCOMP
  publisher.send(publish("t", "m", {.qos = 2, .packet_id = 3, .properties = ""}));
  waits(client, pubrec(2));  // PUBREL
  Client late = world.open();
  waits(late, connect("new"));  // CONNACK
}

}  // namespace
}  // namespace mqttvet::core::testing
