// The Control Packets (chapter 3) of MQTT 3.1, 3.1.1 and 5.0 as they stand on the wire. One struct per packet
// type, for both directions and all versions: what a version doesn't have stays at its default and is not
// written.
//
// This is the judge's own model, written from the standard. It shares nothing with the broker's codec.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conformance/wire/property.h"

namespace mqttvet::wire {

// The value is the Protocol Level (3.x) or Protocol Version (5.0) in CONNECT.
enum class Version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5_0 = 5 };

enum class Direction : std::uint8_t { client_to_server, server_to_client };

// Table 2-1: the upper four bits of the first byte. 0 is reserved everywhere, 15 before 5.0.
enum class PacketType : std::uint8_t {
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
  auth = 15,
};

// The four fields of CONNECT's will, in the order of the payload; QoS and Retain come from the Connect Flags.
struct Will {
  std::uint8_t qos = 0;
  bool retain = false;
  Properties properties{};
  std::string topic{};
  std::string payload{};
  bool operator==(const Will&) const = default;
};

// 3.1
struct Connect {
  static constexpr PacketType kType = PacketType::connect;
  Version version = Version::v5_0;
  bool bridge =
      false;  // not in the standards: bit 7 of the level, as mosquitto's bridges set it (0x83, 0x84)
  bool clean_start = true;       // 3.x: Clean Session
  std::uint16_t keep_alive = 0;  // seconds, 0: none
  Properties properties{};
  std::string client_id{};
  std::optional<Will> will{};
  std::optional<std::string> user_name{};
  std::optional<std::string> password{};
  bool operator==(const Connect&) const = default;
};

// 3.2
struct Connack {
  static constexpr PacketType kType = PacketType::connack;
  bool session_present = false;  // not in 3.1
  std::uint8_t reason_code = 0;  // 3.x: return code, 0..5
  Properties properties{};
  bool operator==(const Connack&) const = default;
};

// 3.3
struct Publish {
  static constexpr PacketType kType = PacketType::publish;
  bool dup = false;
  std::uint8_t qos = 0;
  bool retain = false;
  std::string topic{};
  std::uint16_t packet_id = 0;  // on the wire only with qos > 0
  Properties properties{};
  std::string payload{};
  bool operator==(const Publish&) const = default;
};

// 3.4 - 3.7
template <PacketType type>
struct Acknowledgement {
  static constexpr PacketType kType = type;
  std::uint16_t packet_id = 0;
  std::uint8_t reason_code = 0;  // 5.0
  Properties properties{};       // 5.0
  bool operator==(const Acknowledgement&) const = default;
};
using Puback = Acknowledgement<PacketType::puback>;
using Pubrec = Acknowledgement<PacketType::pubrec>;
using Pubrel = Acknowledgement<PacketType::pubrel>;
using Pubcomp = Acknowledgement<PacketType::pubcomp>;

// One Topic Filter of a SUBSCRIBE with its Subscription Options (3.8.3.1); 3.x has only the QoS.
struct Subscription {
  std::string topic_filter{};
  std::uint8_t qos = 0;  // the maximum
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;
  bool operator==(const Subscription&) const = default;
};

// 3.8
struct Subscribe {
  static constexpr PacketType kType = PacketType::subscribe;
  std::uint16_t packet_id = 0;
  Properties properties{};
  std::vector<Subscription> subscriptions{};
  bool operator==(const Subscribe&) const = default;
};

// 3.9
struct Suback {
  static constexpr PacketType kType = PacketType::suback;
  std::uint16_t packet_id = 0;
  Properties properties{};
  std::vector<std::uint8_t> reason_codes{};  // 0, 1, 2: granted QoS; 0x80 and above: refused
  bool operator==(const Suback&) const = default;
};

// 3.10
struct Unsubscribe {
  static constexpr PacketType kType = PacketType::unsubscribe;
  std::uint16_t packet_id = 0;
  Properties properties{};
  std::vector<std::string> topic_filters{};
  bool operator==(const Unsubscribe&) const = default;
};

// 3.11
struct Unsuback {
  static constexpr PacketType kType = PacketType::unsuback;
  std::uint16_t packet_id = 0;
  Properties properties{};
  std::vector<std::uint8_t> reason_codes{};  // 5.0; empty in 3.x
  bool operator==(const Unsuback&) const = default;
};

// 3.12, 3.13
struct Pingreq {
  static constexpr PacketType kType = PacketType::pingreq;
  bool operator==(const Pingreq&) const = default;
};
struct Pingresp {
  static constexpr PacketType kType = PacketType::pingresp;
  bool operator==(const Pingresp&) const = default;
};

// 3.14; 3.x: client to server only, and empty
struct Disconnect {
  static constexpr PacketType kType = PacketType::disconnect;
  std::uint8_t reason_code = 0;
  Properties properties{};
  bool operator==(const Disconnect&) const = default;
};

// 3.15; 5.0 only
struct Auth {
  static constexpr PacketType kType = PacketType::auth;
  std::uint8_t reason_code = 0;
  Properties properties{};
  bool operator==(const Auth&) const = default;
};

using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback,
                            Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

PacketType type_of(const Packet&);

// The Packet Identifier, if this packet has one on the wire (a PUBLISH with QoS 0 has none).
std::optional<std::uint16_t> packet_id_of(const Packet&);

// The packet's properties; nullptr for PINGREQ and PINGRESP. Valid as long as the packet.
const Properties* properties_of(const Packet&);

// "PUBREC"; "RESERVED" for 0.
std::string_view name_of(PacketType);
// The reverse, exact upper case; nullopt: no such packet.
std::optional<PacketType> packet_type_from(std::string_view name);
// "3.1", "3.1.1", "5.0"
std::string_view name_of(Version);

}  // namespace mqttvet::wire
