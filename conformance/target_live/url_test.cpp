#include "conformance/target_live/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace mqttvet::conformance {
namespace {

using testing::HasSubstr;

TEST(Url, HasDefaultsByScheme) {
  EXPECT_EQ(parse_url("mqtt://broker").port, 1883);
  EXPECT_EQ(parse_url("mqtts://broker").port, 8883);
  EXPECT_EQ(parse_url("ws://broker").port, 80);
  EXPECT_EQ(parse_url("wss://broker").port, 443);
  EXPECT_EQ(parse_url("ws://broker:8080").path, "/mqtt");
}

TEST(Url, TakesEveryPart) {
  const Url url = parse_url("wss://alice:p:w@example.org:9001/ws/mqtt");
  EXPECT_EQ(url.host, "example.org");
  EXPECT_EQ(url.port, 9001);
  EXPECT_EQ(url.path, "/ws/mqtt");
  EXPECT_EQ(url.credentials.user_name, "alice");
  EXPECT_EQ(url.credentials.password, "p:w");
  EXPECT_TRUE(url.has_tls());
  EXPECT_TRUE(url.has_websocket());
  EXPECT_FALSE(parse_url("mqtt://bob@h").credentials.password);
}

TEST(Url, TakesAddressesOfIpv6InBrackets) {
  const Url url = parse_url("mqtt://[::1]:2883");
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, 2883);
}

TEST(Url, SaysWhatIsWrong) {
  const auto error_of = [](const char* text) -> std::string {
    try {
      parse_url(text);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of("broker:1883"), HasSubstr("no scheme"));
  EXPECT_THAT(error_of("http://broker"), HasSubstr("unknown scheme 'http'"));
  EXPECT_THAT(error_of("mqtt://broker:0"), HasSubstr("'0' is no port"));
  EXPECT_THAT(error_of("mqtt://broker:70000"), HasSubstr("'70000' is no port"));
  EXPECT_THAT(error_of("mqtt://broker:"), HasSubstr("'' is no port"));
  EXPECT_THAT(error_of("mqtt://"), HasSubstr("no host"));
  EXPECT_THAT(error_of("mqtt://[::1"), HasSubstr("'[' without ']'"));
  EXPECT_THAT(error_of("mqtt://broker/path"), HasSubstr("a path without WebSocket"));
}

}  // namespace
}  // namespace mqttvet::conformance
