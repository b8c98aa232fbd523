#include "conformance/wire/cursor.h"

namespace mqttvet::wire {
namespace {

std::uint8_t octet(char c) {
  return static_cast<std::uint8_t>(c);
}

// What the first byte of a UTF-8 sequence promises (table 3-7 of the Unicode standard).
struct Sequence {
  std::size_t length = 0;              // bytes, 0: this byte begins nothing
  std::uint8_t second_minimum = 0x80;  // shuts out over-long forms
  std::uint8_t second_maximum = 0xBF;  // shuts out surrogates and what is beyond U+10FFFF
};

Sequence sequence_of(std::uint8_t first) {
  if (first < 0x80) return {1};
  if (first < 0xC2) return {0};
  if (first < 0xE0) return {2};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

}  // namespace

std::optional<VariableByteInteger> read_variable_byte_integer(std::string_view bytes) {
  VariableByteInteger result;
  for (const char c : bytes) {
    result.value |= (octet(c) & 0x7FU) << (7 * result.bytes);
    ++result.bytes;
    if ((octet(c) & 0x80) == 0) {
      result.shortest = result.bytes == 1 || octet(c) != 0;
      return result;
    }
    if (result.bytes == 4) throw Fault("a length goes on after four bytes");
  }
  return std::nullopt;
}

std::string_view Cursor::take(std::size_t bytes, std::string_view field) {
  if (bytes > rest_.size()) {
    throw Fault(std::string(field) + " takes " + std::to_string(bytes) + " bytes, the packet has " +
                std::to_string(rest_.size()) + " left");
  }
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

std::uint8_t Cursor::byte(std::string_view field) {
  return octet(take(1, field)[0]);
}

std::uint16_t Cursor::two_byte_integer(std::string_view field) {
  const std::string_view bytes = take(2, field);
  return static_cast<std::uint16_t>(octet(bytes[0]) << 8 | octet(bytes[1]));
}

std::uint32_t Cursor::four_byte_integer(std::string_view field) {
  std::uint32_t value = 0;
  for (const char c : take(4, field)) value = value << 8 | octet(c);
  return value;
}

std::uint32_t Cursor::variable_byte_integer(std::string_view field) {
  const auto integer = read_variable_byte_integer(rest_);
  if (!integer) throw Fault(std::string(field) + " ends in the middle");
  if (!integer->shortest) throw Fault(std::string(field) + " is longer than it needs to be [MQTT5-1.5.5-1]");
  rest_.remove_prefix(integer->bytes);
  return integer->value;
}

std::string Cursor::binary_data(std::string_view field) {
  const std::size_t length = two_byte_integer(field);
  return std::string(take(length, field));
}

std::string Cursor::utf8_string(std::string_view field) {
  std::string text = binary_data(field);
  if (!is_mqtt_utf8(text)) throw Fault(std::string(field) + " is not UTF-8 without U+0000 (section 1.5)");
  return text;
}

std::uint16_t Cursor::packet_id() {
  const std::uint16_t id = two_byte_integer("Packet Identifier");
  if (id == 0) throw Fault("Packet Identifier is 0");
  return id;
}

std::string Cursor::rest() {
  return std::string(take(rest_.size(), "Payload"));
}

bool is_mqtt_utf8(std::string_view text) {
  while (!text.empty()) {
    if (text[0] == '\0') return false;
    const Sequence sequence = sequence_of(octet(text[0]));
    if (sequence.length == 0 || sequence.length > text.size()) return false;
    for (std::size_t at = 1; at < sequence.length; ++at) {
      const std::uint8_t minimum = at == 1 ? sequence.second_minimum : 0x80;
      const std::uint8_t maximum = at == 1 ? sequence.second_maximum : 0xBF;
      if (octet(text[at]) < minimum || octet(text[at]) > maximum) return false;
    }
    text.remove_prefix(sequence.length);
  }
  return true;
}

}  // namespace mqttvet::wire
