#include "conformance/wire/packet.h"

#include <array>

namespace mqttvet::wire {
namespace {

// By the value of the type; 0 is reserved.
constexpr std::array<std::string_view, 16> kNames = {
    "RESERVED",  "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
    "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};

}  // namespace

PacketType type_of(const Packet& packet) {
  return std::visit([](const auto& p) { return p.kType; }, packet);
}

std::optional<std::uint16_t> packet_id_of(const Packet& packet) {
  return std::visit(
      [](const auto& p) -> std::optional<std::uint16_t> {
        if constexpr (requires { p.qos; }) {
          if (p.qos == 0) return std::nullopt;
        }
        if constexpr (requires { p.packet_id; }) {
          return p.packet_id;
        } else {
          return std::nullopt;
        }
      },
      packet);
}

const Properties* properties_of(const Packet& packet) {
  return std::visit(
      [](const auto& p) -> const Properties* {
        if constexpr (requires { p.properties; }) {
          return &p.properties;
        } else {
          return nullptr;
        }
      },
      packet);
}

std::string_view name_of(PacketType type) {
  return kNames[static_cast<std::size_t>(type) & 0x0F];
}

std::optional<PacketType> packet_type_from(std::string_view name) {
  for (std::size_t value = 1; value < kNames.size(); ++value) {
    if (kNames[value] == name) return static_cast<PacketType>(value);
  }
  return std::nullopt;
}

std::string_view name_of(Version version) {
  switch (version) {
    case Version::v3_1:
      return "3.1";
    case Version::v3_1_1:
      return "3.1.1";
    case Version::v5_0:
      return "5.0";
  }
  return "?";
}

}  // namespace mqttvet::wire
