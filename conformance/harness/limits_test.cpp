// What a target's file says it does not take is not sent to it.
#include "conformance/harness/limits.h"

#include <gtest/gtest.h>

#include "conformance/harness/case.h"
#include "conformance/harness/testing/scripted_target.h"

namespace mqttvet::conformance {
namespace {

using testing::Answer;
using testing::ScriptedTarget;

std::string exceeds(const Limits& limits, const Packet& packet) {
  return what_exceeds(limits, packet, Version::v5_0);
}

TEST(Limits, HoldForEveryTopicOfAPacket) {
  Limits limits;
  limits.topic_bytes_max = 5;
  limits.topic_levels_max = 2;
  limits.forbidden_topics = {"$SYS/"};
  EXPECT_EQ(exceeds(limits, Publish{.topic = "a/b"}), "");
  EXPECT_EQ(exceeds(limits, Publish{.topic = "a/bcde"}), "a topic of 6 bytes, at most 5");
  EXPECT_EQ(exceeds(limits, Subscribe{.packet_id = 1, .subscriptions = {{"a"}, {"a/b/c"}}}),
            "a topic of 3 levels, at most 2");
  EXPECT_EQ(exceeds(limits, Unsubscribe{.packet_id = 1, .topic_filters = {"$SYS/"}}),
            "no topic that begins with \"$SYS/\"");
  EXPECT_EQ(exceeds(limits, Connect{.client_id = "c", .will = Will{.topic = "a/bcde"}}),
            "a topic of 6 bytes, at most 5");
}

TEST(Limits, HoldForClientIdentifiersAndWholePackets) {
  Limits limits;
  limits.client_id_bytes_max = 4;
  limits.packet_bytes_max = 20;
  EXPECT_EQ(exceeds(limits, Connect{.client_id = "12345"}), "a client identifier of 5 bytes, at most 4");
  // Fixed header 2, topic 3, properties 1.
  EXPECT_EQ(exceeds(limits, Publish{.topic = "t", .payload = std::string(14, 'x')}), "");
  EXPECT_EQ(exceeds(limits, Publish{.topic = "t", .payload = std::string(15, 'x')}),
            "a packet of 21 bytes, at most 20");
}

TEST(Limits, SkipTheCaseThatWouldHaveToSendMore) {
  ScriptedTarget target([](std::string_view) { return Answer{.hex = "20 02 00 00"}; });
  TargetFacts facts = target.facts();
  facts.limits.topic_bytes_max = 40;
  facts.limits.topic_prefix = "test/";
  target.set_facts(facts);
  Case one;
  one.name = "MQTT311-3.3.2-1/limited";
  one.statements = {"MQTT311-3.3.2-1"};
  one.body = [](conformance::Run& run) {
    check(run.topic("t").starts_with("test/"), "the prefix");
    Client& client = run.connected();
    client.send(Publish{.topic = run.topic("t")});
    client.send(Publish{.topic = run.topic(std::string(40, 't'))});
  };
  const CaseResult result = run_case(one, Version::v3_1_1, target);
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_TRUE(result.text.starts_with("the target's limits: a topic of")) << result.text;
}

}  // namespace
}  // namespace mqttvet::conformance
