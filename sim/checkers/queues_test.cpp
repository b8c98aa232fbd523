// Stories for POL: the order of queues, what they lose, and their alarms.
#include <gtest/gtest.h>

#include "sim/checkers/test_history.h"

namespace mqttvet::sim {
namespace {

wire::Publish on(const std::string& topic, int qos, std::uint16_t id, const std::string& payload) {
  wire::Publish packet = Story::publish(qos, id, payload);
  packet.topic = topic;
  return packet;
}

// alice is away; "low" and then "high" wait for her.
Story waiting(const std::string& type) {
  Story story;
  story.with("queue_type", type).with("queue_topic_priorities", "h=5");
  story.in("alice").subscribes("alice", "#", 1).in("bob").cut("alice");
  story.sends("bob", on("l", 1, 1, "low")).gets("bob", wire::Puback{1});
  story.sends("bob", on("h", 1, 2, "high")).gets("bob", wire::Puback{2});
  return story.resumes("alice");
}
Story& comes(Story& story, const std::string& topic, std::uint16_t id, const std::string& payload) {
  return story.gets("alice", on(topic, 1, id, payload)).puback("alice", id);
}

TEST(QueueOrder, HigherPrioritiesFirst) {
  Story right = waiting("priority"), wrong = waiting("priority");
  EXPECT_EQ(comes(comes(right, "h", 1, "high"), "l", 2, "low").blames(), "");
  EXPECT_EQ(comes(comes(wrong, "l", 1, "low"), "h", 2, "high").blames(), "POL");
}

TEST(QueueOrder, ASimpleQueueKeepsTheOrderOfArrival_WhateverTheTopics) {
  Story right = waiting("simple"), wrong = waiting("simple");
  EXPECT_EQ(comes(comes(right, "l", 1, "low"), "h", 2, "high").blames(), "");
  EXPECT_EQ(comes(comes(wrong, "h", 1, "high"), "l", 2, "low").blames(), "POL");
}

// --- Alarms ---

constexpr const char* kAlerts = "$SYS/broker/alarms/queue_high_watermark/alert";
constexpr const char* kClears = "$SYS/broker/alarms/queue_high_watermark/clear";

// op listens; alice is away, and bob publishes so many messages to her. The alarm is raised at 2 of 4.
Story watched(int messages) {
  Story story;
  story.with("queue_messages_max", "4").with("queue_high_watermark_percent", "50").with("sys_interval", "10");
  story.in("op").subscribes("op", "$SYS/broker/alarms/queue_high_watermark/+", 1);
  story.in("alice").subscribes("alice", "t", 1).in("bob");
  story.sends("alice", wire::Disconnect{}).cut("alice", "client closed").after(std::chrono::seconds(5));
  for (int i = 1; i <= messages; ++i)
    story.publishes("bob", 1, static_cast<std::uint16_t>(i), "m" + std::to_string(i));
  return story;
}
Story& tells(Story& story, const char* topic, std::uint16_t id) {
  const std::string text = R"({"alarm": "queue_high_watermark", "client_id": "alice"})";
  return story.gets("op", on(topic, 1, id, text)).puback("op", id);
}
// alice is back and takes what waits for her.
Story& drained(Story& story, int messages) {
  story.resumes("alice");
  for (int i = 1; i <= messages; ++i)
    story.delivered("alice", 1, static_cast<std::uint16_t>(i), "m" + std::to_string(i));
  return story;
}

TEST(Alarms, AreRaisedAndClearedInTurn) {
  Story right = watched(2), twice = watched(3);
  EXPECT_EQ(tells(drained(tells(right, kAlerts, 1), 2), kClears, 2).blames(), "");
  tells(tells(twice, kAlerts, 1), kAlerts, 2);
  EXPECT_EQ(tells(drained(twice, 3), kClears, 3).blames(), "POL");
}

TEST(Alarms, AreDueAtTheHighWatermark_AndNotBefore) {
  Story silent = watched(2), early = watched(1), quiet = watched(1);
  EXPECT_EQ(silent.blames(), "POL");
  EXPECT_EQ(quiet.blames(), "");
  EXPECT_EQ(tells(drained(tells(early, kAlerts, 1), 1), kClears, 2).blames(), "POL");
}

TEST(Alarms, AreClearedWhenTheQueueIsEmpty) {
  Story story = watched(2);
  EXPECT_EQ(drained(tells(story, kAlerts, 1), 2).blames(), "POL");
}

}  // namespace
}  // namespace mqttvet::sim
