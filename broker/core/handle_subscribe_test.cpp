// SUBSCRIBE, UNSUBSCRIBE, routing and retained messages (sections 3.8, 3.10, 3.3.1.3, 3.3.4, 4.7).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

class Subscriptions : public ::testing::Test {
 protected:
  TestBroker world{{.retained_messages_max = 3}};
  Client publisher = world.connect("p");
  Client v4 = world.connect("v4");
  Client v5 = world.connect("v5", {.version = 5});
};

TEST_F(Subscriptions, AreGrantedOneByOne) {
  v4.send(from_hex("82 0A 0007 0001 61 02 0001 62 00"));  // a: QoS 2, b: QoS 0
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 7 [0200]"));
  v5.send(subscribe(8, std::string(128, '/'), 1, ""));  // 129 levels
  EXPECT_THAT(v5.received(), ElementsAre("SUBACK 8 [8f]"));
  EXPECT_EQ(world.resources().subscriptions, 2u);
}

TEST_F(Subscriptions, MatchByLevels) {
  const auto matches = [&](const std::string& filter, const std::string& topic) {
    Client client = world.connect("m", {.clean = true});
    client.send(subscribe(1, filter, 0)).received();
    publisher.send(publish(topic, "m"));
    const bool arrived = !client.received().empty();
    client.send(disconnect());
    return arrived;
  };
  EXPECT_TRUE(matches("a/#", "a"));
  EXPECT_TRUE(matches("a/#", "a/b/c"));
  EXPECT_FALSE(matches("a/#", "ab"));
  EXPECT_TRUE(matches("+/+", "/"));
  EXPECT_FALSE(matches("+", "/a"));
  EXPECT_TRUE(matches("/+", "/a"));
  EXPECT_TRUE(matches("a/+/c", "a//c"));
  EXPECT_FALSE(matches("a/+", "a"));
  EXPECT_FALSE(matches("A", "a"));
  // emqttd H-04
  EXPECT_FALSE(matches("#", "$foo/x"));
  EXPECT_FALSE(matches("+/x", "$foo/x"));
  EXPECT_TRUE(matches("$foo/#", "$foo/x"));
  EXPECT_TRUE(matches("$foo/+", "$foo/x"));
}

TEST_F(Subscriptions, ThatOverlap_GiveOneCopy_WithTheHighestQosAndAllIdentifiers) {
  v5.send(subscribe(1, "a/#", 0, "0B01") + subscribe(2, "a/b", 2, "0B02") + subscribe(3, "+/b", 1, ""))
      .received();
  publisher.send(publish("a/b", "m", {.qos = 2, .packet_id = 1}));
  const auto lines = v5.received();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].substr(0, 24), "PUBLISH a/b 'm' q2 id=1 ");
  EXPECT_NE(lines[0].find("0b01"), std::string::npos);
  EXPECT_NE(lines[0].find("0b02"), std::string::npos);
}

TEST_F(Subscriptions, DeliverTheLowerQos) {
  for (int published = 0; published <= 2; ++published) {
    for (int granted = 0; granted <= 2; ++granted) {
      Client client = world.connect("q", {.clean = true});
      client.send(subscribe(1, "t", granted)).received();
      publisher.send(publish("t", "m", {.qos = published, .packet_id = 1}) +
                     (published == 2 ? pubrel(1) : ""));
      EXPECT_THAT(client.received(), ElementsAre(::testing::StartsWith(
                                         "PUBLISH t 'm' q" + std::to_string(std::min(published, granted)))));
    }
  }
}

TEST_F(Subscriptions, WithNoLocal_SkipTheirOwn) {
  v5.send(subscribe(1, "t", 4, "")).received();
  v5.send(publish("t", "own", {.properties = ""}));
  publisher.send(publish("t", "other"));
  EXPECT_THAT(v5.received(), ElementsAre("PUBLISH t 'other' q0"));
}

TEST_F(Subscriptions, KeepTheRetainFlagOnlyIfAsked) {
  v4.send(subscribe(1, "t", 0)).received();
  v5.send(subscribe(1, "t", 8, "")).received();
  publisher.send(publish("t", "m", {.retain = true}));
  EXPECT_THAT(v4.received(), ElementsAre("PUBLISH t 'm' q0"));
  EXPECT_THAT(v5.received(), ElementsAre("PUBLISH t 'm' q0 retain"));
}

TEST_F(Subscriptions, AreReplacedByTheSameFilter) {
  v5.send(subscribe(1, "t", 0, "0B01")).send(subscribe(2, "t", 1, "")).received();
  publisher.send(publish("t", "m", {.qos = 1, .packet_id = 1}));
  EXPECT_THAT(v5.received(), ElementsAre("PUBLISH t 'm' q1 id=1"));
  EXPECT_EQ(world.resources().subscriptions, 1u);
}

// emqttd H-02, B-07
TEST_F(Subscriptions, EndWithUnsubscribe_InTheOrderOfTheWire) {
  v4.send(subscribe(1, "t", 1)).send(unsubscribe(2, "t") + subscribe(3, "t", 1)).received();
  publisher.send(publish("t", "still", {.qos = 1, .packet_id = 1}));
  EXPECT_THAT(v4.received(), ElementsAre("PUBLISH t 'still' q1 id=1"));
  v4.send(unsubscribe(4, "t") + unsubscribe(5, "never"));
  EXPECT_THAT(v4.received(), ElementsAre("UNSUBACK 4", "UNSUBACK 5"));
  publisher.send(publish("t", "m", {.qos = 1, .packet_id = 2}));
  EXPECT_THAT(v4.received(), IsEmpty());
  v5.send(unsubscribe(6, "never", true));
  EXPECT_THAT(v5.received(), ElementsAre("UNSUBACK 6 [11]"));
  EXPECT_EQ(world.resources().filter_nodes, 0u);
}

TEST_F(Subscriptions, WhenTheyEnd_LeaveWhatIsInFlight) {
  v4.send(subscribe(1, "t", 2)).received();
  publisher.send(publish("t", "m", {.qos = 2, .packet_id = 1}));
  v4.send(unsubscribe(2, "t")).received();
  v4.cut();
  v4 = world.connect("v4");
  EXPECT_THAT(v4.received(), ElementsAre("PUBLISH t 'm' q2 id=1 dup"));
  v4.send(pubrec(1));
  EXPECT_THAT(v4.received(), ElementsAre("PUBREL 1"));
}

// emqttd E-03, and broker-bugs B098: QoS 0 subscriptions are part of the session.
TEST_F(Subscriptions, SurviveReconnectAndRestart) {
  v4.send(subscribe(1, "zero", 0) + subscribe(2, "one", 1)).received();
  v4.cut();
  world.crash_and_restart();
  v4 = world.connect("v4");
  publisher = world.connect("p");
  publisher.send(publish("zero", "m") + publish("one", "m", {.qos = 1, .packet_id = 1}));
  EXPECT_THAT(v4.received(), ElementsAre("PUBLISH zero 'm' q0", "PUBLISH one 'm' q1 id=1"));
}

TEST_F(Subscriptions, OfVeryDeepFilters_AreRefusedOrHarmless) {
  std::string deep(1, 'a');
  for (int i = 0; i < 30000; ++i) deep += "/a";
  v4.send(subscribe(1, deep, 0));
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 1 [80]"));
  v4.send(unsubscribe(2, deep));
  EXPECT_THAT(v4.received(), ElementsAre("UNSUBACK 2"));
}

// --- Retained messages -------------------------------------------------------------------------------------

TEST_F(Subscriptions, AreSentTheLastRetainedMessage) {
  publisher.send(publish("a", "old", {.retain = true}) +
                 publish("a", "new", {.qos = 1, .packet_id = 1, .retain = true}));
  publisher.send(publish("a", "passing"));
  v4.send(subscribe(1, "+", 2));
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 1 [02]", "PUBLISH a 'new' q1 id=1 retain"));
  publisher.send(publish("a", "", {.retain = true}));
  EXPECT_THAT(v4.received(), ElementsAre("PUBLISH a '' q0"));
  EXPECT_EQ(world.resources().retained_messages, 0u);
}

// emqttd H-01
TEST_F(Subscriptions, AreSentRetainedMessagesAgain_AsRetainHandlingSays) {
  publisher.send(publish("a", "m", {.retain = true}));
  const auto count = [&](int retain_handling) {
    v5.send(subscribe(1, "a", retain_handling << 4, ""));
    return v5.received().size() - 1;
  };
  EXPECT_EQ(count(2), 0u);
  EXPECT_EQ(count(1), 0u);  // exists already
  EXPECT_EQ(count(0), 1u);
  EXPECT_EQ(count(0), 1u);
  v5.send(unsubscribe(2, "a", true)).received();
  EXPECT_EQ(count(1), 1u);
}

TEST_F(Subscriptions, AreNotSentRetainedMessagesByAResume) {
  publisher.send(publish("a", "m", {.retain = true}));
  v4.send(subscribe(1, "a", 1)).received();
  v4.cut();
  v4 = world.connect("v4");
  EXPECT_THAT(v4.received(), IsEmpty());
}

TEST_F(Subscriptions, WithWildcards_DontSeeRetainedDollarTopics) {
  publisher.send(publish("$x/y", "m", {.retain = true}));
  v4.send(subscribe(1, "#", 0)).send(subscribe(2, "+/y", 0));
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 1 [00]", "SUBACK 2 [00]"));
}

// emqttd H-06
TEST_F(Subscriptions, GetNewValuesOfKnownTopics_ThoughTheStoreIsFull) {
  for (const std::string topic : {"a", "b", "c", "d"}) publisher.send(publish(topic, "1", {.retain = true}));
  publisher.send(publish("b", "2", {.retain = true}));
  v4.send(subscribe(1, "#", 0));
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 1 [00]", "PUBLISH a '1' q0 retain",
                                         "PUBLISH b '2' q0 retain", "PUBLISH c '1' q0 retain"));
}

TEST_F(Subscriptions, DontSeeExpiredRetainedMessages_NorAfterARestart) {
  Client v5_publisher = world.connect("p5", {.version = 5});
  v5_publisher.send(publish("a", "m", {.retain = true, .properties = "020000000A"}));  // expires in 10 s
  v5_publisher.send(publish("b", "m", {.retain = true, .properties = "0200000014"}));  // in 20 s
  world.advance(3500ms);
  v5.send(subscribe(1, "a", 0, ""));
  EXPECT_THAT(v5.received(), ElementsAre("SUBACK 1 [00]", "PUBLISH a 'm' q0 retain {0200000007}"));
  world.crash_and_restart();
  world.advance(6500ms);
  EXPECT_EQ(world.resources().retained_messages, 1u);
  v4 = world.connect("v4");
  v4.send(subscribe(1, "#", 0));
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 1 [00]", "PUBLISH b 'm' q0 retain"));
}

// Protocol level 0x84: SPEC_NOTES N14.
TEST(Bridge, DoesNotHearItself_AndSeesTheRetainFlag) {
  TestBroker world;
  Client bridge = world.connect("bridge", {.version = 0x84});
  bridge.send(subscribe(1, "#", 1)).received();
  bridge.send(publish("t", "mine", {.retain = true}));
  world.connect("other").send(publish("t", "theirs", {.retain = true})).send(publish("t", "plain"));
  EXPECT_THAT(bridge.received(), ElementsAre("PUBLISH t 'theirs' q0 retain", "PUBLISH t 'plain' q0"));
}

TEST(Subscribe, BeyondSubscriptionsMax_IsRefused_AndThoseThereMayChange) {
  Config config;
  config.subscriptions_max = 2;
  TestBroker world(config);
  Client alice = world.connect("alice", {.version = 5});
  alice.send(subscribe(1, "a", 1, "")).send(subscribe(2, "b", 1, "")).send(subscribe(3, "c", 1, ""));
  EXPECT_THAT(alice.received(), ElementsAre("SUBACK 1 [01]", "SUBACK 2 [01]", "SUBACK 3 [97]"));
  alice.send(subscribe(4, "b", 2, ""));
  EXPECT_THAT(alice.received(), ElementsAre("SUBACK 4 [02]"));
  alice.send(unsubscribe(5, "a", true)).send(subscribe(6, "c", 0, ""));
  EXPECT_THAT(alice.received(), ElementsAre("UNSUBACK 5 [00]", "SUBACK 6 [00]"));
  Client bob = world.connect("bob");
  bob.send(subscribe(1, "a", 0)).send(subscribe(2, "b", 0)).send(subscribe(3, "c", 0));
  EXPECT_THAT(bob.received(), ElementsAre("SUBACK 1 [00]", "SUBACK 2 [00]", "SUBACK 3 [80]"));
}

}  // namespace
}  // namespace mqttvet::core::testing
