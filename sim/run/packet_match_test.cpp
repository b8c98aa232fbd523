#include "sim/run/packet_match.h"

#include <gtest/gtest.h>

namespace mqttvet::sim {
namespace {

using wire::Property;
using wire::PropertyId;

PacketPattern pattern(std::string type, std::map<std::string, std::string> fields = {}) {
  return {std::move(type), std::move(fields), {}};
}

wire::Publish publish() {
  wire::Publish packet;
  packet.qos = 1;
  packet.topic = "t/1";
  packet.packet_id = 7;
  packet.payload = "hello";
  packet.properties = {Property{PropertyId::message_expiry_interval, 29},
                       Property{PropertyId::subscription_identifier, 5},
                       Property{PropertyId::subscription_identifier, 6}};
  return packet;
}

TEST(PacketMatch, TakesAnyPacketOfATypeWithoutFields) {
  EXPECT_EQ(mismatch(pattern("PUBLISH"), publish()), std::nullopt);
  EXPECT_EQ(mismatch(pattern("PUBREL"), publish()), "PUBLISH instead of PUBREL");
}

TEST(PacketMatch, ComparesEveryFieldOfAPublish) {
  EXPECT_EQ(mismatch(pattern("PUBLISH", {{"qos", "1"},
                                         {"dup", "false"},
                                         {"retain", "false"},
                                         {"id", "7"},
                                         {"topic", "t/1"},
                                         {"payload", "hello"},
                                         {"expiry", "28..30"},
                                         {"subscription_identifiers", "5 6"}}),
                     publish()),
            std::nullopt);
  EXPECT_EQ(mismatch(pattern("PUBLISH", {{"id", "0x08"}}), publish()), "id is 7, expected 0x08");
  EXPECT_EQ(mismatch(pattern("PUBLISH", {{"expiry", "30..40"}}), publish()), "expiry is 29, expected 30..40");
  EXPECT_EQ(mismatch(pattern("PUBLISH", {{"dup", "true"}}), publish()), "dup is false, expected true");
}

TEST(PacketMatch, SaysThatAFieldIsAbsent) {
  wire::Publish packet = publish();
  packet.qos = 0;
  packet.properties.clear();
  EXPECT_EQ(mismatch(pattern("PUBLISH", {{"id", "7"}}), packet), "id is absent, expected 7");
  EXPECT_EQ(mismatch(pattern("PUBLISH", {{"expiry", "1"}}), packet), "expiry is absent, expected 1");
}

TEST(PacketMatch, ReadsReasonsAsNumbersAndLists) {
  wire::Connack connack;
  connack.session_present = true;
  connack.reason_code = 0x87;
  EXPECT_EQ(mismatch(pattern("CONNACK", {{"session_present", "true"}, {"reason", "135"}}), connack),
            std::nullopt);
  wire::Suback suback;
  suback.reason_codes = {2, 0x80};
  EXPECT_EQ(mismatch(pattern("SUBACK", {{"reasons", "2 128"}}), suback), std::nullopt);
  EXPECT_EQ(mismatch(pattern("SUBACK", {{"reasons", "2"}}), suback), "reasons is 2 128, expected 2");
}

}  // namespace
}  // namespace mqttvet::sim
