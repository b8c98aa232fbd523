// The stream: fixed headers, cuts, limits (section 2.1).
#include "broker/codec/decoder.h"

#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

TEST(Decoder, WantsConnectFirst) {
  for (int first_byte = 0; first_byte < 0x100; ++first_byte) {
    Client client;
    client.decoder.append(Bytes(1, static_cast<char>(first_byte)));
    EXPECT_EQ(client.needs_more(), first_byte >> 4 == 1) << first_byte;
  }
  Client client;
  const DecodeError error = client.sends_refused(hex("C0 00"));  // PINGREQ
  EXPECT_EQ(error.reason_code, ReasonCode::protocol_error);
  EXPECT_EQ(std::string_view(error.statement), "MQTT5-3.1.0-1");
  EXPECT_EQ(error.version, std::nullopt);
}

TEST(Decoder, RefusesTypesOfServersAtOnce) {
  expect_refused({
      {"type 0", v3_1_1, hex("00"), ReasonCode::malformed_packet, "MQTT311-4.8.0-1"},
      {"type 0", v5_0, hex("00"), ReasonCode::malformed_packet, "MQTT5-4.13.1-1"},
      {"CONNACK", v3_1_1, hex("20"), ReasonCode::protocol_error, "MQTT311-4.8.0-1"},
      {"CONNACK", v5_0, hex("20"), ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
      {"SUBACK", v5_0, hex("90"), ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
      {"UNSUBACK", v5_0, hex("B0"), ReasonCode::protocol_error, "MQTT5-4.13.1-1"},
      {"PINGRESP", v3_1, hex("D0"), ReasonCode::protocol_error, "MQTT311-4.8.0-1"},
  });
}

TEST(Decoder, RefusesARemainingLengthOfFiveBytesBeforeTheFifth) {
  expect_refused({
      {"3.1.1", v3_1_1, hex("30 FF FF FF FF"), ReasonCode::malformed_packet, "MQTT311-4.8.0-1"},
      {"5.0", v5_0, hex("30 80 80 80 80"), ReasonCode::malformed_packet, "MQTT5-1.5.5-1"},
  });
}

TEST(Decoder, WantsTheRemainingLengthInTheFewestBytesIn50Only) {
  expect_refused({{"5.0", v5_0, hex("C0 80 00"), ReasonCode::malformed_packet, "MQTT5-1.5.5-1"}});
  Client::connected(v3_1_1).sends<Pingreq>(hex("C0 80 00"));
}

TEST(Decoder, RefusesATooLargePacketWhenItsFixedHeaderIsThere) {
  Client client(/*maximum_packet_size=*/20);
  client.sends<Connect>(kConnectV5);
  const auto publish =
      client.sends<Publish>(hex("30 12 000161 00 0102030405060708090A0B0C0D0E"));  // 20 bytes
  EXPECT_EQ(publish.payload.size(), 14u);
  const DecodeError error = client.sends_refused(hex("30 13"));  // 21 bytes
  EXPECT_EQ(error.reason_code, ReasonCode::packet_too_large);
  EXPECT_EQ(std::string_view(error.statement), "MQTT5-3.2.2-15");
}

TEST(Decoder, TakesTheLargestPacketThereIs) {
  Client client(/*maximum_packet_size=*/0xFFFFFFFF);
  client.sends<Connect>(kConnectV311);
  client.decoder.append(hex("30 FF FF FF 7F"));  // 268435455 bytes to come
  EXPECT_TRUE(client.needs_more());
  EXPECT_EQ(client.decoder.pending_bytes(), 5u);
}

TEST(Decoder, ReturnsTheErrorForEver) {
  Client client = Client::connected(v3_1_1);
  client.sends_refused(hex("00"));
  const DecodeError error = client.sends_refused(hex("C0 00"));
  EXPECT_EQ(error.text, "packet type is reserved");
  EXPECT_EQ(client.decoder.pending_bytes(), 0u);
}

TEST(Decoder, ReturnsThePacketsBeforeTheError) {
  Client client;
  client.decoder.append(kConnectV311 + hex("C0 00"
                                           "00"));
  EXPECT_TRUE(std::holds_alternative<ClientPacket>(client.decoder.next()));  // CONNECT
  EXPECT_TRUE(std::holds_alternative<ClientPacket>(client.decoder.next()));  // PINGREQ
  EXPECT_TRUE(std::holds_alternative<DecodeError>(client.decoder.next()));
}

// The caller refuses it: it knows better what the first one led to.
TEST(Decoder, ReturnsASecondConnectAndKeepsTheFirstVersion) {
  Client client = Client::connected(v3_1_1);
  EXPECT_EQ(client.sends<Connect>(kConnectV5).version, v5_0);
  EXPECT_EQ(client.decoder.version(), v3_1_1);
  const DecodeError error = client.sends_refused(hex("10 07 00044D515454 07"));  // MQTT 7
  EXPECT_FALSE(error.answer_unsupported_version);
  EXPECT_EQ(error.version, v3_1_1);
}

TEST(Decoder, KeepsTheViewsOfPublishUntilTheNextAppend) {
  Client client = Client::connected(v3_1_1);
  client.decoder.append(
      hex("30 04 000161 78"     // PUBLISH a "x"
          "30 04 000162 79"));  // PUBLISH b "y"
  const auto first = client.decoder.next();
  const auto second = client.decoder.next();
  EXPECT_TRUE(client.needs_more());
  EXPECT_EQ(std::get<Publish>(std::get<ClientPacket>(first)).topic_name, "a");
  EXPECT_EQ(std::get<Publish>(std::get<ClientPacket>(first)).payload, "x");
  EXPECT_EQ(std::get<Publish>(std::get<ClientPacket>(second)).payload, "y");
}

}  // namespace
}  // namespace mqttvet::codec
