// CONNECT: refusals, Clean Start, Session Present, takeover, client ids, limits, keep alive (section 3.1).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

using ::testing::StartsWith;

// The CONNACK of 5.0 says: Receive Maximum 100 (21), Maximum Packet Size 1 MiB (27), Topic Alias Maximum 16
// (22).
constexpr const char* kAccepted = "CONNACK sp=0 rc=00 {2100642700100000220010}";

TEST(Connect, IsAnsweredByteByByte) {
  TestBroker world;
  Client client = world.open();
  client.send(from_hex("10 0D 0004 4D515454 04 02 0000 0001 61"));  // MQTT, level 4, CleanSession, "a"
  EXPECT_EQ(to_hex(world.sent[client.id()]), "20020000");           // no session present, accepted
}

TEST(Connect, OfVersion5_IsToldWhatDiffersFromTheDefaults) {
  TestBroker world;
  Client client = world.open(true);
  client.send(connect("a", {.version = 5}));
  EXPECT_THAT(client.received(), ElementsAre(kAccepted));
}

TEST(Connect, OfVersion31_HasNoSessionPresent) {
  TestBroker world;
  world.connect("a", {.version = 3}).cut();
  Client client = world.open();
  client.send(connect("a", {.version = 3}));
  EXPECT_THAT(client.received(), ElementsAre("CONNACK sp=0 rc=00"));
}

TEST(Connect, TellsTheTruthAboutTheSession) {
  TestBroker world;
  const auto connack = [&](bool clean) {
    Client client = world.open();
    client.send(connect("a", {.clean = clean}));
    const auto lines = client.received();
    client.send(disconnect());
    return lines.at(0);
  };
  EXPECT_EQ(connack(false), "CONNACK sp=0 rc=00");  // fresh
  EXPECT_EQ(connack(false), "CONNACK sp=1 rc=00");
  EXPECT_EQ(connack(true), "CONNACK sp=0 rc=00");   // discards
  EXPECT_EQ(connack(false), "CONNACK sp=0 rc=00");  // nothing of the clean session is left
}

TEST(Connect, WithCleanStart_DiscardsSubscriptionsAndMessages) {
  TestBroker world;
  Client first = world.connect("a");
  first.send(subscribe(1, "t", 1));
  first.cut();
  world.connect("p").send(publish("t", "m", {.qos = 1, .packet_id = 1}));
  EXPECT_EQ(world.resources().queued_messages, 1u);
  Client second = world.connect("a", {.clean = true});
  EXPECT_THAT(second.received(), IsEmpty());
  EXPECT_EQ(world.resources().subscriptions, 0u);
  EXPECT_EQ(world.resources().queued_messages, 0u);
  EXPECT_FALSE(world.store().has_session("a"));
}

// emqttd F-01
TEST(Connect, ThatIsRefused_HasNoEffectAtAll) {
  TestBroker world({.client_id_bytes_max = 3});
  Client watcher = world.connect("w");
  watcher.send(subscribe(1, "#", 1)).received();
  Client client = world.open();
  client.send(connect("long", {.will_topic = "will"}) + publish("t", "m", {.qos = 1, .packet_id = 1}) +
              subscribe(2, "x", 1));
  EXPECT_THAT(client.received(), ElementsAre("CONNACK sp=0 rc=02"));
  EXPECT_TRUE(client.closed());
  client.send(publish("t", "m", {.qos = 1, .packet_id = 1}));
  client.cut();
  EXPECT_THAT(watcher.received(), IsEmpty());
  EXPECT_EQ(world.resources().sessions, 1u);
  EXPECT_EQ(world.resources().subscriptions, 1u);
}

TEST(Connect, WithTooLongClientId_IsRefusedInVersion5) {
  TestBroker world({.client_id_bytes_max = 3});
  Client client = world.open(true);
  client.send(connect("long", {.version = 5}));
  EXPECT_THAT(client.received(), ElementsAre(StartsWith("CONNACK sp=0 rc=85")));
  EXPECT_TRUE(client.closed());
}

// The shortest CONNACK of 5.0 has five bytes.
TEST(Connect, ThatIsRefused_HearsNothing_WhenItTakesNoPacketThatLarge) {
  TestBroker world({.client_id_bytes_max = 3});
  Client client = world.open(true);
  client.send(connect("long", {.version = 5, .properties = "27 00000004"}));
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_TRUE(client.closed());
}

TEST(Connect, WithWildcardInWillTopic_IsRefused) {
  TestBroker world;
  Client v5 = world.open(true);
  v5.send(connect("a", {.version = 5, .will_topic = "a/#"}));
  EXPECT_THAT(v5.received(), ElementsAre(StartsWith("CONNACK sp=0 rc=90")));
  Client v4 = world.open();
  v4.send(connect("a", {.will_topic = "a/#"}));
  EXPECT_THAT(v4.received(), IsEmpty());
  EXPECT_TRUE(v4.closed());
}

TEST(Connect, WithAuthenticationMethod_IsRefusedUntilThereIsOne) {
  TestBroker world;
  Client client = world.open(true);
  client.send(connect("a", {.version = 5, .properties = "15 0001 78"}));
  EXPECT_THAT(client.received(), ElementsAre(StartsWith("CONNACK sp=0 rc=8c")));
  EXPECT_TRUE(client.closed());
}

// emqttd F-06
TEST(Connect, OfAnUnknownVersion_IsAnsweredAndClosed) {
  TestBroker world;
  Client old = world.open();
  old.send(connect("a", {.version = 2}));
  EXPECT_THAT(old.received(), ElementsAre("CONNACK sp=0 rc=01"));
  EXPECT_TRUE(old.closed());
  Client future = world.open(true);
  future.send(connect("a", {.version = 6}));
  EXPECT_THAT(future.received(), ElementsAre(StartsWith("CONNACK sp=0 rc=84")));
  EXPECT_TRUE(future.closed());
}

// emqttd F-07
TEST(Connect, ThatIsMalformed_IsClosedWithoutAWordIn311) {
  TestBroker world;
  Client client = world.open();
  client.send(from_hex("10 0D 0004 4D515454 04 03 0000 0001 61"));  // reserved flag
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_TRUE(client.closed());
}

// emqttd F-02
TEST(FirstPacket, ThatIsNoConnect_ClosesTheConnection) {
  TestBroker world;
  Client client = world.open();
  client.send(pingreq());
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_TRUE(client.closed());
}

TEST(Connect, ASecondTime_IsAProtocolErrorAndFiresTheWill) {
  TestBroker world;
  Client watcher = world.connect("w");
  watcher.send(subscribe(1, "#", 0)).received();
  Client client = world.connect("a", {.version = 5, .will_topic = "will"});
  client.send(connect("a", {.version = 5}));
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT rc=82"));
  EXPECT_TRUE(client.closed());
  EXPECT_THAT(watcher.received(), ElementsAre("PUBLISH will 'gone' q0"));
}

TEST(Connect, MayBeFollowedByPacketsBeforeItsConnack) {
  TestBroker world;
  Client client = world.open();
  client.send(connect("a") + subscribe(1, "t", 1) + publish("t", "m", {.qos = 1, .packet_id = 2}) +
              pingreq());
  EXPECT_THAT(client.received(), ElementsAre("CONNACK sp=0 rc=00", "SUBACK 1 [01]", "PUBLISH t 'm' q1 id=1",
                                             "PUBACK 2", "PINGRESP"));
}

TEST(Connect, ArrivesByteByByte) {
  TestBroker world;
  Client client = world.open();
  for (const char c : connect("a") + pingreq()) client.send(std::string(1, c));
  EXPECT_THAT(client.received(), ElementsAre("CONNACK sp=0 rc=00", "PINGRESP"));
}

// --- Client ids --------------------------------------------------------------------------------------------

TEST(EmptyClientId, IsAssignedADifferentOneEachTime) {
  TestBroker world;
  Client first = world.open(true), second = world.open(true), third = world.open();
  first.send(connect("", {.version = 5}));
  second.send(connect("", {.version = 5}));
  third.send(connect("", {.clean = true}));
  const std::string one = first.received().at(0), other = second.received().at(0);
  EXPECT_NE(one, other);
  EXPECT_NE(one.find("120014" + to_hex("auto")), std::string::npos)
      << one;  // Assigned Client Identifier, 20 bytes
  EXPECT_THAT(third.received(), ElementsAre("CONNACK sp=0 rc=00"));
  EXPECT_EQ(world.resources().sessions, 3u);
}

TEST(EmptyClientId, IsRefusedWhereTheStandardHasNone) {
  TestBroker world;
  for (const ConnectOptions& options :
       {ConnectOptions{.version = 4, .clean = false}, ConnectOptions{.version = 3, .clean = true}}) {
    Client client = world.open();
    client.send(connect("", options));
    EXPECT_THAT(client.received(), ElementsAre("CONNACK sp=0 rc=02"));
    EXPECT_TRUE(client.closed());
  }
}

// --- Takeover ----------------------------------------------------------------------------------------------

TEST(Takeover, ClosesTheOlderConnection_AndMovesTheSession) {
  TestBroker world;
  Client older = world.connect("a", {.version = 5, .properties = "1100000010"});
  older.send(subscribe(1, "t", 1, "")).received();
  Client newer = world.open(true);
  newer.send(connect("a", {.version = 5, .properties = "1100000010"}));
  EXPECT_THAT(older.received(), ElementsAre("DISCONNECT rc=8e"));
  EXPECT_TRUE(older.closed());
  EXPECT_EQ(newer.received().at(0).substr(0, 18), "CONNACK sp=1 rc=00");
  older.send(unsubscribe(2, "t", true));  // too late
  world.connect("p").send(publish("t", "m", {.qos = 1, .packet_id = 1}));
  EXPECT_THAT(newer.received(), ElementsAre("PUBLISH t 'm' q1 id=1"));
  older.cut();
  EXPECT_FALSE(newer.closed());
  EXPECT_EQ(world.counters().takeovers, 1u);
}

// emqttd D-05
TEST(Takeover, OfACleanSession_BeginsANewOne) {
  TestBroker world;
  Client older = world.connect("a", {.clean = true});
  older.send(subscribe(1, "t", 1));
  Client newer = world.open();
  newer.send(connect("a"));
  EXPECT_THAT(newer.received(), ElementsAre("CONNACK sp=0 rc=00"));
  EXPECT_TRUE(older.closed());
  EXPECT_EQ(world.resources().subscriptions, 0u);
}

// --- Times -------------------------------------------------------------------------------------------------

// emqttd F-05
TEST(ConnectTimeout, RunsUntilTheConnectIsComplete) {
  TestBroker world({.connect_timeout = 10s});
  Client slow = world.open();
  world.advance(9s);
  slow.send(connect("a").substr(0, 5));
  world.advance(999ms);
  EXPECT_FALSE(slow.closed());
  world.advance(1ms);
  EXPECT_TRUE(slow.closed());
}

// emqttd G-02. Two clients, and one packet exactly on the deadline.
TEST(KeepAlive, ClosesAfterOneAndAHalf_NotAtIt) {
  TestBroker world;
  Client silent = world.connect("silent", {.version = 5, .keep_alive = 10});
  Client punctual = world.connect("punctual", {.keep_alive = 10});
  Client idle = world.connect("idle", {.keep_alive = 0});
  world.advance(15s);
  punctual.send(pingreq());
  EXPECT_FALSE(silent.closed());
  world.advance(1ns);
  EXPECT_TRUE(silent.closed());
  EXPECT_THAT(silent.received(), ElementsAre("DISCONNECT rc=8d"));
  EXPECT_FALSE(punctual.closed());
  world.advance(15s);
  EXPECT_TRUE(punctual.closed());
  world.advance(1000h);
  EXPECT_FALSE(idle.closed());
}

TEST(KeepAlive, IsNotServedByHalfAPacket) {
  TestBroker world;
  Client client = world.connect("a", {.keep_alive = 10});
  world.advance(14s);
  client.send(from_hex("C0"));
  world.advance(1s + 1ns);
  EXPECT_TRUE(client.closed());
}

TEST(KeepAlive, OfTheServer_IsNotForThoseWhoCantBeTold) {
  TestBroker world({.server_keep_alive_max = 4s});
  Client client = world.connect("a", {.keep_alive = 60});
  world.advance(90s);
  EXPECT_FALSE(client.closed());
  world.advance(1ns);
  EXPECT_TRUE(client.closed());
}

TEST(KeepAlive, OfTheServer_IsToldAndEnforced) {
  TestBroker world({.server_keep_alive_max = 4s});
  Client client = world.open(true);
  client.send(connect("a", {.version = 5, .keep_alive = 60}));
  EXPECT_NE(client.received().at(0).find("130004"), std::string::npos);
  world.advance(6s);
  EXPECT_FALSE(client.closed());
  world.advance(1ns);
  EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace mqttvet::core::testing
