#include "broker/driver/config_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mqttvet::driver {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Optional;

TEST(ConfigText, SetsNumbersDurationsAndSwitches) {
  core::Config config;
  EXPECT_EQ(apply(config, "max_inflight", "1"), std::nullopt);
  EXPECT_EQ(apply(config, "connect_timeout", "3"), std::nullopt);
  EXPECT_EQ(apply(config, "queue_qos0", "true"), std::nullopt);
  EXPECT_EQ(apply(config, "queue_messages_max", "0"), std::nullopt);
  EXPECT_EQ(apply(config, "session_expiry_interval_v3", "never"), std::nullopt);
  EXPECT_EQ(config.max_inflight, 1);
  EXPECT_EQ(config.connect_timeout, seconds(3));
  EXPECT_TRUE(config.queue_qos0);
  EXPECT_EQ(config.queue_messages_max, 0u);
  EXPECT_EQ(config.session_expiry_interval_v3, codec::kNeverExpires);
}

TEST(ConfigText, EveryKeyTakesItsOwnDefault) {
  for (const ConfigKey& key : config_keys()) {
    core::Config config;
    EXPECT_EQ(apply(config, key.name, key.value), std::nullopt) << key.name;
    EXPECT_FALSE(key.unit.empty()) << key.name;
    EXPECT_FALSE(key.section.empty()) << key.name;
    EXPECT_TRUE(key.description.ends_with('.')) << key.name;
  }
}

TEST(ConfigText, UnknownKey_NamesTheNearest) {
  core::Config config;
  EXPECT_EQ(apply(config, "max_inflght", "1"),
            "unknown configuration key 'max_inflght': did you mean 'max_inflight'?");
}

TEST(ConfigText, WrongValue_SaysWhatWasExpected_AndChangesNothing) {
  core::Config config;
  EXPECT_EQ(apply(config, "receive_maximum", "0"),
            "receive_maximum: expected a whole number from 1 to 65535 (messages), not '0'");
  for (const char* wrong : {"", "ten", "10s", " 10", "-1", "1.5", "65536", "99999999999999999999"})
    EXPECT_THAT(apply(config, "receive_maximum", wrong), Optional(HasSubstr("expected a whole number")))
        << wrong;
  EXPECT_THAT(apply(config, "queue_qos0", "yes"), Optional(HasSubstr("expected true or false, not 'yes'")));
  EXPECT_THAT(apply(config, "connect_timeout", "never"), Optional(HasSubstr("connect_timeout")));
  EXPECT_EQ(config.receive_maximum, core::Config{}.receive_maximum);
}

TEST(ConfigText, OfQueues_IsWordsAndAList) {
  core::Config config;
  EXPECT_EQ(apply(config, "queue_type", "priority"), std::nullopt);
  EXPECT_EQ(apply(config, "queue_drop_policy", "lowest_priority"), std::nullopt);
  EXPECT_EQ(apply(config, "queue_topic_priorities", "alarm/#=9  x=y=5"), std::nullopt);
  EXPECT_EQ(config.queue_type, core::QueueType::priority);
  EXPECT_EQ(config.queue_drop_policy, core::QueueDropPolicy::lowest_priority);
  EXPECT_EQ(config.queue_topic_priorities, (std::vector<core::TopicPriority>{{"alarm/#", 9}, {"x=y", 5}}));
  for (const char* wrong : {"a", "a=", "=1", "a=256", "a=-1", "a#=1"}) {
    EXPECT_THAT(apply(config, "queue_topic_priorities", wrong), Optional(HasSubstr("FILTER=PRIORITY")))
        << wrong;
  }
  EXPECT_THAT(apply(config, "queue_type", "fifo"), Optional(HasSubstr("simple or priority")));
  EXPECT_EQ(apply(config, "queue_topic_priorities", ""), std::nullopt);
  EXPECT_TRUE(config.queue_topic_priorities.empty());
}

TEST(ConfigText, PacketIdsKeepTheirOrder) {
  core::Config config;
  EXPECT_EQ(apply(config, "first_packet_id", "65530"), std::nullopt);
  EXPECT_THAT(apply(config, "last_packet_id", "10"), Optional(HasSubstr("above last_packet_id 10")));
}

}  // namespace
}  // namespace mqttvet::driver
