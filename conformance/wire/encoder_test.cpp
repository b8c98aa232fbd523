#include "conformance/wire/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "conformance/wire/hex.h"

namespace mqttvet::wire {
namespace {

std::string hex(const Packet& packet, Version version) {
  return to_hex(encode(packet, version));
}

TEST(Encoder, WritesConnectOfEachVersion) {
  EXPECT_EQ(hex(Connect{.version = Version::v3_1, .keep_alive = 10, .client_id = "bob"}, Version::v3_1),
            "10 11 "                       // CONNECT, Remaining Length 17
            "00 06 4D 51 49 73 64 70 03 "  // "MQIsdp", 3
            "02 00 0A "                    // Clean Session, keep-alive 10 s
            "00 03 62 6F 62");             // "bob"
  EXPECT_EQ(
      hex(Connect{.version = Version::v3_1_1, .clean_start = false, .client_id = "bob"}, Version::v3_1_1),
      "10 0F "                 // CONNECT, Remaining Length 15
      "00 04 4D 51 54 54 04 "  // "MQTT", 4
      "00 00 00 "              // no flags, no keep-alive
      "00 03 62 6F 62");       // "bob"
}

TEST(Encoder, WritesEveryFieldOfConnect5) {
  const Connect connect{.keep_alive = 258,
                        .properties = {{PropertyId::session_expiry_interval, 0xFFFFFFFF}},
                        .client_id = "c",
                        .will = Will{.qos = 2,
                                     .retain = true,
                                     .properties = {{PropertyId::will_delay_interval, 5}},
                                     .topic = "w",
                                     .payload = std::string("\0", 1)},
                        .user_name = "u",
                        .password = "p"};
  EXPECT_EQ(hex(connect, Version::v5_0),
            "10 25 "                 // CONNECT, Remaining Length 37
            "00 04 4D 51 54 54 05 "  // "MQTT", 5
            "F6 01 02 "              // user name, password, retain, QoS 2, will, clean start; 258 s
            "05 11 FF FF FF FF "     // Property Length 5: Session Expiry Interval
            "00 01 63 "              // client id "c"
            "05 18 00 00 00 05 "     // Will Property Length 5: Will Delay Interval 5
            "00 01 77 00 01 00 "     // will topic "w", will payload 00
            "00 01 75 00 01 70");    // "u", "p"
}

TEST(Encoder, LeavesOutWhatMayBeLeftOut) {
  EXPECT_EQ(hex(Puback{.packet_id = 7}, Version::v5_0), "40 02 00 07");
  EXPECT_EQ(hex(Puback{.packet_id = 7, .reason_code = 0x10}, Version::v5_0), "40 03 00 07 10");
  EXPECT_EQ(hex(Pubrec{.packet_id = 7, .properties = {{"a", "b"}}}, Version::v5_0),
            "50 0B 00 07 00 07 26 00 01 61 00 01 62");
  EXPECT_EQ(hex(Disconnect{}, Version::v5_0), "E0 00");
  EXPECT_EQ(hex(Disconnect{.reason_code = 4}, Version::v5_0), "E0 01 04");
  EXPECT_EQ(to_hex(Encoder(Puback{.packet_id = 7}, Version::v5_0, Encoder::Form::complete).bytes()),
            "40 04 00 07 00 00");
}

TEST(Encoder, WritesNothingThatTheVersionHasNot) {
  const Properties properties = {{PropertyId::reason_string, "x"}};
  EXPECT_EQ(hex(Pubrel{7, 0x92, properties}, Version::v3_1_1), "62 02 00 07");
  EXPECT_EQ(hex(Unsuback{7, properties, {0x11}}, Version::v3_1_1), "B0 02 00 07");
  EXPECT_EQ(hex(Connack{true, 0, properties}, Version::v3_1_1), "20 02 01 00");
  EXPECT_EQ(hex(Connack{true, 0, properties}, Version::v3_1), "20 02 00 00");
  EXPECT_EQ(hex(Disconnect{4, properties}, Version::v3_1), "E0 00");
  EXPECT_EQ(hex(Subscribe{2, properties, {{"a", 1, true, true, 2}}}, Version::v3_1_1),
            "82 06 00 02 00 01 61 01");
  EXPECT_EQ(hex(Publish{.qos = 1, .topic = "a", .packet_id = 2, .properties = properties, .payload = "z"},
                Version::v3_1_1),
            "32 06 00 01 61 00 02 7A");
}

TEST(Encoder, WritesSubscriptionOptionsOf5) {
  EXPECT_EQ(hex(Subscribe{2, {{PropertyId::subscription_identifier, 300}}, {{"a", 2, true, true, 2}}},
                Version::v5_0),
            "82 0A 00 02 "   // SUBSCRIBE, id 2
            "03 0B AC 02 "   // Property Length 3: Subscription Identifier 300
            "00 01 61 2E");  // "a": Retain Handling 2, Retain As Published, No Local, QoS 2
}

TEST(Encoder, WritesLongRemainingLengths) {
  EXPECT_EQ(to_hex(variable_byte_integer(0)), "00");
  EXPECT_EQ(to_hex(variable_byte_integer(127)), "7F");
  EXPECT_EQ(to_hex(variable_byte_integer(128)), "80 01");
  EXPECT_EQ(to_hex(variable_byte_integer(16'384)), "80 80 01");
  EXPECT_EQ(to_hex(variable_byte_integer(268'435'455)), "FF FF FF 7F");
  EXPECT_THROW(variable_byte_integer(268'435'456), std::logic_error);
  EXPECT_EQ(encode(Publish{.topic = "t", .payload = std::string(200, 'x')}, Version::v3_1_1).substr(0, 3),
            from_hex("30 CB 01"));
}

TEST(Encoder, OverridesEveryPart) {
  const Packet subscribe = Subscribe{2, {}, {{"a", 1}}};
  EXPECT_EQ(to_hex(Encoder(subscribe, Version::v3_1_1).flags(0).bytes()), "80 06 00 02 00 01 61 01");
  EXPECT_EQ(to_hex(Encoder(subscribe, Version::v3_1_1).type(0).bytes()), "02 06 00 02 00 01 61 01");
  EXPECT_EQ(to_hex(Encoder(subscribe, Version::v3_1_1).omit(Field::subscription_options).bytes()),
            "82 05 00 02 00 01 61");
  EXPECT_EQ(
      to_hex(Encoder(subscribe, Version::v3_1_1).replace(Field::topic_filter, from_hex("00 09 61")).bytes()),
      "82 06 00 02 00 09 61 01");
  EXPECT_EQ(to_hex(Encoder(subscribe, Version::v3_1_1).remaining_length(3).bytes()),
            "82 03 00 02 00 01 61 01");
  EXPECT_EQ(to_hex(Encoder(Pingreq{}, Version::v5_0).remaining_length_bytes(from_hex("80 00")).bytes()),
            "C0 80 00");
  EXPECT_EQ(to_hex(Encoder(Pingreq{}, Version::v5_0).append("x").bytes()), "C0 01 78");
  EXPECT_EQ(to_hex(Encoder(subscribe, Version::v3_1_1).insert_before(Field::packet_id, "x").bytes()),
            "82 07 78 00 02 00 01 61 01");
  EXPECT_THROW(Encoder(Pingreq{}, Version::v5_0).omit(Field::payload), std::logic_error);
}

TEST(Encoder, FollowsThePropertiesWithTheirLengthUnlessThatIsOverridden) {
  Encoder encoder(Suback{2, {}, {1}}, Version::v5_0);
  encoder.replace(Field::properties, from_hex("7F 01"));  // an unknown property
  EXPECT_EQ(to_hex(encoder.bytes()), "90 06 00 02 02 7F 01 01");
  encoder.replace(Field::property_length, from_hex("05"));
  EXPECT_EQ(to_hex(encoder.bytes()), "90 06 00 02 05 7F 01 01");
}

TEST(Encoder, WritesRawPropertyValues) {
  const Properties properties = {{static_cast<PropertyId>(0x7F), RawBytes{"x"}},
                                 {PropertyId::receive_maximum, 0}};
  EXPECT_EQ(to_hex(encode_properties(properties)), "7F 78 21 00 00");
}

}  // namespace
}  // namespace mqttvet::wire
