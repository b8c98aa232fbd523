// PUBACK, PUBREC, PUBREL, PUBCOMP from a client (sections 3.4 - 3.7).
#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

TEST(DecodeAcknowledgement, HasOnlyAPacketIdentifierBefore50) {
  Client client = Client::connected(v3_1_1);
  EXPECT_EQ(client.sends<Puback>(hex("40 02 0102")).packet_id, 0x0102);
  EXPECT_EQ(client.sends<Pubrec>(hex("50 02 0103")).packet_id, 0x0103);
  EXPECT_EQ(client.sends<Pubrel>(hex("62 02 0104")).packet_id, 0x0104);
  EXPECT_EQ(client.sends<Pubcomp>(hex("70 02 FFFF")).packet_id, 0xFFFF);
}

TEST(DecodeAcknowledgement, MayEndAfterThePacketIdentifierAndThenMeansSuccess) {
  Client client = Client::connected(v5_0);
  EXPECT_EQ(client.sends<Puback>(hex("40 02 0001")).reason_code, ReasonCode::success);
  EXPECT_EQ(client.sends<Pubrec>(hex("50 02 0001")).reason_code, ReasonCode::success);
  EXPECT_EQ(client.sends<Pubrel>(hex("62 02 0001")).reason_code, ReasonCode::success);
  EXPECT_EQ(client.sends<Pubcomp>(hex("70 02 0001")).reason_code, ReasonCode::success);
}

TEST(DecodeAcknowledgement, MayEndAfterTheReasonCode) {
  Client client = Client::connected(v5_0);
  EXPECT_EQ(client.sends<Puback>(hex("40 03 0001 97")).reason_code, ReasonCode::quota_exceeded);
  EXPECT_EQ(client.sends<Pubrec>(hex("50 03 0001 10")).reason_code, ReasonCode::no_matching_subscribers);
  EXPECT_EQ(client.sends<Pubrel>(hex("62 03 0001 92")).reason_code, ReasonCode::packet_identifier_not_found);
  EXPECT_EQ(client.sends<Pubcomp>(hex("70 03 0001 00")).reason_code, ReasonCode::success);
}

TEST(DecodeAcknowledgement, MayHaveProperties) {
  Client client = Client::connected(v5_0);
  const auto puback =
      client.sends<Puback>(hex("40 0F"                    // PUBACK, 15 bytes
                               "00 07"                    // packet identifier 7
                               "80"                       // unspecified error
                               "0B"                       // 11 bytes of properties:
                               "1F 00 01 72"              // Reason String "r"
                               "26 00 01 6B 00 01 76"));  // User Property k: v
  EXPECT_EQ(puback.packet_id, 7);
  EXPECT_EQ(puback.reason_code, ReasonCode::unspecified_error);
  EXPECT_EQ(puback.properties.reason_string, "r");
  EXPECT_EQ(puback.properties.user_properties, (UserProperties{{"k", "v"}}));
  EXPECT_EQ(client.sends<Pubcomp>(hex("70 04 0001 92 00")).reason_code,
            ReasonCode::packet_identifier_not_found);
}

TEST(DecodeAcknowledgement, TakesDupOfPubrelIn31Only) {
  Client client = Client::connected(v3_1);
  EXPECT_EQ(client.sends<Pubrel>(hex("6A 02 0001")).packet_id, 1);
  expect_refused({
      {"3.1.1", v3_1_1, hex("6A"), ReasonCode::malformed_packet, "MQTT311-3.6.1-1"},
      {"5.0", v5_0, hex("6A"), ReasonCode::malformed_packet, "MQTT5-3.6.1-1"},
      {"3.1, no QoS", v3_1, hex("60"), ReasonCode::malformed_packet, "MQTT311-3.6.1-1"},
  });
}

TEST(DecodeAcknowledgement, RefusesWhatTheStandardForbids) {
  expect_refused({
      {"flags of PUBACK", v3_1_1, hex("41"), ReasonCode::malformed_packet, "MQTT311-2.2.2-2"},
      {"flags of PUBREC", v5_0, hex("52"), ReasonCode::malformed_packet, "MQTT5-2.1.3-1"},
      {"flags of PUBCOMP", v5_0, hex("78"), ReasonCode::malformed_packet, "MQTT5-2.1.3-1"},
      {"packet identifier 0", v3_1_1, hex("40 02 0000"), ReasonCode::protocol_error, "MQTT311-2.3.1-1"},
      {"packet identifier 0", v5_0, hex("62 02 0000"), ReasonCode::protocol_error, "MQTT5-2.2.1-3"},
      {"half a packet identifier", v3_1_1, hex("40 01 00"), ReasonCode::malformed_packet, "MQTT311-4.8.0-1"},
      {"a reason code in 3.1.1", v3_1_1, hex("40 03 0001 00"), ReasonCode::malformed_packet,
       "MQTT311-4.8.0-1"},
      {"code of PUBACK", v5_0, hex("40 03 0001 82"), ReasonCode::protocol_error, "MQTT5-3.4.2-1"},
      {"code of PUBREC", v5_0, hex("50 03 0001 92"), ReasonCode::protocol_error, "MQTT5-3.5.2-1"},
      {"code of PUBREL", v5_0, hex("62 03 0001 80"), ReasonCode::protocol_error, "MQTT5-3.6.2-1"},
      {"code of PUBCOMP", v5_0, hex("70 03 0001 FF"), ReasonCode::protocol_error, "MQTT5-3.7.2-1"},
      {"two reason strings", v5_0, hex("40 0A 0001 00 06 1F0000 1F0000"), ReasonCode::protocol_error,
       "MQTT5-4.13.1-1"},
      {"bytes after the properties", v5_0, hex("40 05 0001 00 00 00"), ReasonCode::malformed_packet,
       "MQTT5-4.13.1-1"},
  });
}

}  // namespace
}  // namespace mqttvet::codec
