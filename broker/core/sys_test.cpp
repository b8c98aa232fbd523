// $SYS, and the limits that emqttd has for what waits and what is retained.
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

using ::testing::Contains;
using ::testing::Not;

TEST(Sys, TellsFigures_AtOnceAndWheneverTheyHaveChanged) {
  TestBroker world{{.sys_interval = 10s, .version = "mqttvet 1"}};
  Client alice = world.connect("alice");
  alice.send(subscribe(1, "$SYS/#", 0));
  const auto first = alice.received();
  EXPECT_THAT(first, Contains("PUBLISH $SYS/broker/version 'mqttvet 1' q0 retain"));
  EXPECT_THAT(first, Contains("PUBLISH $SYS/broker/clients/connected '0' q0 retain"));
  world.advance(10s);
  const auto second = alice.received();
  EXPECT_THAT(second, Contains("PUBLISH $SYS/broker/uptime '10 seconds' q0"));
  EXPECT_THAT(second, Contains("PUBLISH $SYS/broker/clients/connected '1' q0"));
  EXPECT_THAT(second, Contains("PUBLISH $SYS/broker/subscriptions/count '1' q0"));
  EXPECT_THAT(second, Not(Contains("PUBLISH $SYS/broker/version 'mqttvet 1' q0")));
  EXPECT_EQ(world.resources().retained_messages, 0u);
}

TEST(Sys, IsSilent_Without_AnInterval) {
  TestBroker world;
  Client alice = world.connect("alice");
  alice.send(subscribe(1, "$SYS/#", 0)).received();
  world.advance(1h);
  EXPECT_THAT(alice.received(), IsEmpty());
}

TEST(Sys, CountsWhatWasDropped_ByReason) {
  TestBroker world{{.queue_messages_max = 1, .sys_interval = 10s}};
  Client away = world.connect("away");
  away.send(subscribe(1, "t", 1)).received();
  away.cut();
  Client publisher = world.connect("p");
  publisher.send(publish("t", "x") + publish("t", "1", {.qos = 1, .packet_id = 1}) +
                 publish("t", "2", {.qos = 1, .packet_id = 2}));
  world.advance(10s);
  Client alice = world.connect("alice", {.clean = true});
  alice.send(subscribe(1, "$SYS/broker/publish/messages/dropped/#", 0));
  const auto figures = alice.received();
  EXPECT_THAT(figures, Contains("PUBLISH $SYS/broker/publish/messages/dropped '2' q0 retain"));
  EXPECT_THAT(figures, Contains("PUBLISH $SYS/broker/publish/messages/dropped/queue_full '1' q0 retain"));
  EXPECT_THAT(figures, Contains("PUBLISH $SYS/broker/publish/messages/dropped/qos0_offline '1' q0 retain"));
}

TEST(Sys, TakesNothingFromClients) {
  TestBroker world{{.sys_interval = 10s}};
  Client alice = world.connect("alice");
  alice.send(subscribe(1, "$SYS/mine", 0)).received();
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(publish("$SYS/mine", "x", {.qos = 1, .packet_id = 1, .properties = ""}));
  EXPECT_THAT(v5.received(), ElementsAre("PUBACK 1 rc=87"));
  Client v4 = world.connect("v4");
  v4.send(publish("$SYS/mine", "x", {.qos = 1, .packet_id = 1, .retain = true}));
  EXPECT_THAT(v4.received(), ElementsAre("PUBACK 1"));
  EXPECT_THAT(alice.received(), IsEmpty());
}

TEST(Sys, IsNotSeenByALeadingWildcard) {
  TestBroker world{{.sys_interval = 10s}};
  Client alice = world.connect("alice");
  alice.send(subscribe(1, "#", 0) + subscribe(2, "+/broker/#", 0)).received();
  world.advance(30s);
  EXPECT_THAT(alice.received(), IsEmpty());
}

// --- Limits ------------------------------------------------------------------------------------------------

TEST(RetainedLimits, LeaveNoOldValue_WhenTheNewOneIsTooLarge) {
  TestBroker world{{.retained_payload_bytes_max = 3}};
  Client alice = world.connect("alice");
  alice.send(subscribe(1, "t", 0)).received();
  alice.send(publish("t", "abc", {.retain = true}) + publish("t", "abcd", {.retain = true}));
  EXPECT_THAT(alice.received(), ElementsAre("PUBLISH t 'abc' q0", "PUBLISH t 'abcd' q0"));
  EXPECT_EQ(world.resources().retained_messages, 0u);
  EXPECT_EQ(world.counters().not_retained_too_large, 1u);
}

TEST(RetainedLimits, EndTheLifeOfARetainedMessage_NotAfterTheMessageItself) {
  TestBroker world{{.retained_expiry_interval = 10s}};
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(publish("brief", "x", {.retain = true, .properties = "0200000005"}));  // 5 s
  v5.send(publish("long", "x", {.retain = true, .properties = "02000000FF"}));
  v5.send(publish("plain", "x", {.retain = true, .properties = ""}));
  EXPECT_EQ(world.resources().retained_messages, 3u);
  world.advance(5s);
  EXPECT_EQ(world.resources().retained_messages, 2u);
  world.advance(5s);
  EXPECT_EQ(world.resources().retained_messages, 0u);
}

TEST(RetainedLimits, EndTheLifeOfARetainedMessage_OverARestart) {
  TestBroker world{{.retained_expiry_interval = 10s}};
  world.connect("a").send(publish("t", "x", {.retain = true}));
  world.advance(6s);
  world.crash_and_restart();
  world.advance(4s - 1ns);
  EXPECT_EQ(world.resources().retained_messages, 1u);
  world.advance(1ns);
  EXPECT_EQ(world.resources().retained_messages, 0u);
}

TEST(AwaitRel, EndsTheConnection_NotTheExchange) {
  TestBroker world{{.await_rel_timeout = 20s}};
  Client subscriber = world.connect("s");
  subscriber.send(subscribe(1, "t", 0)).received();
  Client alice = world.connect("alice");
  world.advance(5s);
  alice.send(publish("t", "m", {.qos = 2, .packet_id = 7}));
  world.advance(20s - 1ns);
  EXPECT_FALSE(alice.closed());
  world.advance(1ns);
  EXPECT_TRUE(alice.closed());
  world.advance(1h);  // offline time doesn't count
  alice = world.connect("alice");
  world.advance(10s);
  alice.send(publish("t", "m", {.qos = 2, .packet_id = 7, .dup = true}) + pubrel(7));
  EXPECT_THAT(alice.received(), ElementsAre("PUBREC 7", "PUBCOMP 7"));
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH t 'm' q0"));  // once
  world.advance(1h);
  EXPECT_FALSE(alice.closed());
}

TEST(AwaitRel, HoldsForPubcompToo) {
  TestBroker world{{.await_rel_timeout = 20s}};
  Client alice = world.connect("alice", {.version = 5, .properties = "11FFFFFFFF"});
  alice.send(subscribe(1, "t", 2, "") + publish("t", "m", {.qos = 1, .packet_id = 1, .properties = ""}));
  alice.send(publish("t", "m", {.qos = 2, .packet_id = 2, .properties = ""}) + pubrel(2));
  alice.received();
  alice.send(pubrec(2)).received();
  world.advance(20s);
  EXPECT_THAT(alice.received(), ElementsAre("DISCONNECT rc=97"));
  alice = world.connect("alice", {.version = 5, .properties = "11FFFFFFFF"});
  EXPECT_THAT(alice.received(), ElementsAre("PUBREL 2", "PUBLISH t 'm' q1 id=1 dup"));
}

TEST(AwaitRel, OfMoreThanAllowed_IsNotAcknowledged) {
  TestBroker world{{.max_awaiting_rel = 2}};
  Client alice = world.connect("alice");
  for (std::uint16_t id = 1; id < 4; ++id) alice.send(publish("t", "m", {.qos = 2, .packet_id = id}));
  EXPECT_THAT(alice.received(), ElementsAre("PUBREC 1", "PUBREC 2"));
  EXPECT_TRUE(alice.closed());
  alice = world.connect("alice");
  alice.send(pubrel(1) + publish("t", "m", {.qos = 2, .packet_id = 3, .dup = true}));
  EXPECT_THAT(alice.received(), ElementsAre("PUBCOMP 1", "PUBREC 3"));
  Client v5 = world.open(true);
  v5.send(connect("v5", {.version = 5}));
  EXPECT_THAT(v5.received(), ElementsAre(::testing::HasSubstr("{210002")));  // Receive Maximum
}

TEST(KeepAlive, IsStretchedAsConfigured) {
  TestBroker world{{.keep_alive_percent = 300}};
  Client alice = world.connect("alice", {.keep_alive = 10});
  world.advance(30s);
  EXPECT_FALSE(alice.closed());
  world.advance(1ms);
  EXPECT_TRUE(alice.closed());
}

}  // namespace
}  // namespace mqttvet::core::testing
