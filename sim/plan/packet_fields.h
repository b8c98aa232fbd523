// What an expectation may ask of a packet: the fields by name, and how their values are written.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mqttvet::sim {

enum class FieldKind {
  flag,    // true or false
  number,  // 7, 0x82, or a range: 28..30
  text,    // as it is
  list,    // of numbers: [1, 0x80]; kept as "1 128"
};
struct PacketField {
  std::string_view name;
  FieldKind kind;
};

// The fields of a packet that a broker sends ("PUBLISH": qos, dup, ...). nullopt: no such packet.
std::optional<std::span<const PacketField>> fields_of_received(std::string_view packet_type);
// "CONNACK, PUBLISH, ..."
std::string received_packet_types();

// Instead of a value: the packet must not have the field.
inline constexpr std::string_view kAbsent = "absent";

// Whether a client sends packets of this name.
bool is_sent_packet(std::string_view packet_type);

// An inclusive range of numbers; a single one is a range of itself. nullopt: not written like one.
struct NumberRange {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};
std::optional<NumberRange> parse_number_range(std::string_view text);

}  // namespace mqttvet::sim
