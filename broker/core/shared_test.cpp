// Shared subscriptions (section 4.8.2).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

const ConnectOptions kV5 = {.version = 5, .properties = "11FFFFFFFF"};  // its session never expires
const ConnectOptions kOneByOne = {.version = 5, .properties = "11FFFFFFFF 210001"};  // Receive Maximum 1
const ConnectOptions kPassing = {.version = 5, .clean = true};  // ends with its connection

class SharedSubscriptions : public ::testing::Test {
 protected:
  explicit SharedSubscriptions(const Config& config = {}) : world(config) {}

  Client member(const std::string& client_id, int qos, const ConnectOptions& options = kV5,
                const std::string& filter = "$share/g/t/#") {
    Client client = world.connect(client_id, options);
    client.send(subscribe(1, filter, qos, "")).received();
    return client;
  }
  void publish_some(const std::vector<std::string>& payloads, int qos) {
    for (const std::string& payload : payloads) {
      publisher.send(publish("t/1", payload, {.qos = qos, .packet_id = 1}));
      if (qos == 2) publisher.send(pubrel(1));
    }
  }

  TestBroker world;
  Client publisher = world.connect("p");
};

TEST_F(SharedSubscriptions, GiveEachMessageToOneMember_InTurns) {
  Client a = member("a", 0);
  Client b = member("b", 0);
  Client other = member("o", 0, kV5, "$share/h/t/1");
  publish_some({"1", "2", "3"}, 0);
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '1' q0", "PUBLISH t/1 '3' q0"));
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '2' q0"));
  EXPECT_EQ(other.received().size(), 3u);  // another group
  EXPECT_EQ(world.resources().shared_groups, 2u);
}

TEST_F(SharedSubscriptions, ExistFor311And31AsWell) {
  Client a = world.connect("a", {.version = 3});
  Client b = world.connect("b");
  a.send(subscribe(1, "$share/g/t/1", 0)).received();
  b.send(subscribe(1, "$share/g/t/1", 0)).received();
  publish_some({"1", "2"}, 0);
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '1' q0"));
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '2' q0"));
  b.send(subscribe(2, "$share//t", 0) + subscribe(3, "$share/g", 0));
  EXPECT_THAT(b.received(), ElementsAre("SUBACK 2 [80]", "SUBACK 3 [80]"));
}

// MQTT5-4.8.2-3
TEST_F(SharedSubscriptions, RespectTheQosOfTheMember) {
  Client a = member("a", 0);
  Client b = member("b", 1);
  publish_some({"1", "2"}, 2);
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '1' q0"));
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '2' q1 id=1"));
}

TEST_F(SharedSubscriptions, GiveASecondCopy_ToAMemberThatSubscribesOrdinarilyToo) {
  Client a = member("a", 0);
  a.send(subscribe(2, "t/1", 1, "0B05")).received();
  publish_some({"1"}, 1);
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '1' q1 id=1 {0b05}", "PUBLISH t/1 '1' q0"));
}

TEST_F(SharedSubscriptions, SendNoRetainedMessages) {
  publisher.send(publish("t/1", "kept", {.retain = true}));
  Client a = world.connect("a", kV5);
  a.send(subscribe(1, "$share/g/t/1", 0, "") + subscribe(2, "$queue/t/1", 0, ""));
  EXPECT_THAT(a.received(), ElementsAre("SUBACK 1 [00]", "SUBACK 2 [00]"));
}

// MQTT5-3.8.3-4
TEST_F(SharedSubscriptions, WithNoLocal_AreAProtocolError) {
  Client a = world.connect("a", kV5);
  a.send(subscribe(1, "$share/g/t/1", 0x04, ""));
  EXPECT_THAT(a.received(), ElementsAre("DISCONNECT rc=82"));
}

TEST_F(SharedSubscriptions, GoOnInTheirTurn_WhenAskedForAgain_AndEndWithOneUnsubscribe) {
  Client a = member("a", 0);
  Client b = member("b", 0);
  a.send(subscribe(2, "$share/g/t/#", 1, "")).received();
  publish_some({"1", "2"}, 1);
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '1' q1 id=1"));
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '2' q0"));
  a.send(unsubscribe(3, "$share/g/t/#", true));
  b.send(unsubscribe(3, "$share/g/t/#", true));
  EXPECT_EQ(world.resources().shared_groups, 0u);
  EXPECT_EQ(world.resources().filter_nodes, 0u);
}

TEST_F(SharedSubscriptions, PreferWhoIsOnline) {
  Client a = member("a", 1);
  Client b = member("b", 1);
  a.cut();
  publish_some({"1", "2"}, 1);
  EXPECT_EQ(b.received().size(), 2u);
  b.cut();
  publish_some({"3"}, 1);  // nobody: the next in turn keeps it
  EXPECT_EQ(world.resources().queued_messages, 1u);
}

// --- A lost member -----------------------------------------------------------------------------------------

TEST_F(SharedSubscriptions, RedeliverUnackedQos1_WhenASessionEnds_InOrder) {
  Client a = member("a", 1, kPassing);
  publish_some({"1", "2"}, 1);
  Client b = member("b", 1);
  EXPECT_EQ(a.received().size(), 2u);
  a.cut();
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '1' q1 id=1", "PUBLISH t/1 '2' q1 id=2"));
  EXPECT_EQ(world.counters().shared_handed_over, 2u);
}

TEST_F(SharedSubscriptions, RedeliverWhatWaits_WhateverItsQos_WhenASessionExpires) {
  ConnectOptions brief = kOneByOne;
  brief.properties = "1100000005 210001";
  Client a = member("a", 2, brief);
  publish_some({"sent", "waits"}, 2);
  a.cut();
  Client b = member("b", 2);
  world.advance(6s);
  // MQTT5-4.8.2-5: the first one was begun with a, and is lost with it.
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 'waits' q2 id=1"));
}

// MQTT5-4.8.2-4
TEST_F(SharedSubscriptions, CompleteQos2WithTheMemberItWasBegunWith) {
  Client a = member("a", 2);
  Client b = member("b", 2);
  publish_some({"1"}, 2);
  a.received();
  a.cut();
  world.crash_and_restart();
  b = world.connect("b", kV5);
  a = world.connect("a", kV5);
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '1' q2 id=1 dup"));
  EXPECT_THAT(b.received(), IsEmpty());
}

// MQTT5-4.8.2-6
TEST_F(SharedSubscriptions, DiscardWhatAMemberRefuses) {
  Client a = member("a", 2);
  Client b = member("b", 2);
  publish_some({"1"}, 1);
  publish_some({"2"}, 2);
  a.send(from_hex("40 04 0001 80 00"));  // PUBACK 0x80
  b.send(pubrec(1, 0x80));
  a.received();
  b.received();
  EXPECT_EQ(world.resources().inflight_messages, 0u);
  a.send(disconnect(0, "1100000000"));
  b.send(disconnect(0, "1100000000"));
  EXPECT_EQ(world.counters().shared_handed_over, 0u);
}

// MQTT5-3.10.4-3: what is in flight is completed with who unsubscribes; what waits goes on.
TEST_F(SharedSubscriptions, HandOnTheQueue_OfAMemberThatUnsubscribes) {
  Client a = member("a", 1, kOneByOne);
  publish_some({"1", "2"}, 1);
  Client b = member("b", 1);
  a.received();
  a.send(unsubscribe(9, "$share/g/t/#", true));
  EXPECT_THAT(a.received(), ElementsAre("UNSUBACK 9 [00]"));
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '2' q1 id=1"));
  a.send(puback(1));
  EXPECT_EQ(world.resources().inflight_messages, 1u);
}

TEST_F(SharedSubscriptions, LeaveTheQueueToTheLastMember_ThatUnsubscribes) {
  Client a = member("a", 1, kOneByOne);
  publish_some({"1", "2"}, 1);
  a.send(unsubscribe(9, "$share/g/t/#", true)).received();
  Client b = member("b", 1);
  a.send(puback(1));
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '2' q1 id=2"));
  EXPECT_THAT(b.received(), IsEmpty());
}

TEST_F(SharedSubscriptions, KeepTheirMembersAndMessages_OverARestart) {
  Client a = member("a", 1, kOneByOne);
  publish_some({"1", "2"}, 1);
  a.cut();
  world.crash_and_restart();
  EXPECT_EQ(world.resources().shared_groups, 1u);
  Client b = member("b", 1);
  a = world.connect("a", {.version = 5, .clean = true});  // its session ends
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '1' q1 id=1", "PUBLISH t/1 '2' q1 id=2"));
}

TEST_F(SharedSubscriptions, AreHandedToStoredSessions_WhenTheBrokerStops) {
  member("a", 1, kPassing);
  publish_some({"1"}, 1);
  Client b = member("b", 1);
  world.step(Stop{});
  world.crash_and_restart();
  b = world.connect("b", kV5);
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '1' q1 id=1"));
}

class SharedAtOnce : public SharedSubscriptions {
 protected:
  SharedAtOnce() : SharedSubscriptions({.shared_redispatch_at_disconnect = true}) {}
};

TEST_F(SharedAtOnce, Qos1GoesToWhoIsOnline_AndQos2Waits) {
  Client a = member("a", 2);
  publish_some({"1"}, 1);
  publish_some({"2"}, 2);
  Client b = member("b", 2);
  a.received();
  a.cut();
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '1' q1 id=1"));
  a = world.connect("a", kV5);
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '2' q2 id=2 dup"));
}

TEST_F(SharedAtOnce, KeepsWhatNobodyOnlineCanTake) {
  Client a = member("a", 1);
  publish_some({"1"}, 1);
  a.received();
  a.cut();
  a = world.connect("a", kV5);
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '1' q1 id=1 dup"));
}

// --- emqttd's $queue ---------------------------------------------------------------------------------------

TEST_F(SharedSubscriptions, OfTheQueueKind_AreOneGroup) {
  Client a = member("a", 0, kV5, "$queue/t/+");
  Client b = member("b", 0, kV5, "$queue/t/+");
  publish_some({"1", "2"}, 0);
  publisher.send(publish("$queue/t/1", "3"));  // as with emqttd 1.x
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t/1 '1' q0", "PUBLISH $queue/t/1 '3' q0"));
  EXPECT_THAT(b.received(), ElementsAre("PUBLISH t/1 '2' q0"));
}

TEST_F(SharedSubscriptions, OfTheQueueKind_MatchOnce_ThoughTwoWaysLeadThere) {
  Client a = member("a", 0, kV5, "$queue/$queue/#");
  publisher.send(publish("$queue/$queue/x", "1"));
  EXPECT_EQ(a.received().size(), 1u);
}

// --- Switched off ------------------------------------------------------------------------------------------

class NoSharedSubscriptions : public SharedSubscriptions {
 protected:
  NoSharedSubscriptions() : SharedSubscriptions({.shared_subscription_available = false}) {}
};

TEST_F(NoSharedSubscriptions, AreRefusedIn50_AndOrdinaryFiltersIn311) {
  Client v4 = world.connect("v4");
  v4.send(subscribe(1, "$share/g/t/1", 1));
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 1 [01]"));
  publish_some({"1"}, 0);
  EXPECT_THAT(v4.received(), IsEmpty());
  Client v5 = world.open(true);
  v5.send(connect("v5", {.version = 5}));
  EXPECT_THAT(v5.received(), ElementsAre(::testing::HasSubstr("2a00")));
  v5.send(subscribe(1, "$share/g/t/1", 1, ""));
  EXPECT_THAT(v5.received(), ElementsAre("DISCONNECT rc=9e"));
}

}  // namespace
}  // namespace mqttvet::core::testing
