// The data representations of section 1.5: the decoding half. Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mqttvet::wire {

// Thrown while a packet is decoded, caught in decode_packet(): never leaves this folder.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A Variable Byte Integer at the beginning of some bytes (1.5.5).
struct VariableByteInteger {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // it took on the wire
  bool shortest = true;   // not padded with zero groups
};
// nullopt: not complete yet. Throws Fault if there is no end after four bytes.
std::optional<VariableByteInteger> read_variable_byte_integer(std::string_view bytes);

// Reads the fields of one packet from left to right. Every function names the field it wants, and throws
// Fault with that name when the bytes run out or are wrong.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }

  std::string_view take(std::size_t bytes, std::string_view field);
  std::uint8_t byte(std::string_view field);
  std::uint16_t two_byte_integer(std::string_view field);
  std::uint32_t four_byte_integer(std::string_view field);
  std::uint32_t variable_byte_integer(std::string_view field);
  std::string binary_data(std::string_view field);
  std::string utf8_string(std::string_view field);
  // Two bytes that must not be 0 [MQTT5-2.2.1-3].
  std::uint16_t packet_id();
  std::string rest();

 private:
  std::string_view rest_;
};

// Well-formed UTF-8 without U+0000 (1.5.4); surrogates and over-long forms are ill-formed.
bool is_mqtt_utf8(std::string_view text);

}  // namespace mqttvet::wire
