// The queue of a session: priorities, drop policies, alarms (emqttd's mqtt.queue.*).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

using ::testing::HasSubstr;

class Queue : public ::testing::Test {
 protected:
  // alice is subscribed to everything, and offline.
  void start(const Config& config) {
    world.emplace(config);
    publisher.emplace(world->connect("p"));
    Client alice = world->connect("alice");
    alice.send(subscribe(1, "#", 1)).received();
    alice.cut();
  }
  void publish_to(const std::vector<std::string>& topics, int qos = 1) {
    for (const std::string& topic : topics) {
      ++count;
      publisher->send(publish(topic, std::to_string(count), {.qos = qos, .packet_id = 1}));
    }
  }
  // What alice gets when she is back: "topic number".
  std::string arrives() {
    Client alice = world->connect("alice");
    std::string text;
    for (const std::string& line : alice.received()) {
      const auto quote = line.find('\'');
      text += line.substr(8, quote - 8) + line.substr(quote + 1, line.rfind('\'') - quote - 1) + ", ";
    }
    return text;
  }

  std::optional<TestBroker> world;
  std::optional<Client> publisher;
  int count = 0;
};

const Config kPriorities = {.queue_messages_max = 4,
                            .queue_qos0 = true,
                            .queue_type = QueueType::priority,
                            .queue_topic_priorities = {{"alarm/#", 9}, {"a", 5}, {"b", 5}}};

TEST_F(Queue, OfPriorities_SendsTheHighestFirst_AndEqualOnesAsTheyCame) {
  start(kPriorities);
  publish_to({"other", "b", "a", "alarm/x"});
  EXPECT_EQ(arrives(), "alarm/x 4, b 2, a 3, other 1, ");
}

TEST_F(Queue, OfPriorities_KeepsTheOrderWithinATopic_OverARestart) {
  start(kPriorities);
  publish_to({"b", "a", "b", "alarm/x"});
  world->crash_and_restart();
  EXPECT_EQ(arrives(), "alarm/x 4, b 1, a 2, b 3, ");
}

TEST_F(Queue, Simple_KnowsNoPriorities) {
  Config config = kPriorities;
  config.queue_type = QueueType::simple;
  start(config);
  publish_to({"other", "alarm/x"});
  EXPECT_EQ(arrives(), "other 1, alarm/x 2, ");
}

TEST_F(Queue, ThatIsFull_DropsTheOldest) {
  Config config = kPriorities;
  start(config);
  publish_to({"alarm/x", "a", "b", "other", "other"});
  EXPECT_EQ(arrives(), "a 2, b 3, other 4, other 5, ");
  EXPECT_EQ(world->counters().dropped_queue_full, 1u);
}

TEST_F(Queue, ThatIsFull_DropsTheNewest_IfSoConfigured) {
  Config config = kPriorities;
  config.queue_drop_policy = QueueDropPolicy::newest;
  start(config);
  publish_to({"other", "a", "b", "other", "alarm/x"});
  EXPECT_EQ(arrives(), "a 2, b 3, other 1, other 4, ");
}

TEST_F(Queue, ThatIsFull_DropsTheLowestPriority_IfSoConfigured) {
  Config config = kPriorities;
  config.queue_drop_policy = QueueDropPolicy::lowest_priority;
  start(config);
  publish_to({"alarm/x", "a", "other", "other", "b", "a", "other"});
  EXPECT_EQ(arrives(), "alarm/x 1, a 2, b 5, a 6, ");  // "other 7" gave way to all of them
}

TEST_F(Queue, ThatIsFull_DropsQos0First_WhateverThePolicy) {
  for (const auto policy :
       {QueueDropPolicy::oldest, QueueDropPolicy::newest, QueueDropPolicy::lowest_priority}) {
    Config config = kPriorities;
    config.queue_drop_policy = policy;
    start(config);
    count = 0;
    publish_to({"other"});
    publish_to({"alarm/x"}, 0);
    publish_to({"a", "b", "other"});
    EXPECT_EQ(arrives(), "a 3, b 4, other 1, other 5, ");
    start(config);
    count = 0;
    publish_to({"other", "a", "b", "other"});
    publish_to({"alarm/x"}, 0);
    EXPECT_EQ(arrives(), "a 2, b 3, other 1, other 4, ");
  }
}

TEST_F(Queue, IsAsLongAsAReloadAllows_WithItsAlarms) {
  Config config = kPriorities;
  start(config);
  publish_to({"a", "a", "a", "a"});
  EXPECT_EQ(world->resources().queue_alarms, 1u);
  config.queue_messages_max = 6;
  world->step(Reload{{}, config});
  publish_to({"a", "a"});
  EXPECT_EQ(world->counters().dropped_queue_full, 0u);
  config.queue_high_watermark_percent = 0;
  world->step(Reload{{}, config});
  EXPECT_EQ(world->resources().queue_alarms, 0u);
  EXPECT_EQ(arrives(), "a 1, a 2, a 3, a 4, a 5, a 6, ");
}

// --- Alarms ------------------------------------------------------------------------------------------------

std::vector<std::string> alarms_of(TestBroker& world) {
  std::vector<std::string> found;
  for (const std::string& line : world.log) {
    if (line.find("watermark") != std::string::npos) found.push_back(line);
  }
  return found;
}

TEST_F(Queue, RaisesAnAlarm_AtItsHighWatermark_AndClearsItAtItsLowOne) {
  start({.queue_messages_max = 10, .sys_interval = 10s});
  Client operator_ = world->connect("op", {.clean = true});
  operator_.send(subscribe(1, "$SYS/broker/alarms/queue_high_watermark/+", 1)).received();
  publish_to({"t", "t", "t", "t", "t"});
  EXPECT_THAT(operator_.received(), IsEmpty());
  publish_to({"t", "t", "t"});
  EXPECT_THAT(operator_.received(),
              ElementsAre("PUBLISH $SYS/broker/alarms/queue_high_watermark/alert "
                          "'{\"alarm\": \"queue_high_watermark\", \"client_id\": \"alice\"}' q1 id=1"));
  EXPECT_EQ(world->resources().queue_alarms, 1u);
  arrives();
  EXPECT_THAT(operator_.received(), ElementsAre(HasSubstr("/clear ")));
  EXPECT_EQ(world->resources().queue_alarms, 0u);
  EXPECT_EQ(alarms_of(*world).size(), 2u);
}

TEST_F(Queue, DoesNotRepeatItsAlarm_BetweenTheWatermarks) {
  start({.max_inflight = 1, .queue_messages_max = 10});
  publish_to({"t", "t", "t", "t", "t", "t", "t"});
  Client alice = world->connect("alice");
  for (std::uint16_t id = 1; id < 4; ++id) alice.send(puback(id));  // 3 are left
  publish_to({"t", "t", "t", "t"});
  EXPECT_EQ(alarms_of(*world).size(), 1u);
}

TEST_F(Queue, SpeaksOfAlarms_ToItsOwnSubscriber_WithoutEnd) {
  start({.queue_messages_max = 1, .sys_interval = 10s});
  Client alice = world->connect("alice");
  alice.send(subscribe(2, "$SYS/broker/alarms/#", 1)).received();
  alice.cut();
  publish_to({"t"});
  EXPECT_EQ(world->resources().queued_messages, 1u);
  arrives();
  EXPECT_EQ(world->resources().queue_alarms, 0u);
}

TEST_F(Queue, WithAlarmsInIt_RaisesNone_SoThatWatchersDontKeepEachOtherBusy) {
  start({.queue_messages_max = 2, .queue_high_watermark_percent = 50, .sys_interval = 10s});
  for (const char* name : {"op1", "op2"}) {
    Client watcher = world->connect(name);
    watcher.send(subscribe(1, "$SYS/broker/alarms/#", 1)).received();
    watcher.cut();
  }
  publish_to({"t"});
  EXPECT_EQ(world->resources().queue_alarms, 1u);  // alice's
  EXPECT_EQ(alarms_of(*world).size(), 1u);
}

}  // namespace
}  // namespace mqttvet::core::testing
