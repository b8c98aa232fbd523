// Topic Aliases, both ways (section 3.3.2.3.4).
#include "broker/core/topic_alias.h"

#include <rapidcheck/gtest.h>

#include <map>

#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

// --- From the client ---------------------------------------------------------------------------------------

class PublisherWithAliases : public ::testing::Test {
 protected:
  PublisherWithAliases() { subscriber.send(subscribe(1, "#", 2)).received(); }

  TestBroker world{{.topic_alias_maximum = 2}};
  Client subscriber = world.connect("subscriber");
  const ConnectOptions lasting{.version = 5, .properties = "1100000010"};
  Client publisher = world.connect("publisher", lasting);
};

TEST_F(PublisherWithAliases, SetsOne_UsesIt_AndGivesItANewMeaning) {
  publisher.send(publish("a/b", "1", {.properties = "230002"}))
      .send(publish("", "2", {.properties = "230002"}))
      .send(publish("", "3", {.qos = 1, .packet_id = 1, .properties = "230002"}))
      .send(publish("", "4", {.qos = 2, .packet_id = 2, .properties = "230002"}))
      .send(publish("c", "5", {.properties = "230002"}))
      .send(publish("", "6", {.properties = "230002"}))
      .send(publish("a/b", "7", {.properties = ""}));
  EXPECT_THAT(
      subscriber.received(),
      ElementsAre("PUBLISH a/b '1' q0", "PUBLISH a/b '2' q0", "PUBLISH a/b '3' q1 id=1",
                  "PUBLISH a/b '4' q2 id=2", "PUBLISH c '5' q0", "PUBLISH c '6' q0", "PUBLISH a/b '7' q0"));
}

TEST_F(PublisherWithAliases, AboveTheMaximum_IsDisconnected) {
  publisher.send(publish("t", "m", {.properties = "230003"}));
  EXPECT_THAT(publisher.received(), ElementsAre("DISCONNECT rc=94"));
  EXPECT_TRUE(publisher.closed());
  EXPECT_THAT(subscriber.received(), IsEmpty());
}

TEST_F(PublisherWithAliases, OfZero_IsDisconnected) {
  publisher.send(publish("t", "m", {.properties = "230000"}));
  EXPECT_THAT(publisher.received(), ElementsAre("DISCONNECT rc=94"));
}

TEST_F(PublisherWithAliases, ThatStandForNothing_IsDisconnected) {
  publisher.send(publish("", "m", {.properties = "230001"}));
  EXPECT_THAT(publisher.received(), ElementsAre("DISCONNECT rc=82"));
  EXPECT_TRUE(publisher.closed());
}

TEST_F(PublisherWithAliases, LosesThemWithTheConnection) {
  publisher.send(publish("t", "m", {.qos = 2, .packet_id = 1, .properties = "230001"}));
  publisher.cut();
  publisher = world.connect("publisher", lasting);
  publisher.send(publish("", "m", {.qos = 2, .packet_id = 1, .dup = true, .properties = "230001"}));
  EXPECT_THAT(publisher.received(), ElementsAre("DISCONNECT rc=82"));
}

TEST_F(PublisherWithAliases, SetsOneThatIsNoBusinessOfOthers) {
  Client reader = world.connect("reader", {.version = 5, .properties = "220001"});
  reader.send(subscribe(1, "#", 0, "")).received();
  publisher.send(publish("t", "m", {.properties = "230002"}));
  Client other = world.connect("other", {.version = 5});
  other.send(publish("", "m", {.properties = "230001"}));
  EXPECT_THAT(other.received(), ElementsAre("DISCONNECT rc=82"));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t 'm' q0"));
  EXPECT_THAT(reader.received(), ElementsAre("PUBLISH t 'm' q0 {230001}"));
}

TEST(IncomingTopicAlias, WhereNoneAreOffered_IsRefused) {
  TestBroker world({.topic_alias_maximum = 0});
  Client client = world.connect("a", {.version = 5});
  client.send(publish("t", "m", {.properties = "230001"}));
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT rc=94"));
}

// --- To the client -----------------------------------------------------------------------------------------

class SubscriberWithAliases : public ::testing::Test {
 protected:
  Client subscriber_with(const std::string& properties) {
    Client client = world.connect("subscriber", {.version = 5, .properties = "1100000010" + properties});
    return client;
  }
  void publish_qos(int qos, const std::string& topic, const std::string& payload = "m") {
    publisher.send(publish(topic, payload, {.qos = qos, .packet_id = 1}));
    if (qos == 2) publisher.send(pubrel(1));
  }

  TestBroker world;
  Client publisher = world.connect("publisher");
};

TEST_F(SubscriberWithAliases, IsSentTheTopicNameOnce) {
  Client client = subscriber_with("220002");
  client.send(subscribe(1, "#", 2, "")).received();
  for (const int qos : {0, 1, 2}) publish_qos(qos, "a/b");
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a/b 'm' q0 {230001}", "PUBLISH  'm' q1 id=1 {230001}",
                                             "PUBLISH  'm' q2 id=2 {230001}"));
}

TEST_F(SubscriberWithAliases, HasTheLeastRecentlyUsedTakenAway) {
  Client client = subscriber_with("220002");
  client.send(subscribe(1, "#", 0, "")).received();
  for (const char* topic : {"a", "b", "a", "c", "a", "b"}) publish_qos(0, topic);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 'm' q0 {230001}", "PUBLISH b 'm' q0 {230002}",
                                             "PUBLISH  'm' q0 {230001}", "PUBLISH c 'm' q0 {230002}",
                                             "PUBLISH  'm' q0 {230001}", "PUBLISH b 'm' q0 {230002}"));
}

TEST_F(SubscriberWithAliases, IsSentNoneUnlessItSaysHowMany) {
  for (const std::string properties : {"", "220000"}) {
    Client client = subscriber_with(properties);
    client.send(subscribe(1, "#", 0, "")).received();
    publish_qos(0, "a");
    publish_qos(0, "a");
    EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 'm' q0", "PUBLISH a 'm' q0"));
    client.cut();
  }
}

TEST_F(SubscriberWithAliases, ComesBack_AndTheResendCarriesTheTopicName) {
  Client client = subscriber_with("220002");
  client.send(subscribe(1, "#", 1, "")).received();
  publish_qos(1, "a");
  publish_qos(1, "a");
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH a 'm' q1 id=1 {230001}", "PUBLISH  'm' q1 id=2 {230001}"));
  client.cut();
  client = subscriber_with("220001");
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH a 'm' q1 id=1 dup {230001}", "PUBLISH  'm' q1 id=2 dup {230001}"));
  client.cut();
  client = subscriber_with("");
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 'm' q1 id=1 dup", "PUBLISH a 'm' q1 id=2 dup"));
}

// The packet with the topic name is 3 bytes longer with its alias; the one that would have set the alias may
// never be sent.
TEST_F(SubscriberWithAliases, IsSentNoAliasWhoseFirstPacketWasDropped) {
  Client client = subscriber_with("2200022700000028");  // at most 40 bytes
  client.send(subscribe(1, "#", 1, "")).received();
  const std::string large(40, 'x'), just(28, 'x'), fits_without_alias(30, 'x');
  for (const int qos : {0, 1}) publish_qos(qos, "a", large);
  EXPECT_THAT(client.received(), IsEmpty());
  publish_qos(1, "a", fits_without_alias);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a '" + fits_without_alias + "' q1 id=1"));
  publish_qos(1, "a", just);
  publish_qos(1, "a", just);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a '" + just + "' q1 id=2 {230001}",
                                             "PUBLISH  '" + just + "' q1 id=3 {230001}"));
  EXPECT_EQ(world.counters().dropped_too_large, 2u);
}

TEST_F(SubscriberWithAliases, IsSentALongTopicByItsAlias_EvenWhereItsNameWouldNotFit) {
  Client client = subscriber_with("2200022700000028");
  client.send(subscribe(1, "#", 0, "")).received();
  const std::string topic(20, 't'), payload(25, 'x');
  publish_qos(0, topic, payload);  // 20 + 25 and more
  EXPECT_THAT(client.received(), IsEmpty());
  publish_qos(0, topic, "m");
  publish_qos(0, topic, payload);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH " + topic + " 'm' q0 {230001}", "PUBLISH  '" + payload + "' q0 {230001}"));
}

TEST(OutgoingTopicAlias, IsBoundedByTheConfiguration) {
  TestBroker world({.topic_alias_maximum_outgoing = 1});
  Client client = world.connect("a", {.version = 5, .properties = "22FFFF"});
  client.send(subscribe(1, "#", 0, "")).received();
  Client publisher = world.connect("p");
  publisher.send(publish("a", "m")).send(publish("b", "m"));
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 'm' q0 {230001}", "PUBLISH b 'm' q0 {230001}"));
}

// Whatever is sent, and whatever of it is found too large to be sent: what the client makes of the aliases is
// what was meant.
RC_GTEST_PROP(OutgoingTopicAlias, MeansToTheClientWhatWasMeant, ()) {
  const auto maximum = *rc::gen::inRange<std::uint16_t>(1, 5);
  OutgoingTopicAliases aliases(maximum);
  std::map<std::uint16_t, std::string> known_to_client;
  const auto topics = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "b", "c", "d", "e", "f"));
  for (const std::string& topic : topics) {
    const auto use = aliases.find(topic);
    RC_ASSERT(use.alias >= 1 && use.alias <= maximum);
    if (*rc::gen::weightedElement<bool>({{1, true}, {4, false}})) continue;  // too large
    if (!use.known) known_to_client[use.alias] = topic;
    RC_ASSERT(known_to_client.at(use.alias) == topic);
    aliases.note_sent(topic, use);
  }
}

}  // namespace
}  // namespace mqttvet::core::testing
