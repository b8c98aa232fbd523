#include "sim/plan/properties.h"

#include <algorithm>

#include "conformance/wire/hex.h"

namespace mqttvet::sim {
namespace {

using wire::Property;
using wire::PropertyId;
using wire::PropertyType;

constexpr int kPropertyIdMax = 0x2A;                  // table 2-4
constexpr std::int64_t kVariableByteMax = 268435455;  // 1.5.5
constexpr std::size_t kStringBytesMax = 65535;        // 1.5.4

std::optional<PropertyId> property_of(std::string_view name) {
  for (int number = 1; number <= kPropertyIdMax; ++number) {
    const auto id = static_cast<PropertyId>(number);
    if (wire::type_of(id) && property_name(id) == name) return id;
  }
  return std::nullopt;
}

std::string all_property_names() {
  std::string all;
  for (int number = 1; number <= kPropertyIdMax; ++number) {
    const auto id = static_cast<PropertyId>(number);
    if (wire::type_of(id)) all += (all.empty() ? "" : ", ") + property_name(id);
  }
  return all;
}

std::int64_t largest(PropertyType type) {
  switch (type) {
    case PropertyType::byte:
      return 255;
    case PropertyType::two_byte_integer:
      return 65535;
    case PropertyType::variable_byte_integer:
      return kVariableByteMax;
    default:
      return 0xFFFFFFFF;
  }
}

bool read_string(const YAML::Node& node, YamlReader& reader, std::string& into) {
  if (!reader.read(node, into)) return false;
  if (into.size() <= kStringBytesMax) return true;
  reader.complain(node, "a string of " + std::to_string(into.size()) + " bytes; expected at most 65535");
  return false;
}

void read_binary(const YAML::Node& node, YamlReader& reader, PropertyId id, wire::Properties& into) {
  std::string text;
  if (!read_string(node, reader, text)) return;
  try {
    into.emplace_back(id, wire::from_hex(text));
  } catch (const std::invalid_argument& error) {
    reader.complain(node, std::string(error.what()) + "; expected bytes in hex such as 0A FF");
  }
}

// [[name, value], ...]
void read_user_properties(const YAML::Node& node, YamlReader& reader, wire::Properties& into) {
  const auto complain = [&](const YAML::Node& where) {
    reader.complain(where, "found " + what_is(where) + "; expected user properties such as [[colour, red]]");
  };
  if (!node.IsSequence()) return complain(node);
  for (const YAML::Node& pair : node) {
    if (!pair.IsSequence() || pair.size() != 2) {
      complain(pair);
      continue;
    }
    std::string name, value;
    if (read_string(pair[0], reader, name) && read_string(pair[1], reader, value))
      into.emplace_back(name, value);
  }
}

void read_property(const YAML::Node& node, YamlReader& reader, PropertyId id, wire::Properties& into) {
  const PropertyType type = *wire::type_of(id);
  if (type == PropertyType::utf8_string_pair) return read_user_properties(node, reader, into);
  if (type == PropertyType::binary_data) return read_binary(node, reader, id, into);
  if (type == PropertyType::utf8_string) {
    std::string text;
    if (read_string(node, reader, text)) into.emplace_back(id, text);
    return;
  }
  std::int64_t number = 0;
  if (reader.read_number(node, 0, largest(type), number))
    into.emplace_back(id, static_cast<std::uint32_t>(number));
}

void write_user_properties(YAML::Emitter& out, const wire::Properties& properties) {
  out << YAML::Flow << YAML::BeginSeq;
  for (const wire::StringPair& pair : wire::user_properties(properties))
    out << YAML::Flow << YAML::BeginSeq << pair.name << pair.value << YAML::EndSeq;
  out << YAML::EndSeq;
}

}  // namespace

std::string property_name(PropertyId id) {
  std::string name = wire::name_of(id);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

wire::Properties read_properties(const YAML::Node& node, YamlReader& reader, const std::string& what) {
  wire::Properties properties;
  YamlMap map(node, reader, "the properties of " + what);
  for (const auto& [name, value, key] : map.entries()) {
    if (const auto id = property_of(name)) {
      read_property(value, reader, *id, properties);
    } else {
      reader.complain(key, "unknown property '" + name + "'; expected one of " + all_property_names());
    }
  }
  return properties;
}

void write_properties(YAML::Emitter& out, const wire::Properties& properties) {
  out << YAML::Flow << YAML::BeginMap;
  for (const Property& property : properties) {
    if (&property != wire::find(properties, property.id)) continue;
    out << YAML::Key << property_name(property.id) << YAML::Value;
    const auto type = wire::type_of(property.id);
    if (type == PropertyType::utf8_string_pair) {
      write_user_properties(out, properties);
    } else if (const auto* number = std::get_if<std::uint32_t>(&property.value)) {
      out << std::to_string(*number);
    } else if (const auto* text = std::get_if<std::string>(&property.value)) {
      out << (type == PropertyType::binary_data ? wire::to_hex(*text) : *text);
    }
  }
  out << YAML::EndMap;
}

}  // namespace mqttvet::sim
