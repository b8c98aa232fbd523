#include "broker/codec/writer.h"

#include <array>

#include "broker/codec/always_assert.h"

namespace mqttvet::codec {

namespace {

constexpr std::size_t kVariableByteIntegerMax = 268'435'455;

// 1.5.5, in the fewest bytes [MQTT5-1.5.5-1].
struct VariableByteInteger {
  explicit VariableByteInteger(std::size_t value) {
    assert(value <= kVariableByteIntegerMax && "a length has no Variable Byte Integer");
    do {
      const std::size_t rest = value >> 7;
      bytes[size++] = static_cast<char>((value & 0x7F) | (rest != 0 ? 0x80 : 0));
      value = rest;
    } while (value != 0);
  }
  std::array<char, 4> bytes{};
  std::size_t size = 0;
};

}  // namespace

void Writer::variable_byte_integer(std::uint32_t value) {
  const VariableByteInteger encoded(value);
  out_.append(encoded.bytes.data(), encoded.size);
}

void Writer::string(BytesView value) {
  assert(value.size() <= 0xFFFF && "a string is longer than 65535 bytes");
  two_byte_integer(static_cast<std::uint16_t>(value.size()));
  out_.append(value);
}

void Writer::property(PropertyId id, std::uint32_t number) {
  byte(static_cast<std::uint8_t>(id));
  switch (find_property(static_cast<std::uint32_t>(id))->type) {
    case PropertyType::byte:
      return byte(static_cast<std::uint8_t>(number));
    case PropertyType::two_byte_integer:
      return two_byte_integer(static_cast<std::uint16_t>(number));
    case PropertyType::four_byte_integer:
      return four_byte_integer(number);
    case PropertyType::variable_byte_integer:
      return variable_byte_integer(number);
    default:
      assert(!"the property is no number");
  }
}

void Writer::property(PropertyId id, std::optional<std::uint32_t> number) {
  if (number) property(id, *number);
}

void Writer::property(PropertyId id, std::optional<std::chrono::seconds> seconds) {
  if (seconds) property(id, static_cast<std::uint32_t>(seconds->count()));
}

void Writer::property(PropertyId id, const std::optional<std::string>& text) {
  if (!text) return;
  byte(static_cast<std::uint8_t>(id));
  string(*text);
}

void Writer::user_properties(const UserProperties& properties) {
  for (const UserProperty& property : properties) {
    byte(static_cast<std::uint8_t>(PropertyId::user_property));
    string(property.name);
    string(property.value);
  }
}

void Writer::end_properties(std::size_t properties_begin) {
  const VariableByteInteger length(out_.size() - properties_begin);
  out_.insert(properties_begin, length.bytes.data(), length.size);
}

void Writer::end_packet(std::size_t more_bytes) {
  const VariableByteInteger remaining_length(out_.size() - begin_ + more_bytes);
  std::array<char, 5> fixed_header{static_cast<char>(first_byte_)};
  for (std::size_t i = 0; i < remaining_length.size; ++i) fixed_header[i + 1] = remaining_length.bytes[i];
  out_.insert(begin_, fixed_header.data(), remaining_length.size + 1);
}

}  // namespace mqttvet::codec
