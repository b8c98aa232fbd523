// PUBACK, PUBREC, PUBCOMP, the window and the packet ids (sections 2.2.1, 4.3, 4.9).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

class Subscriber : public ::testing::Test {
 protected:
  explicit Subscriber(const Config& config = {}) : world(config) {}

  Client subscribed(int version, const std::string& properties = "") {
    const ConnectOptions options{.version = version,
                                 .properties = version == 5 ? "11000000FF" + properties : ""};
    Client client = world.connect("s", options);
    client.send(subscribe(1, "t", 2, version == 5 ? std::optional<std::string>("") : std::nullopt))
        .received();
    return client;
  }
  void publish_some(int count, int qos) {
    for (int i = 0; i < count; ++i) {
      const auto id = static_cast<std::uint16_t>(++published);
      publisher.send(publish("t", std::to_string(published), {.qos = qos, .packet_id = id}));
      if (qos == 2) publisher.send(pubrel(id));
    }
  }

  TestBroker world;
  Client publisher = world.connect("p");
  int published = 0;
};

TEST_F(Subscriber, WithReceiveMaximumOf2_NeverHoldsMore) {
  Client client = subscribed(5, "210002");
  publish_some(5, 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '1' q1 id=1", "PUBLISH t '2' q1 id=2"));
  client.send(puback(2));
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '3' q1 id=3"));
  client.send(puback(2)).send(puback(77));  // not in flight any more: widens nothing
  EXPECT_THAT(client.received(), IsEmpty());
  client.send(puback(1)).send(puback(3));
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '4' q1 id=4", "PUBLISH t '5' q1 id=5"));
}

// emqttd A-05
TEST_F(Subscriber, HoldsExchangesInTheWindowUntilPubcomp) {
  Client client = subscribed(5, "210002");
  publish_some(3, 2);
  client.received();
  client.send(pubrec(1)).send(pubrec(2));
  EXPECT_THAT(client.received(), ElementsAre("PUBREL 1", "PUBREL 2"));
  client.send(pubcomp(2));
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '3' q2 id=3"));
}

TEST_F(Subscriber, RefusesWithPubrec_AndTheExchangeIsOver) {
  Client client = subscribed(5, "210001");
  publish_some(2, 2);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '1' q2 id=1"));
  client.send(pubrec(1, 0x80));
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '2' q2 id=2"));
  client.send(pubrec(2, 0x10));  // no failure
  EXPECT_THAT(client.received(), ElementsAre("PUBREL 2"));
}

TEST_F(Subscriber, AcknowledgesTheUnknown) {
  Client v4 = subscribed(4);
  v4.send(puback(9)).send(pubrec(9)).send(pubcomp(9));
  EXPECT_THAT(v4.received(), ElementsAre("PUBREL 9"));
  EXPECT_FALSE(v4.closed());
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(puback(9)).send(pubrec(9)).send(pubrec(9, 0x80)).send(pubcomp(9));
  EXPECT_THAT(v5.received(), ElementsAre("PUBREL 9 rc=92"));
  EXPECT_FALSE(v5.closed());
}

TEST_F(Subscriber, RepeatsPubrec_AndGetsPubrelAgain) {
  Client client = subscribed(4);
  publish_some(1, 2);
  client.send(pubrec(1)).send(pubrec(1)).send(pubcomp(1));
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '1' q2 id=1", "PUBREL 1", "PUBREL 1"));
  EXPECT_EQ(world.resources().inflight_messages, 0u);
}

// emqttd A-04
TEST_F(Subscriber, SendsTheWrongKind_AndIsClosed_AndTheExchangeStays) {
  const auto wrong = [&](int qos, const std::string& packet) {
    Client client = subscribed(5);
    publish_some(1, qos);
    client.received();
    client.send(packet);
    EXPECT_THAT(client.received(), ElementsAre("DISCONNECT rc=82"));
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(world.resources().inflight_messages, 1u);
    world.connect("s", {.version = 5, .clean = true});
  };
  wrong(2, puback(1));
  wrong(1, pubrec(1));
  wrong(1, pubcomp(1));
  wrong(2, pubcomp(1));
}

// --- Packet ids: 1..4, starting at 4 -----------------------------------------------------------------------

class FewPacketIds : public Subscriber {
 protected:
  FewPacketIds() : Subscriber({.first_packet_id = 4, .last_packet_id = 4}) {}
};

// emqttd
TEST_F(FewPacketIds, WrapAndSkipThoseInUse) {
  Client client = subscribed(4);
  publish_some(3, 1);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH t '1' q1 id=4", "PUBLISH t '2' q1 id=1", "PUBLISH t '3' q1 id=2"));
  client.send(puback(1)).send(puback(2));
  publish_some(3, 1);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH t '4' q1 id=3", "PUBLISH t '5' q1 id=1", "PUBLISH t '6' q1 id=2"));
  client.send(puback(2));
  publish_some(1, 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '7' q1 id=2"));
}

// emqttd A-03
TEST_F(FewPacketIds, AreNotFreedByPubrec) {
  Client client = subscribed(4);
  publish_some(1, 2);
  client.send(pubrec(4)).received();
  publish_some(4, 1);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH t '2' q1 id=1", "PUBLISH t '3' q1 id=2", "PUBLISH t '4' q1 id=3"));
  client.send(puback(1));  // 4 would be the next
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '5' q1 id=1"));
  client.send(puback(2)).send(pubcomp(4));
  EXPECT_THAT(client.received(), IsEmpty());
  publish_some(2, 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '6' q1 id=2", "PUBLISH t '7' q1 id=4"));
}

// Broker-bugs B019: the acknowledgement after the next doesn't free the id of its new owner.
TEST_F(FewPacketIds, AreFreedOnce) {
  Client client = subscribed(4);
  publish_some(1, 1);
  client.send(puback(4));
  publish_some(4, 1);
  for (const std::uint16_t id : {1, 2, 3, 4}) client.send(puback(id));
  EXPECT_EQ(world.resources().inflight_messages, 0u);
}

TEST_F(FewPacketIds, AreSkippedAfterAReconnectAndARestart) {
  Client client = subscribed(4);
  publish_some(2, 1);
  client.cut();
  world.crash_and_restart();
  client = world.connect("s");
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '1' q1 id=4 dup", "PUBLISH t '2' q1 id=1 dup"));
  publisher = world.connect("p");
  publish_some(2, 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH t '3' q1 id=2", "PUBLISH t '4' q1 id=3"));
}

}  // namespace
}  // namespace mqttvet::core::testing
