// PUBLISH from a client (section 3.3).
#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

TEST(DecodePublish, WithQos0HasNoPacketIdentifier) {
  Client client = Client::connected(v3_1_1);
  const auto publish =
      client.sends<Publish>(hex("30 07"         // PUBLISH, QoS 0, 7 bytes
                                "00 03 612F62"  // topic "a/b"
                                "00 01"));      // payload
  EXPECT_FALSE(publish.dup);
  EXPECT_EQ(publish.qos, QoS::at_most_once);
  EXPECT_FALSE(publish.retain);
  EXPECT_EQ(publish.topic_name, "a/b");
  EXPECT_EQ(publish.packet_id, 0);
  EXPECT_EQ(publish.payload, hex("00 01"));
}

TEST(DecodePublish, TakesDupQosAndRetainFromTheFlags) {
  Client client = Client::connected(v3_1_1);
  const auto publish =
      client.sends<Publish>(hex("3D 06"     // PUBLISH, DUP, QoS 2, RETAIN, 6 bytes
                                "00 01 61"  // topic "a"
                                "FF FE"     // packet identifier
                                "78"));     // payload "x"
  EXPECT_TRUE(publish.dup);
  EXPECT_EQ(publish.qos, QoS::exactly_once);
  EXPECT_TRUE(publish.retain);
  EXPECT_EQ(publish.packet_id, 0xFFFE);
  EXPECT_EQ(publish.payload, "x");
}

TEST(DecodePublish, MayHaveAnEmptyPayload) {
  Client client = Client::connected(v5_0);
  const auto publish =
      client.sends<Publish>(hex("31 04"     // PUBLISH, RETAIN, 4 bytes
                                "00 01 61"  // topic "a"
                                "00"));     // no properties
  EXPECT_TRUE(publish.payload.empty());
  EXPECT_TRUE(publish.properties.empty());
}

TEST(DecodePublish, KeepsEveryPropertyOfTheMessage) {
  Client client = Client::connected(v5_0);
  const auto publish =
      client.sends<Publish>(hex("32 37"                    // PUBLISH, QoS 1, 55 bytes
                                "00 01 61"                 // topic "a"
                                "00 0A"                    // packet identifier 10
                                "30"                       // 48 bytes of properties:
                                "01 01"                    // Payload Format Indicator: UTF-8
                                "02 00 00 0E 10"           // Message Expiry Interval 3600 s
                                "23 00 07"                 // Topic Alias 7
                                "08 00 03 72 2F 61"        // Response Topic "r/a"
                                "09 00 02 00 FF"           // Correlation Data
                                "26 00 01 6B 00 01 31"     // User Property k: 1
                                "26 00 01 6B 00 02 32 32"  // User Property k: 22
                                "03 00 01 74"              // Content Type "t"
                                "26 00 01 6A 00 02 33 33"  // User Property j: 33
                                "78"));                    // payload "x"
  EXPECT_EQ(publish.packet_id, 10);
  EXPECT_EQ(publish.message_expiry_interval, std::chrono::seconds(3600));
  EXPECT_EQ(publish.topic_alias, 7);
  const MessageProperties expected{.payload_format_indicator = true,
                                   .content_type = "t",
                                   .response_topic = "r/a",
                                   .correlation_data = hex("00 FF"),
                                   .user_properties = {{"k", "1"}, {"k", "22"}, {"j", "33"}}};
  EXPECT_EQ(publish.properties, expected);
  EXPECT_EQ(publish.payload, "x");
}

TEST(DecodePublish, MayHaveAnEmptyTopicNameWithATopicAlias) {
  Client client = Client::connected(v5_0);
  const auto publish =
      client.sends<Publish>(hex("30 06"        // PUBLISH, 6 bytes
                                "00 00"        // no topic
                                "03"           // 3 bytes of properties:
                                "23 00 01"));  // Topic Alias 1
  EXPECT_EQ(publish.topic_name, "");
  EXPECT_EQ(publish.topic_alias, 1);
}

TEST(DecodePublish, RefusesWhatTheStandardForbids) {
  expect_refused({
      {"QoS 3", v3_1_1, hex("36"), ReasonCode::malformed_packet, "MQTT311-3.3.1-4"},
      {"QoS 3", v5_0, hex("36"), ReasonCode::malformed_packet, "MQTT5-3.3.1-4"},
      {"DUP with QoS 0", v3_1_1, hex("38"), ReasonCode::malformed_packet, "MQTT311-3.3.1-2"},
      {"DUP with QoS 0", v5_0, hex("38"), ReasonCode::malformed_packet, "MQTT5-3.3.1-2"},
      {"packet identifier 0", v3_1_1, hex("32 05 000161 0000"), ReasonCode::protocol_error,
       "MQTT311-2.3.1-1"},
      {"packet identifier 0", v5_0, hex("32 06 000161 0000 00"), ReasonCode::protocol_error, "MQTT5-2.2.1-3"},
      {"wildcard #", v3_1_1, hex("30 05 0003612F23"), ReasonCode::topic_name_invalid, "MQTT311-3.3.2-2"},
      {"wildcard +", v5_0, hex("30 04 00012B 00"), ReasonCode::topic_name_invalid, "MQTT5-3.3.2-2"},
      {"empty topic", v3_1_1, hex("30 02 0000"), ReasonCode::topic_name_invalid, "MQTT311-4.7.3-1"},
      {"empty topic", v5_0, hex("30 03 0000 00"), ReasonCode::protocol_error, "MQTT5-4.7.3-1"},
      {"topic is no UTF-8", v3_1_1, hex("30 05 0003EDA080"), ReasonCode::malformed_packet, "MQTT311-3.3.2-1"},
      {"topic is no UTF-8", v5_0, hex("30 06 0003EDA080 00"), ReasonCode::malformed_packet, "MQTT5-3.3.2-1"},
      {"topic has U+0000", v3_1_1, hex("30 03 000100"), ReasonCode::malformed_packet, "MQTT311-1.5.3-2"},
      {"topic has U+0000", v5_0, hex("30 04 000100 00"), ReasonCode::malformed_packet, "MQTT5-1.5.4-2"},
      {"topic goes beyond the packet", v3_1_1, hex("30 03 000261"), ReasonCode::malformed_packet,
       "MQTT311-4.8.0-1"},
      {"no topic", v5_0, hex("30 00"), ReasonCode::malformed_packet, "MQTT5-4.13.1-1"},
      {"no packet identifier", v3_1_1, hex("32 04 000161 00"), ReasonCode::malformed_packet,
       "MQTT311-4.8.0-1"},
      {"no property length", v5_0, hex("30 03 000161"), ReasonCode::malformed_packet, "MQTT5-2.2.2-1"},
      {"properties beyond the packet", v5_0, hex("30 05 000161 02 01"), ReasonCode::malformed_packet,
       "MQTT5-4.13.1-1"},
      {"Topic Alias 0", v5_0, hex("30 07 000161 03 230000"), ReasonCode::topic_alias_invalid,
       "MQTT5-3.3.2-8"},
      {"Subscription Identifier", v5_0, hex("30 06 000161 02 0B01"), ReasonCode::protocol_error,
       "MQTT5-3.3.4-6"},
      {"Response Topic with wildcard", v5_0, hex("30 09 000161 05 08 0002612B"),
       ReasonCode::topic_name_invalid, "MQTT5-3.3.2-14"},
      {"Response Topic is empty", v5_0, hex("30 07 000161 03 08 0000"), ReasonCode::topic_name_invalid,
       "MQTT5-4.7.3-1"},
      {"Response Topic is no UTF-8", v5_0, hex("30 08 000161 04 08 0001FF"), ReasonCode::malformed_packet,
       "MQTT5-3.3.2-13"},
      {"Content Type is no UTF-8", v5_0, hex("30 08 000161 04 03 0001FF"), ReasonCode::malformed_packet,
       "MQTT5-3.3.2-19"},
      {"name of a User Property is no UTF-8", v5_0, hex("30 0A 000161 06 26 0001FF 0000"),
       ReasonCode::malformed_packet, "MQTT5-1.5.7-1"},
      {"value of a User Property is no UTF-8", v5_0, hex("30 0A 000161 06 26 0000 0001FF"),
       ReasonCode::malformed_packet, "MQTT5-1.5.7-1"},
  });
}

// A publisher that resumes repeats its QoS 2 PUBLISH with DUP.
TEST(DecodePublish, AcceptsDupWithQos1AndQos2) {
  for (const ProtocolVersion version : {v3_1, v3_1_1, v5_0}) {
    Client client = Client::connected(version);
    const std::string properties = version == v5_0 ? "00" : "";
    const std::string length = version == v5_0 ? "06" : "05";
    EXPECT_TRUE(client.sends<Publish>(hex("3A" + length + "000161 0001" + properties)).dup);
    EXPECT_TRUE(client.sends<Publish>(hex("3C" + length + "000161 0001" + properties)).dup);
  }
}

TEST(DecodePublish, LeavesABinaryPayloadAsItIs) {
  Client client = Client::connected(v5_0);
  const auto publish =
      client.sends<Publish>(hex("30 08"     // PUBLISH, 8 bytes
                                "00 01 61"  // topic "a"
                                "02 01 01"  // Payload Format Indicator: UTF-8
                                "FF 00"));  // which it isn't
  EXPECT_EQ(publish.payload, hex("FF 00"));
}

}  // namespace
}  // namespace mqttvet::codec
