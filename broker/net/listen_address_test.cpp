#include "broker/net/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mqttvet::net {
namespace {

using testing::HasSubstr;

ListenAddress parsed(std::string_view url) {
  const auto result = parse_listen_address(url);
  if (const auto* error = std::get_if<std::string>(&result)) ADD_FAILURE() << *error;
  return std::get<ListenAddress>(result);
}
std::string error_of(std::string_view url) {
  const auto result = parse_listen_address(url);
  return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "no error";
}

TEST(ListenAddress, IPv4IPv6AndLocalhost) {
  EXPECT_EQ(to_string(parsed("mqtt://127.0.0.1:1884")), "mqtt://127.0.0.1:1884");
  EXPECT_EQ(to_string(parsed("mqtt://[::1]:1884/")), "mqtt://[::1]:1884");
  EXPECT_EQ(to_string(parsed("mqtt://localhost:0")), "mqtt://127.0.0.1:0");
}

TEST(ListenAddress, PortDefaultsToThatOfTheScheme) {
  EXPECT_EQ(parsed("mqtt://127.0.0.1").port, 1883);
  EXPECT_EQ(parsed("mqtt://[::1]").port, 1883);
  EXPECT_EQ(parsed("mqtts://127.0.0.1").port, 8883);
  EXPECT_EQ(parsed("ws://127.0.0.1").port, 8083);
  EXPECT_EQ(parsed("wss://127.0.0.1/mqtt").port, 8084);
}

TEST(ListenAddress, WebSocketHasAPath) {
  EXPECT_EQ(to_string(parsed("ws://127.0.0.1:80")), "ws://127.0.0.1:80");
  EXPECT_EQ(to_string(parsed("ws://127.0.0.1:80/")), "ws://127.0.0.1:80");
  EXPECT_EQ(to_string(parsed("wss://[::1]:443/mqtt/v5")), "wss://[::1]:443/mqtt/v5");
  EXPECT_THAT(error_of("ws://127.0.0.1/a?b"), HasSubstr("'/a?b' is not a path"));
  EXPECT_THAT(error_of("mqtts://127.0.0.1/mqtt"), HasSubstr("only ws and wss have a path, not '/mqtt'"));
}

TEST(ListenAddress, KnowsWhatOnlyThisMachineReaches) {
  EXPECT_TRUE(parsed("mqtt://127.0.0.1").loopback);
  EXPECT_TRUE(parsed("mqtt://127.9.9.9").loopback);
  EXPECT_TRUE(parsed("mqtt://[::1]").loopback);
  EXPECT_FALSE(parsed("mqtt://0.0.0.0").loopback);
  EXPECT_FALSE(parsed("mqtt://[::]").loopback);
  EXPECT_FALSE(parsed("mqtt://192.0.2.1").loopback);
}

TEST(ListenAddress, SaysWhatIsWrong_AndWhatWasExpected) {
  EXPECT_EQ(error_of("127.0.0.1:1883"),
            "'127.0.0.1:1883' is not an address to listen on: it has no scheme; expected mqtt://, mqtts://, "
            "ws:// or wss:// and ADDRESS[:PORT], as in mqtt://127.0.0.1:1883");
  EXPECT_THAT(error_of("http://127.0.0.1"), HasSubstr("the scheme 'http' is not served"));
  EXPECT_THAT(error_of("mqtt://"), HasSubstr("'' is not an IPv4 address"));
  EXPECT_THAT(error_of("mqtt://example.org"), HasSubstr("'example.org' is not an IPv4 address"));
  EXPECT_THAT(error_of("mqtt://::1:1883"), HasSubstr("is not an IPv4 address, an IPv6 address in brackets"));
  EXPECT_THAT(error_of("mqtt://[127.0.0.1]"), HasSubstr("'127.0.0.1' is not"));
  EXPECT_THAT(error_of("mqtt://[::1"), HasSubstr("']' is missing"));
  for (const char* port : {":", ":x", ":65536", ":-1", ":1883x", "x", "/path"})
    EXPECT_THAT(error_of(std::string("mqtt://127.0.0.1") + port), HasSubstr("to listen on")) << port;
}

}  // namespace
}  // namespace mqttvet::net
