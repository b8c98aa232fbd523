// PUBLISH from a client: answers, once-only forwarding, Receive Maximum, bad topics (sections 3.3, 4.3, 4.9).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

class Publisher : public ::testing::Test {
 protected:
  Publisher() { subscriber.send(subscribe(1, "#", 2)).received(); }

  TestBroker world{{.receive_maximum = 2}};
  Client subscriber = world.connect("subscriber");
  Client publisher = world.connect("publisher");
};

TEST_F(Publisher, IsAnsweredAccordingToQoS) {
  publisher.send(publish("t", "0"))
      .send(publish("t", "1", {.qos = 1, .packet_id = 7}))
      .send(publish("t", "2", {.qos = 2, .packet_id = 8}));
  EXPECT_THAT(publisher.received(), ElementsAre("PUBACK 7", "PUBREC 8"));
  publisher.send(pubrel(8));
  EXPECT_THAT(publisher.received(), ElementsAre("PUBCOMP 8"));
  EXPECT_THAT(subscriber.received(),
              ElementsAre("PUBLISH t '0' q0", "PUBLISH t '1' q1 id=1", "PUBLISH t '2' q2 id=2"));
}

TEST_F(Publisher, SendsBytesThatArriveAsTheyWere) {
  publisher.send(from_hex("32 06 0001 74 0007 6D"));  // QoS 1, topic "t", id 7, "m"
  EXPECT_EQ(to_hex(world.sent[publisher.id()]), "40020007");
  EXPECT_EQ(to_hex(world.sent[subscriber.id()]),
            "32060001740001"
            "6d");  // id 1 is ours
}

TEST_F(Publisher, RepeatsQoS2_AndItIsForwardedOnce_HoweverOften) {
  const std::string again = publish("t", "m", {.qos = 2, .packet_id = 5, .dup = true});
  publisher.send(publish("t", "m", {.qos = 2, .packet_id = 5})).send(again).send(again);
  EXPECT_THAT(publisher.received(), ElementsAre("PUBREC 5", "PUBREC 5", "PUBREC 5"));
  for (int round = 0; round < 3; ++round) {
    publisher.cut();
    if (round == 1) world.crash_and_restart();
    publisher = world.connect("publisher");
    publisher.send(again);
    EXPECT_THAT(publisher.received(), ElementsAre("PUBREC 5"));
  }
  publisher.send(pubrel(5));
  EXPECT_THAT(publisher.received(), ElementsAre("PUBCOMP 5"));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t 'm' q2 id=1"));
  publisher.send(again);  // after PUBCOMP it is a new message, whatever DUP says
  EXPECT_EQ(world.resources().incoming_packet_ids, 1u);
  EXPECT_EQ(world.resources().queued_messages + world.resources().inflight_messages, 2u);
}

// emqttd C-04: until PUBREL the first message under an id stays the message.
TEST_F(Publisher, CannotExchangeTheMessageUnderAnUnreleasedId) {
  publisher.send(publish("t", "first", {.qos = 2, .packet_id = 5}))
      .send(publish("t", "second", {.qos = 2, .packet_id = 5}));
  publisher.send(pubrel(5));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t 'first' q2 id=1"));
}

// emqttd C-01, C-06: nothing is dropped with time, online or offline.
TEST_F(Publisher, MayReleaseYearsLater) {
  publisher.send(publish("t", "m", {.qos = 2, .packet_id = 5}));
  world.advance(24h * 365);
  publisher.send(publish("t", "m", {.qos = 2, .packet_id = 5, .dup = true})).send(pubrel(5));
  EXPECT_THAT(publisher.received(), ElementsAre("PUBREC 5", "PUBREC 5", "PUBCOMP 5"));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t 'm' q2 id=1"));
}

// emqttd C-02
TEST_F(Publisher, ReleasesAndLeavesInOneSegment_AndTheMessageIsThere) {
  Client hasty = world.connect("hasty", {.clean = true});
  hasty.send(publish("t", "m", {.qos = 2, .packet_id = 1}));
  hasty.send(pubrel(1) + disconnect());
  EXPECT_THAT(hasty.received(), ElementsAre("PUBREC 1", "PUBCOMP 1"));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t 'm' q2 id=1"));
}

TEST_F(Publisher, HasItsUnknownPubrelAnswered) {
  publisher.send(pubrel(9));
  EXPECT_THAT(publisher.received(), ElementsAre("PUBCOMP 9"));
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(pubrel(9));
  EXPECT_THAT(v5.received(), ElementsAre("PUBCOMP 9 rc=92"));
}

TEST_F(Publisher, FreesAnIdWithoutSubscribers) {
  subscriber.send(unsubscribe(2, "#"));
  publisher.send(publish("t", "m", {.qos = 2, .packet_id = 1})).send(pubrel(1));
  subscriber.send(subscribe(3, "#", 2)).received();
  publisher.send(publish("t", "n", {.qos = 2, .packet_id = 1}));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t 'n' q2 id=1"));
}

TEST_F(Publisher, ExceedsReceiveMaximum_AndIsDisconnected) {
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(publish("t", "1", {.qos = 2, .packet_id = 1, .properties = ""}))
      .send(publish("t", "2", {.qos = 2, .packet_id = 2, .properties = ""}));
  v5.send(publish("t", "1", {.qos = 2, .packet_id = 1, .dup = true, .properties = ""}));  // the same exchange
  v5.send(pubrel(1)).send(publish("t", "3", {.qos = 2, .packet_id = 3, .properties = ""}));
  EXPECT_THAT(v5.received(), ElementsAre("PUBREC 1", "PUBREC 2", "PUBREC 1", "PUBCOMP 1", "PUBREC 3"));
  v5.send(publish("t", "4", {.qos = 1, .packet_id = 4, .properties = ""}));
  EXPECT_THAT(v5.received(), ElementsAre("DISCONNECT rc=93"));
  EXPECT_TRUE(v5.closed());
}

TEST_F(Publisher, IsTold_WhenNobodySubscribes) {
  subscriber.send(unsubscribe(2, "#"));
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(publish("t", "m", {.qos = 1, .packet_id = 1, .properties = ""}))
      .send(publish("t", "m", {.qos = 2, .packet_id = 2, .properties = ""}))
      .send(pubrel(2));
  EXPECT_THAT(v5.received(), ElementsAre("PUBACK 1 rc=10", "PUBREC 2 rc=10", "PUBCOMP 2"));
  publisher.send(publish("t", "m", {.qos = 1, .packet_id = 1}));  // 3.1.1 has no word for it
  EXPECT_THAT(publisher.received(), ElementsAre("PUBACK 1"));
}

TEST_F(Publisher, HasAFreshReceiveMaximumOnEachConnection) {
  const ConnectOptions lasting{.version = 5, .properties = "1100000010"};
  Client v5 = world.connect("v5", lasting);
  for (const std::uint16_t id : {1, 2})
    v5.send(publish("t", "m", {.qos = 2, .packet_id = id, .properties = ""}));
  v5.cut();
  v5 = world.connect("v5", lasting);
  for (const std::uint16_t id : {3, 4})
    v5.send(publish("t", "m", {.qos = 2, .packet_id = id, .properties = ""}));
  EXPECT_THAT(v5.received(), ElementsAre("PUBREC 3", "PUBREC 4"));
}

TEST_F(Publisher, WithBadTopics_IsDisconnected) {
  for (const std::string& topic : {std::string("a/#"), std::string("+"), std::string(200, '/')}) {
    Client v5 = world.connect("v5", {.version = 5});
    v5.send(publish(topic, "m", {.properties = ""}));
    EXPECT_TRUE(v5.closed()) << topic;
    EXPECT_THAT(v5.received(), ElementsAre(::testing::StartsWith("DISCONNECT rc=")));
    Client v4 = world.connect("v4", {.clean = true});
    v4.send(publish(topic, "m"));
    EXPECT_TRUE(v4.closed()) << topic;
  }
  EXPECT_THAT(subscriber.received(), IsEmpty());
}

// emqttd H-03
TEST_F(Publisher, SetsDup_AndItIsNotForwarded) {
  publisher.send(publish("t", "m", {.qos = 1, .packet_id = 1, .dup = true}));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t 'm' q1 id=1"));
}

TEST_F(Publisher, SetsProperties_ThatArriveUnaltered) {
  Client reader = world.connect("reader", {.version = 5});
  reader.send(subscribe(1, "t", 0, "")).received();
  Client v5 = world.connect("v5", {.version = 5});
  // Payload Format Indicator, Response Topic "r", Correlation Data, User Properties k=1 k=2, Content Type "c"
  const std::string properties =
      "0101"
      "08000172"
      "09000200ff"
      "26 00016b 000131"
      "26 00016b 000132"
      "03000163";
  v5.send(publish("t", "m", {.properties = properties}));
  const std::string line = reader.received().at(0);
  for (const std::string part : {"0101", "08000172", "09000200ff",
                                 "2600016b00013126"
                                 "00016b000132",
                                 "03000163"}) {
    EXPECT_NE(line.find(part), std::string::npos) << part << " in " << line;
  }
}

}  // namespace
}  // namespace mqttvet::core::testing
