#include "broker/core/live_config.h"

#include <gtest/gtest.h>

namespace mqttvet::core {
namespace {

TEST(LiveConfig, TakesLimits_AndLeavesWhatClientsWereTold) {
  Config running, wanted;
  wanted.queue_messages_max = 5;
  wanted.max_inflight = 3;
  wanted.allow_anonymous = true;
  wanted.receive_maximum = 7;            // in every CONNACK
  wanted.maximum_packet_size_bytes = 9;  // likewise
  wanted.retain_available = false;       // likewise
  take_live_keys(running, wanted);
  EXPECT_EQ(running.queue_messages_max, 5u);
  EXPECT_EQ(running.max_inflight, 3);
  EXPECT_TRUE(running.allow_anonymous);
  EXPECT_EQ(running.receive_maximum, Config().receive_maximum);
  EXPECT_EQ(running.maximum_packet_size_bytes, Config().maximum_packet_size_bytes);
  EXPECT_TRUE(running.retain_available);
}

}  // namespace
}  // namespace mqttvet::core
