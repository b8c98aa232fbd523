// What the tests of the decoder share: bytes written in hex, and a client's connection to a decoder.
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "broker/codec/decoder.h"

namespace mqttvet::codec {

// "10 0C 00 04" -> bytes. Blanks mean nothing, so that literals may be split at fields.
inline Bytes hex(std::string_view digits) {
  Bytes bytes;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ') continue;
    const int digit = c >= 'A' ? c - 'A' + 10 : c - '0';
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

inline const Bytes kConnectV31 =
    hex("10 0F"                    // CONNECT, 15 bytes
        "00 06 4D 51 49 73 64 70"  // MQIsdp
        "03"                       // protocol level
        "02"                       // clean session
        "00 3C"                    // keep alive 60 s
        "00 01 63");               // client id "c"
inline const Bytes kConnectV311 =
    hex("10 0D"              // CONNECT, 13 bytes
        "00 04 4D 51 54 54"  // MQTT
        "04"                 // protocol level
        "02"                 // clean session
        "00 3C"              // keep alive 60 s
        "00 01 63");         // client id "c"
inline const Bytes kConnectV5 =
    hex("10 0E"              // CONNECT, 14 bytes
        "00 04 4D 51 54 54"  // MQTT
        "05"                 // protocol version
        "02"                 // clean start
        "00 3C"              // keep alive 60 s
        "00"                 // no properties
        "00 01 63");         // client id "c"

// A client that sends bytes to a decoder.
class Client {
 public:
  explicit Client(std::uint32_t maximum_packet_size = 1024) : decoder(maximum_packet_size) {}

  // After a CONNECT in this version.
  static Client connected(ProtocolVersion version) {
    Client client;
    client.sends<Connect>(version == ProtocolVersion::v3_1     ? kConnectV31
                          : version == ProtocolVersion::v3_1_1 ? kConnectV311
                                                               : kConnectV5);
    return client;
  }

  // Exactly one packet, of this type. Views of a Publish last until the next call.
  template <class Packet>
  Packet sends(BytesView bytes) {
    decoder.append(bytes);
    auto result = decoder.next();
    if (const auto* error = std::get_if<DecodeError>(&result)) ADD_FAILURE() << "refused: " << error->text;
    auto* packet = std::get_if<ClientPacket>(&result);
    if (packet == nullptr || !std::holds_alternative<Packet>(*packet)) {
      ADD_FAILURE() << "not the expected packet";
      return {};
    }
    EXPECT_EQ(decoder.pending_bytes(), 0u);
    return std::get<Packet>(std::move(*packet));
  }

  // Something that is refused.
  DecodeError sends_refused(BytesView bytes) {
    decoder.append(bytes);
    auto result = decoder.next();
    if (auto* error = std::get_if<DecodeError>(&result)) return *error;
    ADD_FAILURE() << (std::holds_alternative<NeedMoreBytes>(result) ? "waits for more" : "accepted");
    return {};
  }

  bool needs_more() { return std::holds_alternative<NeedMoreBytes>(decoder.next()); }

  Decoder decoder;
};

// A row of a table of bad packets.
struct Refusal {
  std::string_view name;
  ProtocolVersion version;  // of the connection
  Bytes packet;
  ReasonCode reason_code;
  std::string_view statement;
};

inline void expect_refused(const std::vector<Refusal>& table) {
  for (const Refusal& row : table) {
    SCOPED_TRACE(row.name);
    const DecodeError error = Client::connected(row.version).sends_refused(row.packet);
    EXPECT_EQ(to_string(error.reason_code), to_string(row.reason_code)) << error.text;
    EXPECT_EQ(error.statement, row.statement) << error.text;
    EXPECT_EQ(error.version, row.version);
  }
}

inline constexpr ProtocolVersion v3_1 = ProtocolVersion::v3_1;
inline constexpr ProtocolVersion v3_1_1 = ProtocolVersion::v3_1_1;
inline constexpr ProtocolVersion v5_0 = ProtocolVersion::v5_0;

}  // namespace mqttvet::codec
