// Packets to a client, byte for byte.
#include "broker/codec/encoder.h"

#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

template <class Packet>
Bytes encoded(const Packet& packet, ProtocolVersion version) {
  Bytes out;
  encode(packet, version, out);
  return out;
}

Bytes encoded_head(const PublishHead& head, std::size_t payload_bytes, ProtocolVersion version) {
  Bytes out;
  encode_head(head, payload_bytes, version, out);
  return out;
}

const AcknowledgementProperties kReasonAndUserProperty{.reason_string = "r", .user_properties = {{"k", "v"}}};

TEST(EncodeConnack, HasFlagsAndReturnCode) {
  Connack connack;
  connack.session_present = true;
  EXPECT_EQ(encoded(connack, v5_0), hex("20 03 01 00 00"));
  EXPECT_EQ(encoded(connack, v3_1_1), hex("20 02 01 00"));
  EXPECT_EQ(encoded(connack, v3_1), hex("20 02 00 00"));  // 3.1 has no Session Present
}

struct ReturnCode {
  ReasonCode reason_code;
  Bytes v3_1_1;
};

TEST(EncodeConnack, TranslatesReasonCodesBefore50) {
  for (const auto& row : std::vector<ReturnCode>{
           {ReasonCode::unsupported_protocol_version, hex("20 02 00 01")},
           {ReasonCode::client_identifier_not_valid, hex("20 02 00 02")},
           {ReasonCode::server_unavailable, hex("20 02 00 03")},
           {ReasonCode::server_busy, hex("20 02 00 03")},
           {ReasonCode::use_another_server, hex("20 02 00 03")},
           {ReasonCode::bad_user_name_or_password, hex("20 02 00 04")},
           {ReasonCode::not_authorized, hex("20 02 00 05")},
           {ReasonCode::banned, hex("20 02 00 05")},
           // No return code says this: there is no CONNACK [MQTT311-3.2.2-6].
           {ReasonCode::malformed_packet, ""},
           {ReasonCode::protocol_error, ""},
           {ReasonCode::packet_too_large, ""},
       }) {
    SCOPED_TRACE(to_string(row.reason_code));
    Connack connack;
    connack.reason_code = row.reason_code;
    EXPECT_EQ(encoded(connack, v3_1_1), row.v3_1_1);
    EXPECT_EQ(encoded(connack, v3_1), row.v3_1_1);
    EXPECT_EQ(encoded(connack, v5_0), hex("20 03 00") + static_cast<char>(row.reason_code) + hex("00"));
  }
}

TEST(EncodeConnack, HasEveryProperty) {
  Connack connack;
  connack.properties = {.session_expiry_interval = std::chrono::seconds(1),
                        .receive_maximum = 2,
                        .maximum_qos = 1,
                        .retain_available = false,
                        .maximum_packet_size = 3,
                        .assigned_client_identifier = "i",
                        .topic_alias_maximum = 4,
                        .reason_string = "r",
                        .user_properties = {{"k", "v"}},
                        .wildcard_subscription_available = true,
                        .subscription_identifier_available = false,
                        .shared_subscription_available = true,
                        .server_keep_alive = std::chrono::seconds(65535),
                        .response_information = "s",
                        .server_reference = "f",
                        .authentication_method = "m",
                        .authentication_data = hex("FF")};
  EXPECT_EQ(encoded(connack, v5_0), hex("20 3F"                 // CONNACK, 63 bytes
                                        "00 00"                 // no session, success
                                        "3C"                    // 60 bytes of properties:
                                        "11 00 00 00 01"        // Session Expiry Interval 1 s
                                        "21 00 02"              // Receive Maximum 2
                                        "24 01"                 // Maximum QoS 1
                                        "25 00"                 // no Retain Available
                                        "27 00 00 00 03"        // Maximum Packet Size 3
                                        "12 00 01 69"           // Assigned Client Identifier "i"
                                        "22 00 04"              // Topic Alias Maximum 4
                                        "1F 00 01 72"           // Reason String "r"
                                        "26 00 01 6B 00 01 76"  // User Property k: v
                                        "28 01"                 // Wildcard Subscription Available
                                        "29 00"                 // no Subscription Identifier Available
                                        "2A 01"                 // Shared Subscription Available
                                        "13 FF FF"              // Server Keep Alive 65535 s
                                        "1A 00 01 73"           // Response Information "s"
                                        "1C 00 01 66"           // Server Reference "f"
                                        "15 00 01 6D"           // Authentication Method "m"
                                        "16 00 01 FF"));        // Authentication Data
  EXPECT_EQ(encoded(connack, v3_1_1), hex("20 02 00 00"));
}

TEST(EncodeAcknowledgement, TakesTheShortestForm) {
  EXPECT_EQ(encoded(Puback{.packet_id = 0x0102, .reason_code = {}, .properties = {}}, v5_0),
            hex("40 02 0102"));
  EXPECT_EQ(encoded(Pubrec{.packet_id = 1, .reason_code = {}, .properties = {}}, v5_0), hex("50 02 0001"));
  EXPECT_EQ(encoded(Pubrel{.packet_id = 1, .reason_code = {}, .properties = {}}, v5_0), hex("62 02 0001"));
  EXPECT_EQ(encoded(Pubcomp{.packet_id = 65535, .reason_code = {}, .properties = {}}, v5_0),
            hex("70 02 FFFF"));
}

TEST(EncodeAcknowledgement, HasAReasonCodeWhenItIsNotSuccess) {
  EXPECT_EQ(encoded(Pubcomp{1, ReasonCode::packet_identifier_not_found, {}}, v5_0), hex("70 03 0001 92"));
  EXPECT_EQ(encoded(Pubrec{1, ReasonCode::no_matching_subscribers, {}}, v5_0), hex("50 03 0001 10"));
}

TEST(EncodeAcknowledgement, HasPropertiesAfterAReasonCode) {
  EXPECT_EQ(encoded(Puback{1, ReasonCode::success, kReasonAndUserProperty}, v5_0),
            hex("40 0F"                    // PUBACK, 15 bytes
                "00 01"                    // packet identifier 1
                "00"                       // success
                "0B"                       // 11 bytes of properties:
                "1F 00 01 72"              // Reason String "r"
                "26 00 01 6B 00 01 76"));  // User Property k: v
}

TEST(EncodeAcknowledgement, IsAPacketIdentifierBefore50) {
  EXPECT_EQ(encoded(Puback{7, ReasonCode::not_authorized, kReasonAndUserProperty}, v3_1_1),
            hex("40 02 0007"));
  EXPECT_EQ(encoded(Pubrel{7, ReasonCode::packet_identifier_not_found, {}}, v3_1), hex("62 02 0007"));
}

TEST(EncodeSuback, HasACodeForEachFilter) {
  const Suback suback{9,
                      {},
                      {ReasonCode::success, ReasonCode::granted_qos_1, ReasonCode::granted_qos_2,
                       ReasonCode::not_authorized}};
  EXPECT_EQ(encoded(suback, v5_0), hex("90 07 0009 00 00 01 02 87"));
  EXPECT_EQ(encoded(suback, v3_1_1), hex("90 06 0009 00 01 02 80"));
  EXPECT_EQ(encoded(suback, v3_1), hex("90 06 0009 00 01 02 80"));
}

TEST(EncodeUnsuback, HasCodesIn50Only) {
  const Unsuback unsuback{9, {}, {ReasonCode::success, ReasonCode::no_subscription_existed}};
  EXPECT_EQ(encoded(unsuback, v5_0), hex("B0 05 0009 00 00 11"));
  EXPECT_EQ(encoded(unsuback, v3_1_1), hex("B0 02 0009"));
}

TEST(EncodePingresp, IsTwoBytes) {
  EXPECT_EQ(encoded(Pingresp{}, v3_1_1), hex("D0 00"));
}

TEST(EncodeDisconnect, TakesTheShortestForm) {
  EXPECT_EQ(encoded(Disconnect{}, v5_0), hex("E0 00"));
  EXPECT_EQ(encoded(Disconnect{ReasonCode::session_taken_over, {}}, v5_0), hex("E0 01 8E"));
  Disconnect disconnect{ReasonCode::server_moved, {}};
  disconnect.properties.reason_string = "r";
  disconnect.properties.server_reference = "f";
  EXPECT_EQ(encoded(disconnect, v5_0), hex("E0 0A"           // DISCONNECT, 10 bytes
                                           "9D"              // server moved
                                           "08"              // 8 bytes of properties:
                                           "1F 00 01 72"     // Reason String "r"
                                           "1C 00 01 66"));  // Server Reference "f"
}

TEST(EncodeAuth, HasItsProperties) {
  Auth auth{ReasonCode::continue_authentication, {}};
  auth.properties.authentication_method = "m";
  auth.properties.authentication_data = hex("00");
  EXPECT_EQ(encoded(auth, v5_0), hex("F0 0A"           // AUTH, 10 bytes
                                     "18"              // continue authentication
                                     "08"              // 8 bytes of properties:
                                     "15 00 01 6D"     // Authentication Method "m"
                                     "16 00 01 00"));  // Authentication Data
}

TEST(EncodeDeathTest, HasNoDisconnectAndNoAuthBefore50) {
  EXPECT_DEATH(encoded(Disconnect{}, v3_1_1), "only 5.0");
  EXPECT_DEATH(encoded(Auth{}, v3_1), "only 5.0");
}

TEST(EncodePublish, CountsThePayloadThatFollows) {
  PublishHead head;
  head.topic_name = "a/b";
  EXPECT_EQ(encoded_head(head, 2, v3_1_1), hex("30 07 0003 612F62"));
  EXPECT_EQ(encoded_head(head, 122, v3_1_1), hex("30 7F 0003 612F62"));    // 127
  EXPECT_EQ(encoded_head(head, 123, v3_1_1), hex("30 8001 0003 612F62"));  // 128
  EXPECT_EQ(encoded_head(head, 268'435'450, v3_1_1), hex("30 FFFFFF7F 0003 612F62"));
}

TEST(EncodePublish, HasItsFlagsAndPacketIdentifier) {
  PublishHead head;
  head.topic_name = "a";
  head.dup = true;
  head.qos = QoS::exactly_once;
  head.retain = true;
  head.packet_id = 0x0A0B;
  EXPECT_EQ(encoded_head(head, 0, v3_1_1), hex("3D 05 000161 0A0B"));
  EXPECT_EQ(encoded_head(head, 0, v5_0), hex("3D 06 000161 0A0B 00"));
  head = {};
  head.topic_name = "a";
  head.qos = QoS::at_least_once;
  head.packet_id = 1;
  EXPECT_EQ(encoded_head(head, 0, v3_1), hex("32 05 000161 0001"));
}

TEST(EncodePublish, HasEveryPropertyIn50Only) {
  const MessageProperties properties{.payload_format_indicator = true,
                                     .content_type = "t",
                                     .response_topic = "r",
                                     .correlation_data = hex("00FF"),
                                     .user_properties = {{"k", "1"}, {"j", ""}, {"k", "2"}}};
  const std::vector<std::uint32_t> subscription_identifiers{1, 128, 268'435'455};
  PublishHead head;
  head.message_expiry_interval = std::chrono::seconds(60);
  head.topic_alias = 3;
  head.properties = &properties;
  head.subscription_identifiers = &subscription_identifiers;
  EXPECT_EQ(encoded_head(head, 1, v5_0), hex("30 39"                 // PUBLISH, 57 bytes, one of them payload
                                             "00 00"                 // no topic: the alias stands for it
                                             "35"                    // 53 bytes of properties:
                                             "02 00 00 00 3C"        // Message Expiry Interval 60 s
                                             "23 00 03"              // Topic Alias 3
                                             "01 01"                 // Payload Format Indicator: UTF-8
                                             "03 00 01 74"           // Content Type "t"
                                             "08 00 01 72"           // Response Topic "r"
                                             "09 00 02 00 FF"        // Correlation Data
                                             "26 00 01 6B 00 01 31"  // User Property k: 1
                                             "26 00 01 6A 00 00"     // User Property j: nothing
                                             "26 00 01 6B 00 01 32"  // User Property k: 2
                                             "0B 01"                 // Subscription Identifier 1
                                             "0B 80 01"              // Subscription Identifier 128
                                             "0B FF FF FF 7F"));     // Subscription Identifier 268435455
  head.topic_name = "a";
  EXPECT_EQ(encoded_head(head, 1, v3_1_1), hex("30 04 000161"));
}

TEST(EncodePublish, HasAPropertyLengthOfTwoBytesWhenItNeedsThem) {
  MessageProperties properties;
  properties.content_type = std::string(125, 't');  // 128 bytes of properties
  PublishHead head;
  head.topic_name = "a";
  head.properties = &properties;
  EXPECT_EQ(encoded_head(head, 0, v5_0),
            hex("30 8501 000161 8001 03 007D") + std::string(125, 't'));  // 133 bytes
}

TEST(EncodePublishDeathTest, HasAPacketIdentifierExactlyWithQos1And2) {
  PublishHead head;
  head.topic_name = "a";
  head.packet_id = 1;
  EXPECT_DEATH(encoded_head(head, 0, v5_0), "packet id");
  head.packet_id = 0;
  head.qos = QoS::at_least_once;
  EXPECT_DEATH(encoded_head(head, 0, v5_0), "packet id");
}

TEST(Encode, AppendsToWhatIsThere) {
  Bytes out = "before";
  encode(Pingresp{}, v3_1_1, out);
  encode(Puback{1, ReasonCode::success, {}}, v5_0, out);
  EXPECT_EQ(out, "before" + hex("D0 00 40 02 0001"));
}

}  // namespace
}  // namespace mqttvet::codec
