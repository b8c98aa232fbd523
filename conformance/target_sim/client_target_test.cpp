// The client cases notice what a client does wrong: real Paho clients, and between them and the case somebody
// who changes what they send.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/harness/runner.h"
#include "conformance/target_sim/client_target.h"
#include "sim/guest/testing/child.h"

namespace mqttvet::conformance {
namespace {

using namespace std::chrono_literals;

// The verdict and its reason; in a process of its own, for the library's threads stay behind.
std::string verdict_of(const std::string& name, wire::Version version, const Tamper& tamper) {
  const auto& cases = all_cases();
  const auto one = std::find_if(cases.begin(), cases.end(), [&](const Case& c) { return c.name == name; });
  if (one == cases.end()) return "there is no such case";
  const auto target = make_client_target(Library::paho_c, tamper);
  const auto verdict = sim::in_child([&]() -> std::string {
    const CaseResult result = run_case(*one, version, *target);
    return std::string(name_of(result.verdict)) + ": " + result.text;
  });
  return verdict.value_or("it crashed");
}

std::uint8_t type_of_first(std::string_view bytes) {
  return bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes[0]) >> 4;
}

// Whole packets of this type are changed; Paho sends each in one piece.
Tamper change(wire::PacketType type, std::function<std::string(std::string)> how) {
  return [=](std::string_view bytes) {
    return type_of_first(bytes) == static_cast<std::uint8_t>(type) ? how(std::string(bytes))
                                                                   : std::string(bytes);
  };
}
Tamper swallow(wire::PacketType type) {
  return change(type, [](const std::string&) { return std::string(); });
}
Tamper flip(wire::PacketType type, std::size_t at, int bits) {
  return change(type, [=](std::string bytes) {
    bytes[at] = static_cast<char>(bytes[at] ^ bits);
    return bytes;
  });
}

struct Wrong {
  const char* what;
  const char* name;  // of the case that notices
  wire::Version version;
  Tamper tamper;
};

using wire::PacketType;
using wire::Version;

const Wrong kWrong[] = {
    {"AnotherClientIdentifier", "MQTT5-3.1.0-1/client-connect-is-the-first-packet", Version::v3_1_1,
     flip(PacketType::connect, 14, 1)},
    {"CleanSessionLost", "MQTT5-3.1.3-1/client-connect-says-all-that-was-asked-for", Version::v3_1_1,
     flip(PacketType::connect, 9, 2)},
    {"ReservedConnectFlag", "MQTT5-3.1.2-11/client-connect-without-a-will-has-nothing-of-it", Version::v3_1_1,
     flip(PacketType::connect, 9, 1)},
    {"NoPingreq", "MQTT5-3.1.2-20/client-pings-although-it-receives", Version::v5_0,
     swallow(PacketType::pingreq)},
    {"NoDupOnResend", "MQTT5-4.4.0-1/client-sends-an-unacknowledged-qos-1-message-again", Version::v3_1_1,
     change(PacketType::publish,
            [](std::string bytes) {
              bytes[0] = static_cast<char>(bytes[0] & ~8);
              return bytes;
            })},
    {"Qos1AsQos0Dup", "MQTT5-3.3.2-1/client-publishes-what-was-asked-for-at-qos-1", Version::v5_0,
     flip(PacketType::publish, 0, 1)},
    {"PubackOfAnother", "MQTT5-3.3.4-1/client-answers-each-qos-as-it-should", Version::v3_1_1,
     flip(PacketType::puback, 3, 1)},
    {"NoPubcomp", "MQTT5-4.3.3-11/client-answers-a-pubrel-it-knows-nothing-of", Version::v3_1_1,
     swallow(PacketType::pubcomp)},
    {"PubrelOfAnother", "MQTT5-4.3.3-4/client-answers-pubrec-with-pubrel-and-is-done-at-pubcomp",
     Version::v5_0, flip(PacketType::pubrel, 3, 4)},
    {"PubrelWithoutFlags", "MQTT5-4.3.3-4/client-answers-pubrec-with-pubrel-and-is-done-at-pubcomp",
     Version::v3_1_1, flip(PacketType::pubrel, 0, 2)},
    {"TopicFilterChanged", "MQTT5-3.8.1-1/client-subscribes-to-what-was-asked-for", Version::v3_1_1,
     flip(PacketType::subscribe, 6, 1)},
    {"NoDisconnect", "MQTT311-3.14.4-1/client-closes-behind-its-disconnect-and-sends-nothing-more",
     Version::v3_1_1, swallow(PacketType::disconnect)},
    {"SomethingBehindDisconnect",
     "MQTT311-3.14.4-1/client-closes-behind-its-disconnect-and-sends-nothing-more", Version::v3_1_1,
     change(PacketType::disconnect, [](const std::string& bytes) { return bytes + "\xC0" + '\0'; })},
};

class ClientCase : public testing::TestWithParam<Wrong> {};

TEST_P(ClientCase, PassesWithTheRealClientAndNoticesTheWrongOne) {
  const Wrong& wrong = GetParam();
  EXPECT_THAT(verdict_of(wrong.name, wrong.version, nullptr), testing::StartsWith("pass"));
  EXPECT_THAT(verdict_of(wrong.name, wrong.version, wrong.tamper), testing::StartsWith("fail"));
}

INSTANTIATE_TEST_SUITE_P(Wrong, ClientCase, testing::ValuesIn(kWrong),
                         [](const auto& param) { return std::string(param.param.what); });

}  // namespace
}  // namespace mqttvet::conformance
