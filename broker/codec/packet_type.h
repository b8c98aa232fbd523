// The first byte of every packet (section 2.1): packet type in bits 7-4, flags in bits 3-0.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "broker/codec/packet.h"
#include "broker/codec/statement.h"

namespace mqttvet::codec {

enum class PacketType : std::uint8_t {
  reserved = 0,
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,  // 5.0 only; reserved in 3.1.1 and 3.1
};

// The flags of a PUBLISH (section 3.3.1).
inline constexpr std::uint8_t kDupFlag = 0x08;
inline constexpr std::uint8_t kQosFlags = 0x06;
inline constexpr std::uint8_t kRetainFlag = 0x01;

// Tables 2-1 and 2-2: who sends a packet type, with which flags, and the statement that other flags break.
struct PacketTypeRow {
  std::string_view name;
  bool from_client;
  std::uint8_t flags;  // of PUBLISH: none is fixed
  Statement flags_statement;
};
inline constexpr Statement kFlags{"MQTT311-2.2.2-2", "MQTT5-2.1.3-1"};
inline constexpr std::array<PacketTypeRow, 16> kPacketTypes{{
    {"packet type 0", false, 0x0, kFlags},
    {"CONNECT", true, 0x0, kFlags},
    {"CONNACK", false, 0x0, kFlags},
    {"PUBLISH", true, 0x0, kFlags},
    {"PUBACK", true, 0x0, kFlags},
    {"PUBREC", true, 0x0, kFlags},
    {"PUBREL", true, 0x2, {"MQTT311-3.6.1-1", "MQTT5-3.6.1-1"}},
    {"PUBCOMP", true, 0x0, kFlags},
    {"SUBSCRIBE", true, 0x2, {"MQTT311-3.8.1-1", "MQTT5-3.8.1-1"}},
    {"SUBACK", false, 0x0, kFlags},
    {"UNSUBSCRIBE", true, 0x2, {"MQTT311-3.10.1-1", "MQTT5-3.10.1-1"}},
    {"UNSUBACK", false, 0x0, kFlags},
    {"PINGREQ", true, 0x0, kFlags},
    {"PINGRESP", false, 0x0, kFlags},
    {"DISCONNECT", true, 0x0, {"MQTT311-3.14.1-1", "MQTT5-3.14.1-1"}},
    {"AUTH", true, 0x0, {"", "MQTT5-3.15.1-1"}},
}};

constexpr const PacketTypeRow& row_of(PacketType type) {
  return kPacketTypes[static_cast<std::size_t>(type)];
}

constexpr PacketType packet_type_of(std::uint8_t first_byte) {
  return static_cast<PacketType>(first_byte >> 4);
}
constexpr std::uint8_t flags_of(std::uint8_t first_byte) {
  return first_byte & 0x0F;
}

}  // namespace mqttvet::codec
