// The data representations of section 1.5, and properties (2.2.2) on top of them: the encoding half.
#include <stdexcept>

#include "conformance/wire/encoder.h"

namespace mqttvet::wire {
namespace {

char low_byte(std::uint32_t value) {
  return static_cast<char>(value & 0xFF);
}

struct EncodedValue {
  PropertyType type;

  std::string operator()(std::uint32_t value) const {
    switch (type) {
      case PropertyType::byte:
        return {low_byte(value)};
      case PropertyType::two_byte_integer:
        return two_byte_integer(static_cast<std::uint16_t>(value));
      case PropertyType::variable_byte_integer:
        return variable_byte_integer(value);
      default:
        return four_byte_integer(value);
    }
  }
  std::string operator()(const std::string& text) const { return utf8_string(text); }
  std::string operator()(const StringPair& pair) const {
    return utf8_string(pair.name) + utf8_string(pair.value);
  }
  std::string operator()(const RawBytes& raw) const { return raw.bytes; }
};

}  // namespace

std::string two_byte_integer(std::uint16_t value) {
  return {low_byte(value >> 8U), low_byte(value)};
}

std::string four_byte_integer(std::uint32_t value) {
  return {low_byte(value >> 24), low_byte(value >> 16), low_byte(value >> 8), low_byte(value)};
}

std::string variable_byte_integer(std::uint32_t value) {
  if (value > 268'435'455) throw std::logic_error("wire: a Variable Byte Integer ends at 268435455");
  std::string bytes;
  do {
    const std::uint32_t rest = value >> 7;
    bytes += low_byte((value & 0x7F) | (rest > 0 ? 0x80 : 0));
    value = rest;
  } while (value > 0);
  return bytes;
}

std::string utf8_string(std::string_view text) {
  if (text.size() > 0xFFFF) throw std::logic_error("wire: a string ends at 65535 bytes");
  return two_byte_integer(static_cast<std::uint16_t>(text.size())).append(text);
}

std::string encode_properties(const Properties& properties) {
  std::string bytes;
  for (const Property& property : properties) {
    bytes += low_byte(static_cast<std::uint32_t>(property.id));
    const PropertyType type = type_of(property.id).value_or(PropertyType::four_byte_integer);
    bytes += std::visit(EncodedValue{type}, property.value);
  }
  return bytes;
}

}  // namespace mqttvet::wire
