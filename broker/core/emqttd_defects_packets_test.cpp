// The defects of emqttd 1.1.3 (docs/emqttd-defects.md) that this broker must not have: packets, subscribing
// and retained messages, queues (F, H, I).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

// Sends the bytes on a connection of client "a" that has a will; says whether it was closed, and the will
// published.
bool is_closed_with_its_will(const std::string& hex) {
  TestBroker world;
  Client watcher = world.connect("w");
  watcher.send(subscribe(1, "will", 0)).received();
  Client a = world.connect("a", {.will_topic = "will"});
  a.send(from_hex(hex));
  return a.closed() && watcher.received().size() == 1;
}

// --- F. Packets --------------------------------------------------------------------------------------------

TEST(EmqttdDefects, F01_ARefusedClientHasNoEffect) {
  TestBroker world{{.client_id_bytes_max = 30}};
  Client watcher = world.connect("w");
  watcher.send(subscribe(1, "#", 0)).received();
  Client refused = world.open();
  refused.send(connect(std::string(31, 'x'), {.will_topic = "will"}) + publish("t", "m"));
  EXPECT_THAT(refused.received(), ElementsAre("CONNACK sp=0 rc=02"));
  EXPECT_TRUE(refused.closed());
  EXPECT_THAT(watcher.received(), IsEmpty());
}

TEST(EmqttdDefects, F02_PacketTypesThatNobodySendsAreRefusedAtOnce) {
  for (const std::string hex : {"00 00", "20 02 0000", "90 03 0001 00", "D0 00", "F0 00"}) {
    TestBroker world;
    Client stranger = world.open();
    stranger.send(from_hex(hex));
    EXPECT_TRUE(stranger.closed()) << hex;
    if (hex[0] != '0') {
      EXPECT_TRUE(is_closed_with_its_will(hex)) << hex;
    }
  }
}

TEST(EmqttdDefects, F03_ARemainingLengthHasFourBytes) {
  EXPECT_TRUE(is_closed_with_its_will("30 80 80 80 80"));
}

TEST(EmqttdDefects, F04_ReservedFlagsAreChecked) {
  for (const std::string hex : {"4F 02 0001", "60 02 0001", "80 06 0001 0001 74 00", "A0 05 0001 0001 74"}) {
    EXPECT_TRUE(is_closed_with_its_will(hex)) << hex;
  }
}

TEST(EmqttdDefects, F05_AByteIsNoConnect) {
  TestBroker world{{.connect_timeout = 10s}};
  Client slow = world.open();
  slow.send("\x10");
  world.advance(10s);
  EXPECT_TRUE(slow.closed());
}

TEST(EmqttdDefects, F06_AnUnknownLevelIsAnswered) {
  TestBroker world;
  for (const std::string level : {"06", "14"}) {
    Client client = world.open();
    client.send(from_hex("10 0D 0004 4D515454 " + level + " 02 0000 0001 61"));
    EXPECT_FALSE(world.sent[client.id()].empty());  // CONNACK with "unacceptable protocol version"
    EXPECT_TRUE(client.closed());
  }
  EXPECT_EQ(world.resources().sessions, 0u);
}

TEST(EmqttdDefects, F07_FlagsOfConnectAreChecked) {
  TestBroker world;
  for (const std::string flags :
       {"03", "22", "0A", "42"}) {  // reserved; will retain; will QoS; password alone
    Client client = world.open();
    client.send(from_hex("10 0D 0004 4D515454 04 " + flags + " 0000 0001 61"));
    EXPECT_TRUE(client.closed()) << flags;
  }
  EXPECT_EQ(world.resources().sessions, 0u);
}

TEST(EmqttdDefects, F08_PacketId0IsRefused) {
  EXPECT_TRUE(is_closed_with_its_will("32 06 0001 74 0000 6D"));
  EXPECT_TRUE(is_closed_with_its_will("82 06 0000 0001 74 00"));
}

TEST(EmqttdDefects, F09_BrokenPublishesAreRefused) {
  EXPECT_TRUE(is_closed_with_its_will("38 04 0001 74 6D"));       // QoS 0 with DUP
  EXPECT_TRUE(is_closed_with_its_will("36 06 0001 74 0001 6D"));  // QoS 3
  EXPECT_TRUE(is_closed_with_its_will("30 04 0001 FF 6D"));       // not UTF-8
}

TEST(EmqttdDefects, F10_TextIsUtf8_AndTopicsMayBeLong) {
  TestBroker world;
  Client client = world.open();
  client.send(from_hex("10 0D 0004 4D515454 04 02 0000 0001 FF"));
  EXPECT_TRUE(client.closed());
  Client a = world.connect("a");
  const std::string topic(5000, 't');
  a.send(subscribe(1, topic, 0)).received();
  a.send(publish(topic, "m"));
  EXPECT_EQ(a.received().size(), 1u);
}

TEST(EmqttdDefects, F11_ReservedBitsOfARequestedQosAreChecked) {
  EXPECT_TRUE(is_closed_with_its_will("82 06 0001 0001 74 FD"));
}

TEST(EmqttdDefects, F14_AWillFollowsTheRulesOfPublishing) {
  TestBroker world{{.sys_interval = 60s}};
  Client watcher = world.connect("w");
  watcher.send(subscribe(1, "$SYS/fake", 0)).received();
  Client a = world.open();
  a.send(connect("a", {.will_topic = "$SYS/fake"}));
  a.cut();
  EXPECT_THAT(watcher.received(), IsEmpty());
}

TEST(EmqttdDefects, F15_FiltersAreGrantedOneByOne) {
  TestBroker world{{.topic_levels_max = 2}};
  Client a = world.connect("a");
  a.send(from_hex("82 0E 0001 0005 612F622F63 00 0001 62 01"));  // a/b/c is too deep
  EXPECT_THAT(a.received(), ElementsAre("SUBACK 1 [8001]"));
}

TEST(EmqttdDefects, F16_ARefusedPublishIsAnswered) {
  TestBroker world;
  Client a = world.connect("a");
  a.send(publish("$SYS/x", "m", {.qos = 1, .packet_id = 1}) +
         publish("$SYS/x", "m", {.qos = 2, .packet_id = 2}));
  EXPECT_THAT(a.received(), ElementsAre("PUBACK 1", "PUBREC 2"));
}

// --- H. Subscribing, retained messages ---------------------------------------------------------------------

TEST(EmqttdDefects, H01_EverySubscribeIsSentTheRetainedMessages) {
  TestBroker world;
  Client a = world.connect("a");
  a.send(publish("t", "m", {.retain = true}));
  for (int i = 0; i < 2; ++i) {
    a.send(subscribe(1, "t", 0));
    EXPECT_THAT(a.received(), ElementsAre("SUBACK 1 [00]", "PUBLISH t 'm' q0 retain"));
  }
}

TEST(EmqttdDefects, H02_NothingNewComesAfterUnsuback) {
  TestBroker world;
  Client a = world.connect("a");
  a.send(subscribe(1, "t", 0) + publish("t", "1", {.qos = 1, .packet_id = 1}) + unsubscribe(2, "t") +
         publish("t", "2", {.qos = 1, .packet_id = 2}));
  EXPECT_THAT(a.received(),
              ElementsAre("SUBACK 1 [00]", "PUBLISH t '1' q0", "PUBACK 1", "UNSUBACK 2", "PUBACK 2"));
}

TEST(EmqttdDefects, H03_DupIsNotPassedOn) {
  TestBroker world;
  Client a = world.connect("a");
  a.send(subscribe(1, "t", 1) + publish("t", "m", {.qos = 1, .packet_id = 9, .dup = true}));
  EXPECT_THAT(a.received(), ElementsAre("SUBACK 1 [01]", "PUBLISH t 'm' q1 id=1", "PUBACK 9"));
}

TEST(EmqttdDefects, H04_LeadingWildcardsDontSeeDollarTopics) {
  TestBroker world;
  Client a = world.connect("a");
  a.send(subscribe(1, "#", 0) + subscribe(2, "+/x", 0)).received();
  a.send(publish("$foo/x", "m") + publish("$queue/x", "m"));
  EXPECT_THAT(a.received(), IsEmpty());
}

TEST(EmqttdDefects, H06_AKnownTopicIsReplaced_ThoughTheTableIsFull) {
  TestBroker world{{.retained_messages_max = 1}};
  Client a = world.connect("a");
  a.send(publish("t", "old", {.retain = true}) + publish("u", "no room", {.retain = true}) +
         publish("t", "new", {.retain = true}) + subscribe(1, "#", 0));
  EXPECT_THAT(a.received(), ElementsAre("SUBACK 1 [00]", "PUBLISH t 'new' q0 retain"));
}

TEST(EmqttdDefects, H07_OverlappingSubscriptionsGiveTheHighestQos) {
  TestBroker world;
  Client a = world.connect("a");
  a.send(subscribe(1, "t", 0) + subscribe(2, "#", 1)).received();
  a.send(publish("t", "m", {.qos = 2, .packet_id = 1}));
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH t 'm' q1 id=1", "PUBREC 1"));
}

TEST(EmqttdDefects, H08_RetainedMessagesExpireInTime) {
  TestBroker world{{.retained_expiry_interval = 10s}};
  Client a = world.connect("a");
  a.send(publish("t", "m", {.retain = true}));
  world.advance(10s - 1ns);
  EXPECT_EQ(world.resources().retained_messages, 1u);
  world.advance(1ns);
  EXPECT_EQ(world.resources().retained_messages, 0u);
}

TEST(EmqttdDefects, H09_TheRetainFlagIsKeptInTheQueue) {
  TestBroker world{{.max_inflight = 1}};
  Client a = world.connect("a");
  a.send(publish("t", "kept", {.retain = true}) +
         publish("u", "kept", {.qos = 1, .packet_id = 1, .retain = true}) +
         publish("v", "kept", {.qos = 1, .packet_id = 2, .retain = true}));
  a.received();
  a.send(subscribe(1, "+", 1) + publish("v", "live", {.qos = 1, .packet_id = 3})).received();
  a.send(puback(1));
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH v 'kept' q1 id=2 retain"));
  a.send(puback(2));
  EXPECT_THAT(a.received(), ElementsAre("PUBLISH v 'live' q1 id=3"));
}

// --- I. Queues ---------------------------------------------------------------------------------------------

class OfflineQueue {
 public:
  explicit OfflineQueue(const Config& config) : world(config) {
    Client s = world.connect("s");
    s.send(subscribe(1, "#", 1));
    s.cut();
  }
  void publish_to(const std::string& topic, const std::string& payload, int qos) {
    publisher.send(publish(topic, payload, {.qos = qos, .packet_id = 1}));
  }
  std::string payloads() {
    std::string text;
    for (const std::string& line : world.connect("s").received()) {
      const auto quote = line.find('\'');
      text += line.substr(quote + 1, line.rfind('\'') - quote - 1);
    }
    return text;
  }
  TestBroker world;
  Client publisher = world.connect("p");
};

TEST(EmqttdDefects, I01_QoS0DisplacesNoQoS1) {
  OfflineQueue queue({.queue_messages_max = 3, .queue_qos0 = true});
  for (const std::string payload : {"a", "b", "c"}) queue.publish_to("t", payload, 1);
  for (const std::string payload : {"x", "y", "z"}) queue.publish_to("t", payload, 0);
  EXPECT_EQ(queue.payloads(), "abc");
  EXPECT_EQ(queue.world.counters().dropped_queue_full, 3u);
}

TEST(EmqttdDefects, I02_AMaximumOf0MeansNoLimit) {
  OfflineQueue queue({.queue_messages_max = 0});
  for (int i = 0; i < 50; ++i) queue.publish_to("t", "m", 1);
  EXPECT_EQ(queue.world.resources().queued_messages, 50u);
}

TEST(EmqttdDefects, I03_AnAlarmIsClearedWhenItsCauseEnds_HoweverSmallTheQueue) {
  for (const std::size_t most : {1u, 2u, 3u, 10u}) {
    OfflineQueue queue({.queue_messages_max = most});
    for (std::size_t i = 0; i < most; ++i) queue.publish_to("t", "m", 1);
    EXPECT_EQ(queue.world.resources().queue_alarms, 1u) << most;
    queue.world.crash_and_restart();
    EXPECT_EQ(queue.world.resources().queue_alarms, 1u) << most;
    queue.world.connect("s");
    EXPECT_EQ(queue.world.resources().queue_alarms, 0u) << most;  // sent
  }
  OfflineQueue queue({.session_expiry_interval_v3 = 10s, .queue_messages_max = 1});
  queue.publish_to("t", "m", 1);
  queue.world.advance(10s);
  EXPECT_EQ(queue.world.resources().queue_alarms, 0u);  // its session has ended
}

TEST(EmqttdDefects, I04_APriorityQueueHasOneLimit_AndCountsItsDrops) {
  OfflineQueue queue({.queue_messages_max = 3,
                      .queue_type = QueueType::priority,
                      .queue_topic_priorities = {{"a", 1}, {"b", 2}}});
  for (int i = 0; i < 30; ++i) queue.publish_to(std::string(1, static_cast<char>('a' + i % 3)), "m", 1);
  EXPECT_EQ(queue.world.resources().queued_messages, 3u);
  EXPECT_EQ(queue.world.counters().dropped_queue_full, 27u);
  EXPECT_EQ(queue.world.resources().queue_alarms, 1u);
}

// published x matches = delivered + queued + in flight + dropped, by reason
TEST(EmqttdDefects, I05_NoMessageIsUnaccounted) {
  OfflineQueue queue({.max_inflight = 2, .queue_messages_max = 3});
  for (int i = 0; i < 5; ++i) queue.publish_to("t", "m", 1);
  for (int i = 0; i < 2; ++i) queue.publish_to("t", "m", 0);
  queue.world.connect("s");
  queue.publish_to("t", "m", 0);
  const Counters counters = queue.world.counters();
  const Resources resources = queue.world.resources();
  EXPECT_EQ(counters.delivered_publish + resources.queued_messages + counters.dropped_queue_full +
                counters.dropped_qos0_offline,
            8u);
}

TEST(EmqttdDefects, I06_AQueueHasALimit_UnlessConfiguredOtherwise) {
  EXPECT_GT(Config().queue_messages_max, 0u);
}

TEST(EmqttdDefects, I07_WhatIsLeftKeepsItsOrder) {
  OfflineQueue queue({.queue_messages_max = 3});
  for (const std::string payload : {"a", "b", "c", "d", "e"}) queue.publish_to("t", payload, 1);
  EXPECT_EQ(queue.payloads(), "cde");
}

}  // namespace
}  // namespace mqttvet::core::testing
