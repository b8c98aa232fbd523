// DISCONNECT (section 3.14), AUTH (section 3.15) and PINGREQ (section 3.12) from a client.
#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

TEST(DecodeDisconnect, MayBeEmptyAndThenMeansNormalDisconnection) {
  for (const ProtocolVersion version : {v3_1, v3_1_1, v5_0}) {
    EXPECT_EQ(Client::connected(version).sends<Disconnect>(hex("E0 00")).reason_code, ReasonCode::success);
  }
}

TEST(DecodeDisconnect, MayEndAfterTheReasonCode) {
  EXPECT_EQ(Client::connected(v5_0).sends<Disconnect>(hex("E0 01 00")).reason_code, ReasonCode::success);
  EXPECT_EQ(Client::connected(v5_0).sends<Disconnect>(hex("E0 01 04")).reason_code,
            ReasonCode::disconnect_with_will_message);
  EXPECT_EQ(Client::connected(v5_0).sends<Disconnect>(hex("E0 02 00 00")).reason_code, ReasonCode::success);
}

TEST(DecodeDisconnect, MayHaveProperties) {
  Client client = Client::connected(v5_0);
  const auto disconnect =
      client.sends<Disconnect>(hex("E0 12"                    // DISCONNECT, 18 bytes
                                   "04"                       // disconnect with will message
                                   "10"                       // 16 bytes of properties:
                                   "11 00 00 00 1E"           // Session Expiry Interval 30 s
                                   "1F 00 01 72"              // Reason String "r"
                                   "26 00 01 6B 00 01 76"));  // User Property k: v
  EXPECT_EQ(disconnect.properties.session_expiry_interval, std::chrono::seconds(30));
  EXPECT_EQ(disconnect.properties.reason_string, "r");
  EXPECT_EQ(disconnect.properties.user_properties, (UserProperties{{"k", "v"}}));
}

TEST(DecodeDisconnect, RefusesWhatTheStandardForbids) {
  expect_refused({
      {"flags", v3_1_1, hex("E1"), ReasonCode::malformed_packet, "MQTT311-3.14.1-1"},
      {"flags", v5_0, hex("E8"), ReasonCode::malformed_packet, "MQTT5-3.14.1-1"},
      {"a reason code in 3.1.1", v3_1_1, hex("E0 01 00"), ReasonCode::malformed_packet, "MQTT311-4.8.0-1"},
      {"a code of servers", v5_0, hex("E0 01 8E"), ReasonCode::protocol_error, "MQTT5-3.14.2-1"},
      {"a code of other packets", v5_0, hex("E0 01 01"), ReasonCode::protocol_error, "MQTT5-3.14.2-1"},
      {"Server Reference", v5_0, hex("E0 06 00 04 1C 000161"), ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
      {"two Session Expiry Intervals", v5_0, hex("E0 0C 00 0A 1100000000 1100000000"),
       ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
  });
}

TEST(DecodeAuth, HasAMethodAndData) {
  Client client = Client::connected(v5_0);
  const auto auth =
      client.sends<Auth>(hex("F0 0F"           // AUTH, 15 bytes
                             "18"              // continue authentication
                             "0D"              // 13 bytes of properties:
                             "15 00 01 6D"     // Authentication Method "m"
                             "16 00 02 00 FF"  // Authentication Data
                             "1F 00 01 72"));  // Reason String "r"
  EXPECT_EQ(auth.reason_code, ReasonCode::continue_authentication);
  EXPECT_EQ(auth.properties.authentication_method, "m");
  EXPECT_EQ(auth.properties.authentication_data, hex("00 FF"));
  EXPECT_EQ(auth.properties.reason_string, "r");
  EXPECT_EQ(client.sends<Auth>(hex("F0 06 19 04 15 00016D")).reason_code, ReasonCode::re_authenticate);
}

TEST(DecodeAuth, RefusesWhatTheStandardForbids) {
  expect_refused({
      {"before 5.0", v3_1_1, hex("F0"), ReasonCode::malformed_packet, "MQTT311-4.8.0-1"},
      {"before 5.0", v3_1, hex("F0"), ReasonCode::malformed_packet, "MQTT311-4.8.0-1"},
      {"flags", v5_0, hex("F2"), ReasonCode::malformed_packet, "MQTT5-3.15.1-1"},
      {"empty: success is the server's", v5_0, hex("F0 00"), ReasonCode::protocol_error, "MQTT5-3.15.2-1"},
      {"success", v5_0, hex("F0 06 00 04 15 00016D"), ReasonCode::protocol_error, "MQTT5-3.15.2-1"},
      {"no property length", v5_0, hex("F0 01 18"), ReasonCode::malformed_packet, "MQTT5-2.2.2-1"},
      {"no method", v5_0, hex("F0 02 18 00"), ReasonCode::protocol_error, "MQTT5-4.12.0-5"},
      {"data without method", v5_0, hex("F0 06 18 04 16 0001FF"), ReasonCode::protocol_error,
       "MQTT5-4.12.0-5"},
  });
}

TEST(DecodePingreq, IsTwoBytes) {
  for (const ProtocolVersion version : {v3_1, v3_1_1, v5_0}) {
    Client::connected(version).sends<Pingreq>(hex("C0 00"));
  }
  expect_refused({
      {"flags", v3_1_1, hex("C1"), ReasonCode::malformed_packet, "MQTT311-2.2.2-2"},
      {"flags", v5_0, hex("CF"), ReasonCode::malformed_packet, "MQTT5-2.1.3-1"},
      {"length", v3_1_1, hex("C0 01 00"), ReasonCode::malformed_packet, "MQTT311-4.8.0-1"},
  });
}

}  // namespace
}  // namespace mqttvet::codec
