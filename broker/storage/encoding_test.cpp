#include "broker/storage/encoding.h"

#include <gtest/gtest.h>

#include <limits>

namespace mqttvet::storage {
namespace {

using std::chrono::seconds;

TEST(Encoding, UserPropertiesAreStringPairs) {
  const codec::UserProperties properties = {{"a", "bc"}, {"", ""}};
  const std::string bytes(
      "\x00\x01"  // length of the name
      "a"
      "\x00\x02"  // length of the value
      "bc"
      "\x00\x00\x00\x00",  // an empty name, an empty value
      11);
  EXPECT_EQ(encode(properties), bytes);
  EXPECT_EQ(decode_user_properties(bytes), properties);
}

TEST(Encoding, RefusesUserPropertiesThatEndEarly) {
  const std::string bytes(
      "\x00\x01"
      "a"
      "\x00\x02"
      "bc",
      7);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_EQ(decode_user_properties(std::string_view(bytes).substr(0, size)), std::nullopt) << size;
  }
}

TEST(Encoding, SubscriptionIdentifiersAreFourBytesEach) {
  const std::string bytes("\x00\x00\x00\x01\x0f\xff\xff\xff", 8);
  EXPECT_EQ(encode(std::vector<std::uint32_t>{1, 268435455}), bytes);
  EXPECT_EQ(decode_subscription_identifiers(bytes), (std::vector<std::uint32_t>{1, 268435455}));
  EXPECT_EQ(decode_subscription_identifiers(bytes.substr(1)), std::nullopt);
}

TEST(Encoding, InstantsAreWallClockTimes_AndStopAtTheLast) {
  const core::Now now{core::Monotonic(seconds(100)), core::Wall(seconds(1000))};
  EXPECT_EQ(to_column(core::Monotonic(seconds(103)), now), 1003'000'000'000);
  EXPECT_EQ(to_monotonic(1003'000'000'000, now), core::Monotonic(seconds(103)));
  EXPECT_EQ(to_column(core::Monotonic::max(), now), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(to_monotonic(std::numeric_limits<std::int64_t>::min(), now), core::Monotonic::min());
}

}  // namespace
}  // namespace mqttvet::storage
