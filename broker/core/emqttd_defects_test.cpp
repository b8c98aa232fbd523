// The defects of emqttd 1.1.3 (docs/emqttd-defects.md) that this broker must not have: packet identifiers,
// the window, resuming, and QoS 2 (A, B, C).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

// Publishes `count` messages to "t" with payloads 1, 2, ...
void publish_some(TestBroker& world, int count, int qos) {
  Client publisher = world.connect("publisher", {.clean = true});
  for (int i = 1; i <= count; ++i) {
    publisher.send(publish("t", std::to_string(i), {.qos = qos, .packet_id = 1}));
    if (qos == 2) publisher.send(pubrel(1));
  }
}

Client subscriber(TestBroker& world, int qos, const ConnectOptions& options = {}) {
  Client client = world.connect("s", options);
  client.send(subscribe(1, "t", qos, options.version == 5 ? std::optional<std::string>("") : std::nullopt))
      .received();
  return client;
}

// --- A. Packet identifiers and the window ------------------------------------------------------------------

TEST(EmqttdDefects, A01_AnIdInUseIsNotGivenOutAgain) {
  TestBroker world{{.max_inflight = 2, .last_packet_id = 3}};
  Client s = subscriber(world, 1);
  publish_some(world, 4, 1);
  s.received();
  s.send(puback(2));
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '3' q1 id=3"));
  s.send(puback(3));
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '4' q1 id=2"));  // 1 is still in use
}

TEST(EmqttdDefects, A02_NothingIsInFlight_WhenAllIsAcknowledged) {
  TestBroker world{{.max_inflight = 3, .last_packet_id = 3}};
  Client s = subscriber(world, 1);
  publish_some(world, 7, 1);
  for (const std::uint16_t id : {2, 3, 1, 2, 3, 1, 2, 3, 1}) s.send(puback(id));
  EXPECT_EQ(world.resources().inflight_messages, 0u);
  EXPECT_EQ(world.resources().queued_messages, 0u);
}

TEST(EmqttdDefects, A03_PubrecFreesNoId) {
  TestBroker world{{.max_inflight = 2, .last_packet_id = 2}};
  Client s = subscriber(world, 2);
  publish_some(world, 3, 2);
  s.received();
  s.send(pubrec(1) + pubrec(2));
  EXPECT_THAT(s.received(), ElementsAre("PUBREL 1", "PUBREL 2"));
  s.send(pubcomp(2));
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '3' q2 id=2"));
}

TEST(EmqttdDefects, A04_AnAcknowledgementOfTheWrongKindEndsNoExchange) {
  for (const std::string& wrong : {puback(1), pubcomp(1)}) {
    TestBroker world;
    Client s = subscriber(world, 2);
    publish_some(world, 1, 2);
    s.send(wrong);
    EXPECT_TRUE(s.closed());
    EXPECT_EQ(world.resources().inflight_messages, 1u);
  }
  TestBroker world;
  Client s = subscriber(world, 1);
  publish_some(world, 1, 1);
  s.send(pubrec(1));
  EXPECT_TRUE(s.closed());
  EXPECT_EQ(world.resources().inflight_messages, 1u);
}

TEST(EmqttdDefects, A05_TheWindowCountsAnExchangeUntilPubcomp) {
  TestBroker world{{.max_inflight = 2}};
  Client s = subscriber(world, 2);
  publish_some(world, 5, 2);
  s.received();
  s.send(pubrec(1) + pubrec(2));
  EXPECT_THAT(s.received(), ElementsAre("PUBREL 1", "PUBREL 2"));
  EXPECT_EQ(world.resources().inflight_messages, 2u);
}

TEST(EmqttdDefects, A06_AResumeStartsTheRetryIntervalAnew) {
  TestBroker world{{.retry_interval = 10s}};
  Client s = subscriber(world, 1);
  publish_some(world, 1, 1);
  world.advance(9s);
  s.cut();
  s = world.connect("s");
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '1' q1 id=1 dup"));
  world.advance(10s - 1ns);
  EXPECT_THAT(s.received(), IsEmpty());
  world.advance(1ns);
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '1' q1 id=1 dup"));  // one, not two
}

TEST(EmqttdDefects, A07_ARetryIntervalOf0MeansNever) {
  TestBroker world{{.retry_interval = 0s}};
  Client s = subscriber(world, 1);
  publish_some(world, 1, 1);
  s.received();
  world.advance(24h);
  EXPECT_THAT(s.received(), IsEmpty());
}

TEST(EmqttdDefects, A08_IdsWrapFrom65535To1) {
  TestBroker world{{.first_packet_id = 65535}};
  Client s = subscriber(world, 1);
  publish_some(world, 2, 1);
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '1' q1 id=65535", "PUBLISH t '2' q1 id=1"));
}

TEST(EmqttdDefects, A09_ASmallerWindowHoldsForWhatIsResentToo) {
  TestBroker world;
  Client s = subscriber(world, 1, {.version = 5, .properties = "11FFFFFFFF 210003"});
  publish_some(world, 4, 1);
  s.cut();
  s = world.connect("s", {.version = 5, .properties = "11FFFFFFFF 210001"});
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '1' q1 id=1 dup"));
  s.send(puback(1));
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '2' q1 id=2 dup"));
}

// --- B. Resuming, and order --------------------------------------------------------------------------------

TEST(EmqttdDefects, B01_EveryResumeResendsPubrel) {
  TestBroker world;
  Client s = subscriber(world, 2);
  publish_some(world, 1, 2);
  s.send(pubrec(1));
  for (int i = 0; i < 3; ++i) {
    s.cut();
    s = world.connect("s");
    EXPECT_THAT(s.received(), ElementsAre("PUBREL 1"));
  }
}

TEST(EmqttdDefects, B02_NoTimerForgetsAPubrel) {
  TestBroker world{{.await_rel_timeout = 20s}};
  Client s = subscriber(world, 2);
  publish_some(world, 1, 2);
  s.send(pubrec(1));
  world.advance(24h);
  s = world.connect("s");
  EXPECT_THAT(s.received(), ElementsAre("PUBREL 1"));
}

TEST(EmqttdDefects, B03_PubrelsComeInTheOrderOfTheirPubrecs) {
  TestBroker world{{.max_inflight = 60}};
  Client s = subscriber(world, 2);
  publish_some(world, 50, 2);
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    const auto id = static_cast<std::uint16_t>(i * 7 % 50 + 1);
    s.send(pubrec(id));
    expected.push_back("PUBREL " + std::to_string(id));
  }
  s.cut();
  s = world.connect("s");
  EXPECT_EQ(s.received(), expected);
}

TEST(EmqttdDefects, B04_ResentMessagesComeFirst_InOrder_WithDup) {
  TestBroker world{{.max_inflight = 2}};
  Client s = subscriber(world, 1);
  publish_some(world, 3, 1);
  s.cut();
  s = world.connect("s");
  s.send(puback(1));
  EXPECT_THAT(s.received(),
              ElementsAre("PUBLISH t '1' q1 id=1 dup", "PUBLISH t '2' q1 id=2 dup", "PUBLISH t '3' q1 id=3"));
}

TEST(EmqttdDefects, B06_EqualPrioritiesAreServedAsTheyCame) {
  TestBroker world{{.queue_type = QueueType::priority, .queue_topic_priorities = {{"#", 3}}}};
  Client s = world.connect("s");
  s.send(subscribe(1, "#", 1)).received();
  s.cut();
  Client publisher = world.connect("p");
  std::vector<std::string> expected;
  for (std::uint16_t i = 1; i <= 40; ++i) {
    const std::string topic = "topic" + std::to_string(i * 13 % 7);
    publisher.send(publish(topic, "m", {.qos = 1, .packet_id = i}));
    expected.push_back("PUBLISH " + topic + " 'm' q1 id=" + std::to_string(i));
  }
  s = world.connect("s");
  EXPECT_EQ(s.received(), expected);
}

TEST(EmqttdDefects, B07_SubscribeDoesNotOvertakeUnsubscribe) {
  TestBroker world;
  Client s = subscriber(world, 1);
  s.send(unsubscribe(2, "t") + subscribe(3, "t", 1));
  EXPECT_THAT(s.received(), ElementsAre("UNSUBACK 2", "SUBACK 3 [01]"));
  publish_some(world, 1, 0);
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '1' q0"));
}

TEST(EmqttdDefects, B08_QoS0KeepsItsOrder_AndWaitsForNoWindow) {
  TestBroker world{{.max_inflight = 1}};
  Client s = subscriber(world, 1);
  publish_some(world, 2, 1);
  publish_some(world, 2, 0);
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t '1' q1 id=1", "PUBLISH t '1' q0", "PUBLISH t '2' q0"));
}

TEST(EmqttdDefects, B09_TheLastValueSeenIsTheLastRetainedOne) {
  TestBroker world;
  Client publisher = world.connect("p");
  publisher.send(publish("t", "old", {.retain = true}));
  Client s = world.connect("s");
  s.send(subscribe(1, "t", 0));
  publisher.send(publish("t", "new", {.retain = true}));
  EXPECT_THAT(s.received(), ElementsAre("SUBACK 1 [00]", "PUBLISH t 'old' q0 retain", "PUBLISH t 'new' q0"));
}

// --- C. QoS 2 from a client --------------------------------------------------------------------------------

TEST(EmqttdDefects, C01_WhatHasItsPubrecIsPublished_HoweverLatePubrelComes) {
  TestBroker world{{.await_rel_timeout = 20s}};
  Client s = subscriber(world, 0);
  Client p = world.connect("p");
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1}));
  world.advance(1h);
  p = world.connect("p");
  p.send(pubrel(1));
  EXPECT_THAT(p.received(), ElementsAre("PUBCOMP 1"));
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t 'm' q0"));
}

TEST(EmqttdDefects, C02_PubrelAndDisconnectInOneSegmentLoseNothing) {
  TestBroker world;
  Client s = subscriber(world, 0);
  Client p = world.connect("p", {.clean = true});
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1}));
  p.send(pubrel(1) + disconnect());
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t 'm' q0"));
}

TEST(EmqttdDefects, C03_ARepetitionKeepsTheExchange) {
  TestBroker world{{.await_rel_timeout = 20s}};
  Client s = subscriber(world, 0);
  Client p = world.connect("p");
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1}));
  world.advance(19s);
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1, .dup = true}) + pubrel(1));
  EXPECT_THAT(p.received(), ElementsAre("PUBREC 1", "PUBREC 1", "PUBCOMP 1"));
  world.advance(1h);
  EXPECT_FALSE(p.closed());
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t 'm' q0"));
}

TEST(EmqttdDefects, C04_TheFirstMessageUnderAnIdWins) {
  TestBroker world;
  Client s = subscriber(world, 0);
  Client p = world.connect("p");
  p.send(publish("t", "first", {.qos = 2, .packet_id = 1}) +
         publish("t", "second", {.qos = 2, .packet_id = 1}));
  p.send(pubrel(1));
  EXPECT_THAT(s.received(), ElementsAre("PUBLISH t 'first' q0"));
}

TEST(EmqttdDefects, C05_AnOverflowIsNoSilence) {
  TestBroker world{{.max_awaiting_rel = 1}};
  Client p = world.connect("p");
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1}) + publish("t", "m", {.qos = 2, .packet_id = 2}));
  EXPECT_THAT(p.received(), ElementsAre("PUBREC 1"));
  EXPECT_TRUE(p.closed());
}

TEST(EmqttdDefects, C06_ReceivedIdsSurviveOfflineTime) {
  TestBroker world{{.await_rel_timeout = 20s}};
  Client s = subscriber(world, 0);
  Client p = world.connect("p");
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1}));
  p.cut();
  world.advance(24h);
  p = world.connect("p");
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1, .dup = true}));
  EXPECT_EQ(s.received().size(), 1u);
}

TEST(EmqttdDefects, C07_AResumeForgetsNoReceivedIds) {
  TestBroker world;
  Client s = subscriber(world, 0);
  Client p = world.connect("p");
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1}));
  p = world.connect("p");
  p.send(publish("t", "m", {.qos = 2, .packet_id = 1, .dup = true}));
  EXPECT_EQ(s.received().size(), 1u);
}

}  // namespace
}  // namespace mqttvet::core::testing
