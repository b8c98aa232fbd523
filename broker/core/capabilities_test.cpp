// What the server says it does not offer, and what happens to those who ask for it all the same
// (section 3.2.2.3).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string connack_of(TestBroker& world, const ConnectOptions& options, const std::string& client_id = "a") {
  Client client = world.open(options.version == 5);
  client.send(connect(client_id, options));
  const auto lines = client.received();
  return lines.empty() ? "" : lines.front();
}

TEST(Capabilities, ThatAreLacking_StandInConnack) {
  TestBroker world({.maximum_qos = QoS::at_least_once,
                    .retain_available = false,
                    .wildcard_subscription_available = false,
                    .subscription_identifier_available = false});
  const std::string connack = connack_of(world, {.version = 5});
  EXPECT_THAT(connack, HasSubstr("2401"));  // Maximum QoS 1
  EXPECT_THAT(connack, HasSubstr("2500"));  // no retained messages
  EXPECT_THAT(connack, HasSubstr("2800"));  // no wildcards
  EXPECT_THAT(connack, HasSubstr("2900"));  // no Subscription Identifiers
}

// --- Maximum QoS -------------------------------------------------------------------------------------------

TEST(MaximumQos, EndsTheConnectionOfAPublisherAboveIt) {
  TestBroker world({.maximum_qos = QoS::at_least_once});
  Client subscriber = world.connect("s");
  subscriber.send(subscribe(1, "#", 2));
  EXPECT_THAT(subscriber.received(), ElementsAre("SUBACK 1 [01]"));  // granted, with less than it asked for
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(publish("t", "1", {.qos = 1, .packet_id = 1, .properties = ""}))
      .send(publish("t", "2", {.qos = 2, .packet_id = 2, .properties = ""}));
  EXPECT_THAT(v5.received(), ElementsAre("PUBACK 1", "DISCONNECT rc=9b"));
  EXPECT_TRUE(v5.closed());
  Client v4 = world.connect("v4");
  v4.send(publish("t", "2", {.qos = 2, .packet_id = 2}));
  EXPECT_THAT(v4.received(), IsEmpty());
  EXPECT_TRUE(v4.closed());
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t '1' q1 id=1"));
}

TEST(MaximumQos, RefusesAWillAboveIt) {
  TestBroker world({.maximum_qos = QoS::at_most_once});
  EXPECT_THAT(connack_of(world, {.version = 5, .will_topic = "w", .will_qos = 1}),
              HasSubstr("CONNACK sp=0 rc=9b"));
  EXPECT_EQ(connack_of(world, {.will_topic = "w", .will_qos = 1}), "");  // 3.1.1 has no code for it
  EXPECT_THAT(connack_of(world, {.version = 5, .will_topic = "w"}), HasSubstr("rc=00"));
}

// --- Retained messages -------------------------------------------------------------------------------------

TEST(RetainAvailable, IfNot_EndsTheConnectionOfWhoeverRetains) {
  TestBroker world({.retain_available = false});
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(publish("t", "m", {.retain = true, .properties = ""}));
  EXPECT_THAT(v5.received(), ElementsAre("DISCONNECT rc=9a"));
  EXPECT_TRUE(v5.closed());
  Client v4 = world.connect("v4");
  v4.send(publish("t", "m", {.retain = true}));
  EXPECT_TRUE(v4.closed());
  EXPECT_EQ(world.resources().retained_messages, 0u);
  EXPECT_THAT(connack_of(world, {.version = 5, .will_topic = "w", .will_retain = true}), HasSubstr("rc=9a"));
}

// --- Subscriptions -----------------------------------------------------------------------------------------

TEST(WildcardSubscriptionAvailable, IfNot_IsAProtocolErrorOf5_AndAFailureOf311) {
  TestBroker world({.wildcard_subscription_available = false});
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(subscribe(1, "a/b", 1, "")).send(subscribe(2, "a/+", 1, ""));
  EXPECT_THAT(v5.received(), ElementsAre("SUBACK 1 [01]", "DISCONNECT rc=a2"));
  EXPECT_TRUE(v5.closed());
  Client v4 = world.connect("v4");
  v4.send(subscribe(1, "a/b", 1)).send(subscribe(2, "#", 1));
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 1 [01]", "SUBACK 2 [80]"));
  EXPECT_FALSE(v4.closed());
  EXPECT_EQ(world.resources().subscriptions, 1u);  // of v4: the session of v5 has ended
}

// 3.1 has no failure in SUBACK: SPEC_NOTES N13.
TEST(RefusedSubscription, EndsTheConnectionOf31) {
  TestBroker world({.wildcard_subscription_available = false});
  Client client = world.connect("a", {.version = 3});
  client.send(subscribe(1, "#", 1));
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_TRUE(client.closed());
}

TEST(SubscriptionIdentifierAvailable, IfNot_IsAProtocolErrorToSendOne) {
  TestBroker world({.subscription_identifier_available = false});
  Client client = world.connect("a", {.version = 5});
  client.send(subscribe(1, "t", 1, "0B07"));
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT rc=a1"));
  EXPECT_TRUE(client.closed());
}

// --- Payload format ----------------------------------------------------------------------------------------

TEST(PayloadFormat, IsCheckedOnlyIfConfigured) {
  TestBroker world;
  Client client = world.connect("a", {.version = 5});
  client.send(publish("t", "\xFF", {.qos = 1, .packet_id = 1, .properties = "0101"}));
  EXPECT_THAT(client.received(), ElementsAre("PUBACK 1 rc=10"));
}

TEST(PayloadFormat, ThatIsNotUtf8_IsToldInTheAnswer) {
  TestBroker world({.check_payload_format = true});
  Client watcher = world.connect("w");
  watcher.send(subscribe(1, "#", 2)).received();
  Client client = world.connect("a", {.version = 5});
  client.send(publish("t", "\xFF", {.qos = 1, .packet_id = 1, .properties = "0101"}))
      .send(publish("t", "\xC3", {.qos = 2, .packet_id = 2, .properties = "0101"}))
      .send(publish("t", "\xFF", {.qos = 1, .packet_id = 3, .properties = "0100"}))  // just bytes
      .send(publish("t", std::string("\0\xC3\xA4\0", 4), {.qos = 1, .packet_id = 4, .properties = "0101"}));
  EXPECT_THAT(client.received(), ElementsAre("PUBACK 1 rc=99", "PUBREC 2 rc=99", "PUBACK 3", "PUBACK 4"));
  EXPECT_EQ(watcher.received().size(), 2u);
  EXPECT_EQ(world.resources().incoming_packet_ids, 0u);
  client.send(publish("t", "\xFF", {.properties = "0101"}));
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT rc=99"));
  EXPECT_THAT(
      connack_of(world, {.version = 5, .will_topic = "w", .will_payload = "\xFF", .will_properties = "0101"}),
      HasSubstr("rc=99"));
}

// --- Request/response --------------------------------------------------------------------------------------

TEST(ResponseInformation, IsGivenToThoseWhoAsk) {
  TestBroker world({.response_information_prefix = "replies/"});
  const std::string given = "1a0009" + to_hex("replies/a");
  EXPECT_THAT(connack_of(world, {.version = 5, .properties = "1901"}), HasSubstr(given));
  EXPECT_THAT(connack_of(world, {.version = 5, .properties = "1900"}), Not(HasSubstr("7265706c696573")));
  EXPECT_THAT(connack_of(world, {.version = 5}), Not(HasSubstr("7265706c696573")));
  // It could not be a part of a topic name.
  EXPECT_THAT(connack_of(world, {.version = 5, .properties = "1901"}, "a+"),
              Not(HasSubstr("7265706c696573")));
}

TEST(ResponseInformation, IsLeftOutWhereItDoesNotFit) {
  TestBroker world({.response_information_prefix = std::string(100, 'r')});
  const std::string connack = connack_of(world, {.version = 5, .properties = "1901 2700000040"});
  EXPECT_THAT(connack, HasSubstr("CONNACK sp=0 rc=00"));
  EXPECT_THAT(connack, Not(HasSubstr(to_hex("rrrr"))));
}

// --- Reason Strings ----------------------------------------------------------------------------------------

class ReasonString : public ::testing::Test {
 protected:
  // What a client with these CONNECT properties is sent for a payload of a wrong format.
  std::string puback_for(const std::string& properties) {
    Client client = world.connect("a", {.version = 5, .properties = properties});
    client.send(publish("t", "\xFF", {.qos = 1, .packet_id = 1, .properties = "0101"}));
    return to_hex(world.sent[client.id()]);
  }

  TestBroker world{{.check_payload_format = true}};
  const std::string text = to_hex("the payload is not UTF-8");
};

TEST_F(ReasonString, SaysWhy) {
  EXPECT_EQ(puback_for(""), "401f0001991b1f0018" + text);
}

TEST_F(ReasonString, IsLeftOutWhereTheClientDoesNotWantIt) {
  EXPECT_EQ(puback_for("1700"), "4003000199");
}

TEST_F(ReasonString, IsLeftOutWhereItDoesNotFit) {
  EXPECT_EQ(puback_for("2700000021"), "401f0001991b1f0018" + text);  // 33 bytes: just
  EXPECT_EQ(puback_for("2700000020"), "4003000199");
}

TEST_F(ReasonString, OfDisconnect_IsThereForEveryone_IfItFits) {
  const auto disconnect_for = [&](const std::string& properties) {
    Client client = world.connect("a", {.version = 5, .properties = properties});
    client.send(from_hex("C1 00"));  // PINGREQ with a flag
    return to_hex(world.sent[client.id()]);
  };
  EXPECT_THAT(disconnect_for("1700"), HasSubstr(to_hex("PINGREQ")));
  EXPECT_EQ(disconnect_for("2700000020"), "e00181");
  EXPECT_EQ(disconnect_for("2700000014"), "e00181");
}

TEST_F(ReasonString, OfConnack_IsLeftOutWhereItDoesNotFit) {
  TestBroker small({.client_id_bytes_max = 3});
  EXPECT_THAT(connack_of(small, {.version = 5}, "long"),
              HasSubstr(to_hex("the client identifier is too long")));
  EXPECT_EQ(connack_of(small, {.version = 5, .properties = "2700000020"}, "long"), "CONNACK sp=0 rc=85");
}

// It would wait for it for ever.
TEST(MaximumPacketSize, TooSmallForConnack_ClosesTheConnection) {
  TestBroker world;
  Client client = world.open(true);
  client.send(connect("a", {.version = 5, .properties = "2700000005"}));
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace mqttvet::core::testing
