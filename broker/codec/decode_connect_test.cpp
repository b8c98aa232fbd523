// CONNECT (section 3.1).
#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

TEST(DecodeConnect, TellsTheVersion) {
  Client v31;
  EXPECT_EQ(v31.sends<Connect>(kConnectV31).version, v3_1);
  EXPECT_EQ(v31.decoder.version(), v3_1);
  Client v311;
  EXPECT_EQ(v311.sends<Connect>(kConnectV311).version, v3_1_1);
  EXPECT_EQ(v311.decoder.version(), v3_1_1);
  Client v5;
  EXPECT_EQ(v5.sends<Connect>(kConnectV5).version, v5_0);
  EXPECT_EQ(v5.decoder.version(), v5_0);
}

TEST(DecodeConnect, HasAllItsFieldsIn311) {
  Client client;
  const auto connect =
      client.sends<Connect>(hex("10 1C"              // CONNECT, 28 bytes
                                "00 04 4D 51 54 54"  // MQTT
                                "04"                 // protocol level
                                "EC"                 // user name, password, will retain, will QoS 1, will
                                "FF FF"              // keep alive 65535 s
                                "00 02 69 64"        // client id "id"
                                "00 01 77"           // will topic "w"
                                "00 02 00 FF"        // will message
                                "00 01 75"           // user name "u"
                                "00 02 00 70"));     // password, binary
  EXPECT_FALSE(connect.bridge);
  EXPECT_FALSE(connect.clean_start);
  EXPECT_EQ(connect.keep_alive, std::chrono::seconds(65535));
  EXPECT_EQ(connect.client_id, "id");
  ASSERT_TRUE(connect.will);
  EXPECT_EQ(*connect.will, (Will{.qos = QoS::at_least_once,
                                 .retain = true,
                                 .topic_name = "w",
                                 .payload = hex("00 FF"),
                                 .will_delay_interval = std::chrono::seconds(0),
                                 .message_expiry_interval = std::nullopt,
                                 .properties = {}}));
  EXPECT_EQ(connect.user_name, "u");
  EXPECT_EQ(connect.password, hex("00 70"));
}

TEST(DecodeConnect, HasAllItsPropertiesIn50) {
  Client client;
  const auto connect =
      client.sends<Connect>(hex("10 36"                    // CONNECT, 54 bytes
                                "00 04 4D 51 54 54"        // MQTT
                                "05"                       // protocol version
                                "02"                       // clean start
                                "00 00"                    // no keep alive
                                "29"                       // 41 bytes of properties:
                                "11 FF FF FF FF"           // Session Expiry Interval: never
                                "21 00 0A"                 // Receive Maximum 10
                                "27 00 01 00 00"           // Maximum Packet Size 65536
                                "22 00 05"                 // Topic Alias Maximum 5
                                "19 01"                    // Request Response Information
                                "17 00"                    // no Request Problem Information
                                "26 00 01 6B 00 01 76"     // User Property k: v
                                "15 00 03 6D 65 74"        // Authentication Method "met"
                                "16 00 05 01 02 03 04 05"  // Authentication Data
                                "00 00"));                 // client id ""
  const ConnectProperties& properties = connect.properties;
  EXPECT_EQ(properties.session_expiry_interval, kNeverExpires);
  EXPECT_EQ(properties.receive_maximum, 10);
  EXPECT_EQ(properties.maximum_packet_size, 65536u);
  EXPECT_EQ(properties.topic_alias_maximum, 5);
  EXPECT_EQ(properties.request_response_information, true);
  EXPECT_EQ(properties.request_problem_information, false);
  EXPECT_EQ(properties.user_properties, (UserProperties{{"k", "v"}}));
  EXPECT_EQ(properties.authentication_method, "met");
  EXPECT_EQ(properties.authentication_data, hex("01 02 03 04 05"));
  EXPECT_EQ(connect.client_id, "");
}

TEST(DecodeConnect, HasAWillWithPropertiesIn50) {
  Client client;
  const auto connect =
      client.sends<Connect>(hex("10 40"                 // CONNECT, 64 bytes
                                "00 04 4D 51 54 54"     // MQTT
                                "05"                    // protocol version
                                "54"                    // password, will QoS 2, will
                                "00 0A"                 // keep alive 10 s
                                "00"                    // no properties
                                "00 01 63"              // client id "c"
                                "27"                    // 39 bytes of will properties:
                                "18 00 00 00 05"        // Will Delay Interval 5 s
                                "01 00"                 // Payload Format Indicator: bytes
                                "02 00 00 00 3C"        // Message Expiry Interval 60 s
                                "03 00 01 74"           // Content Type "t"
                                "08 00 01 72"           // Response Topic "r"
                                "09 00 02 01 02"        // Correlation Data
                                "26 00 01 6B 00 01 31"  // User Property k: 1
                                "26 00 01 6B 00 01 32"  // User Property k: 2
                                "00 01 77"              // will topic "w"
                                "00 00"                 // no will payload
                                "00 03 70 77 64"));     // password "pwd", without a user name
  ASSERT_TRUE(connect.will);
  EXPECT_EQ(*connect.will, (Will{.qos = QoS::exactly_once,
                                 .retain = false,
                                 .topic_name = "w",
                                 .payload = "",
                                 .will_delay_interval = std::chrono::seconds(5),
                                 .message_expiry_interval = std::chrono::seconds(60),
                                 .properties = {.payload_format_indicator = false,
                                                .content_type = "t",
                                                .response_topic = "r",
                                                .correlation_data = hex("01 02"),
                                                .user_properties = {{"k", "1"}, {"k", "2"}}}}));
  EXPECT_FALSE(connect.user_name);
  EXPECT_EQ(connect.password, "pwd");
}

TEST(DecodeConnect, SaysThatItIsABridge) {
  Client v311;
  const auto connect = v311.sends<Connect>(hex("10 0D 00044D515454 84 02 003C 000163"));
  EXPECT_EQ(connect.version, v3_1_1);
  EXPECT_TRUE(connect.bridge);
  Client v31;
  const auto old = v31.sends<Connect>(hex("10 0F 00064D5149736470 83 02 003C 000163"));
  EXPECT_EQ(old.version, v3_1);
  EXPECT_TRUE(old.bridge);
}

struct UnknownLevel {
  std::string_view name;
  Bytes packet;
  ProtocolVersion answer;
  std::string_view statement;
};

TEST(DecodeConnect, IsAnsweredWhenItsLevelIsUnknown) {
  for (const auto& row : std::vector<UnknownLevel>{
           {"MQTT 0", hex("10 0D 00044D515454 00 02 003C 000163"), v3_1_1, "MQTT311-3.1.2-2"},
           {"MQTT 3", hex("10 0D 00044D515454 03 02 003C 000163"), v3_1_1, "MQTT311-3.1.2-2"},
           {"MQTT 6", hex("10 0D 00044D515454 06 02 003C 000163"), v5_0, "MQTT5-3.1.2-2"},
           {"MQTT 133", hex("10 0D 00044D515454 85 02 003C 000163"), v5_0, "MQTT5-3.1.2-2"},
           {"MQTT 255", hex("10 0D 00044D515454 FF 02 003C 000163"), v5_0, "MQTT5-3.1.2-2"},
           {"MQIsdp 4", hex("10 0F 00064D5149736470 04 02 003C 000163"), v3_1, "MQTT311-3.1.2-2"},
           // Whatever follows the level of a version we don't know is none of our business.
           {"MQTT 7, and no more", hex("10 07 00044D515454 07"), v5_0, "MQTT5-3.1.2-2"},
       }) {
    SCOPED_TRACE(row.name);
    Client client;
    const DecodeError error = client.sends_refused(row.packet);
    EXPECT_EQ(error.reason_code, ReasonCode::unsupported_protocol_version);
    EXPECT_TRUE(error.answer_unsupported_version);
    EXPECT_EQ(error.version, row.answer);
    EXPECT_EQ(error.statement, row.statement);
  }
}

TEST(DecodeConnect, IsNotAnsweredWhenItsNameIsUnknown) {
  for (const char* packet : {"10 0D 00046D717474 04 02 003C 000163",    // mqtt
                             "10 0E 00054D51545458 04 02 003C 000163",  // MQTTX
                             "10 09 0000 04 02 003C 000163"}) {         // empty
    Client client;
    const DecodeError error = client.sends_refused(hex(packet));
    EXPECT_EQ(error.reason_code, ReasonCode::unsupported_protocol_version);
    EXPECT_FALSE(error.answer_unsupported_version);
    EXPECT_EQ(error.version, std::nullopt);
    EXPECT_EQ(std::string_view(error.statement), "MQTT5-3.1.2-1");
  }
}

struct BadConnect {
  std::string_view name;
  Bytes packet;
  ProtocolVersion version;
  ReasonCode reason_code;
  std::string_view statement;
};

TEST(DecodeConnect, RefusesWhatTheStandardForbids) {
  const auto malformed = ReasonCode::malformed_packet;
  for (const auto& row : std::vector<BadConnect>{
           // 3.1.1:           type+length name level flags keep-alive payload
           {"fixed header", hex("11 0D 00044D515454 04 02 003C 000163"), v3_1_1, malformed,
            "MQTT311-2.2.2-2"},
           {"reserved flag", hex("10 0D 00044D515454 04 03 003C 000163"), v3_1_1, malformed,
            "MQTT311-3.1.2-3"},
           {"will QoS, no will", hex("10 0D 00044D515454 04 0A 003C 000163"), v3_1_1, malformed,
            "MQTT311-3.1.2-13"},
           {"will retain, no will", hex("10 0D 00044D515454 04 22 003C 000163"), v3_1_1, malformed,
            "MQTT311-3.1.2-15"},
           {"will QoS 3", hex("10 13 00044D515454 04 1E 003C 000163 000177 000178"), v3_1_1, malformed,
            "MQTT311-3.1.2-14"},
           {"password, no user name", hex("10 10 00044D515454 04 42 003C 000163 000170"), v3_1_1, malformed,
            "MQTT311-3.1.2-22"},
           {"no client id", hex("10 0A 00044D515454 04 02 003C"), v3_1_1, malformed, "MQTT311-3.1.3-3"},
           {"client id no UTF-8", hex("10 0D 00044D515454 04 02 003C 0001FF"), v3_1_1, malformed,
            "MQTT311-3.1.3-4"},
           {"client id U+0000", hex("10 0D 00044D515454 04 02 003C 000100"), v3_1_1, malformed,
            "MQTT311-1.5.3-2"},
           {"will missing", hex("10 0D 00044D515454 04 06 003C 000163"), v3_1_1, malformed,
            "MQTT311-3.1.2-9"},
           {"will topic no UTF-8", hex("10 13 00044D515454 04 06 003C 000163 0001FF 000178"), v3_1_1,
            malformed, "MQTT311-3.1.3-10"},
           {"will topic empty", hex("10 12 00044D515454 04 06 003C 000163 0000 000178"), v3_1_1,
            ReasonCode::topic_name_invalid, "MQTT311-4.7.3-1"},
           {"will topic wildcard", hex("10 13 00044D515454 04 06 003C 000163 000123 000178"), v3_1_1,
            ReasonCode::topic_name_invalid, "MQTT311-4.7.1-1"},
           {"user name missing", hex("10 0D 00044D515454 04 82 003C 000163"), v3_1_1, malformed,
            "MQTT311-3.1.2-19"},
           {"user name no UTF-8", hex("10 10 00044D515454 04 82 003C 000163 0001FF"), v3_1_1, malformed,
            "MQTT311-3.1.3-11"},
           {"password missing", hex("10 10 00044D515454 04 C2 003C 000163 000175"), v3_1_1, malformed,
            "MQTT311-3.1.2-21"},
           {"bytes left over", hex("10 10 00044D515454 04 02 003C 000163 000175"), v3_1_1, malformed,
            "MQTT311-3.1.4-1"},
           {"cut in keep alive", hex("10 09 00044D515454 04 02 00"), v3_1_1, malformed, "MQTT311-4.8.0-1"},
           // 5.0
           {"fixed header", hex("12 0E 00044D515454 05 02 003C 00 000163"), v5_0, malformed, "MQTT5-2.1.3-1"},
           {"long Remaining Length", hex("10 8E00 00044D515454 05 02 003C 00 000163"), v5_0, malformed,
            "MQTT5-1.5.5-1"},
           {"reserved flag", hex("10 0E 00044D515454 05 03 003C 00 000163"), v5_0, malformed,
            "MQTT5-3.1.2-3"},
           {"will QoS, no will", hex("10 0E 00044D515454 05 0A 003C 00 000163"), v5_0, malformed,
            "MQTT5-3.1.2-11"},
           {"will retain, no will", hex("10 0E 00044D515454 05 22 003C 00 000163"), v5_0, malformed,
            "MQTT5-3.1.2-13"},
           {"will QoS 3", hex("10 15 00044D515454 05 1E 003C 00 000163 00 000177 000178"), v5_0, malformed,
            "MQTT5-3.1.2-12"},
           {"no properties field", hex("10 0A 00044D515454 05 02 003C"), v5_0, malformed, "MQTT5-2.2.2-1"},
           {"no client id", hex("10 0B 00044D515454 05 02 003C 00"), v5_0, malformed, "MQTT5-3.1.3-3"},
           {"client id no UTF-8", hex("10 0E 00044D515454 05 02 003C 00 0001FF"), v5_0, malformed,
            "MQTT5-3.1.3-4"},
           {"will missing", hex("10 0E 00044D515454 05 06 003C 00 000163"), v5_0, malformed, "MQTT5-3.1.2-9"},
           {"will topic wildcard", hex("10 15 00044D515454 05 06 003C 00 000163 00 00012B 000178"), v5_0,
            ReasonCode::topic_name_invalid, "MQTT5-4.7.0-1"},
           {"user name missing", hex("10 0E 00044D515454 05 82 003C 00 000163"), v5_0, malformed,
            "MQTT5-3.1.2-17"},
           {"password missing", hex("10 0E 00044D515454 05 42 003C 00 000163"), v5_0, malformed,
            "MQTT5-3.1.2-19"},
           {"bytes left over", hex("10 0F 00044D515454 05 02 003C 00 000163 00"), v5_0, malformed,
            "MQTT5-3.1.4-1"},
           {"Receive Maximum 0", hex("10 11 00044D515454 05 02 003C 03 210000 000163"), v5_0,
            ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
           {"Maximum Packet Size 0", hex("10 13 00044D515454 05 02 003C 05 2700000000 000163"), v5_0,
            ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
           {"Request Problem Information 2", hex("10 10 00044D515454 05 02 003C 02 1702 000163"), v5_0,
            ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
           {"Authentication Data alone", hex("10 12 00044D515454 05 02 003C 04 160001FF 000163"), v5_0,
            ReasonCode::protocol_error, "MQTT5-3.1.4-1"},
       }) {
    SCOPED_TRACE(row.name);
    Client client;
    const DecodeError error = client.sends_refused(row.packet);
    EXPECT_EQ(to_string(error.reason_code), to_string(row.reason_code)) << error.text;
    EXPECT_EQ(error.statement, row.statement) << error.text;
    EXPECT_EQ(error.version, row.version);
    EXPECT_FALSE(error.answer_unsupported_version);
  }
}

TEST(DecodeConnect, IsTakenAsItComesIn31) {
  Client flags;
  flags.sends<Connect>(
      hex("1F 0F"                // CONNECT with DUP, QoS 3, RETAIN
          "00064D5149736470 03"  // MQIsdp 3
          "3B 003C 000163"));    // reserved bit; will QoS and retain without a will
  Client credentials;
  const auto connect =
      credentials.sends<Connect>(hex("10 0F"
                                     "00064D5149736470 03"  // MQIsdp 3
                                     "C2 003C 000163"));    // user name and password, not there
  EXPECT_FALSE(connect.user_name);
  EXPECT_FALSE(connect.password);
}

}  // namespace
}  // namespace mqttvet::codec
