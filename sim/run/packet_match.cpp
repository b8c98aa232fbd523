#include "sim/run/packet_match.h"

#include "conformance/wire/hex.h"
#include "sim/plan/packet_fields.h"
#include "sim/plan/properties.h"

namespace mqttvet::sim {
namespace {

using wire::PropertyId;

std::string text_of(bool value) {
  return value ? "true" : "false";
}

template <class Numbers>
std::string list_of(const Numbers& numbers) {
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? "" : " ") + std::to_string(number);
  return text;
}

// Fields that are properties of 5.0, by their names in a scenario file.
std::optional<std::string> property_text(const wire::Properties& properties, std::string_view name) {
  const auto number = [&](PropertyId id) -> std::optional<std::string> {
    if (const auto value = wire::number(properties, id)) return std::to_string(*value);
    return std::nullopt;
  };
  const auto all_user_properties = [&]() -> std::optional<std::string> {
    std::string text;
    for (const wire::StringPair& pair : wire::user_properties(properties))
      text += (text.empty() ? "" : " ") + pair.name + "=" + pair.value;
    if (text.empty()) return std::nullopt;
    return text;
  };
  if (name == "expiry") return number(PropertyId::message_expiry_interval);
  if (name == "session_expiry") return number(PropertyId::session_expiry_interval);
  if (name == "assigned_client_id") return wire::text(properties, PropertyId::assigned_client_identifier);
  if (name == "subscription_identifiers") return list_of(wire::subscription_identifiers(properties));
  if (name == "user_properties") return all_user_properties();
  for (const wire::Property& property : properties) {  // the rest have the standard's names
    if (property_name(property.id) != name) continue;
    if (const auto value = wire::number(properties, property.id)) return std::to_string(*value);
    const auto text = wire::text(properties, property.id);
    return wire::type_of(property.id) == wire::PropertyType::binary_data && text ? wire::to_hex(*text) : text;
  }
  return std::nullopt;
}

// Fields that every packet of the type has, whatever the version.
std::optional<std::string> field_text(const wire::Packet& packet, std::string_view name) {
  if (name == "id") {
    if (const auto id = wire::packet_id_of(packet)) return std::to_string(*id);
    return std::nullopt;
  }
  return std::visit(
      [&](const auto& p) -> std::optional<std::string> {
        using P = std::decay_t<decltype(p)>;
        if constexpr (requires { p.session_present; }) {
          if (name == "session_present") return text_of(p.session_present);
        }
        if constexpr (requires { p.reason_code; }) {
          if (name == "reason") return std::to_string(p.reason_code);
        }
        if constexpr (requires { p.reason_codes; }) {
          if (name == "reasons") return list_of(p.reason_codes);
        }
        if constexpr (std::is_same_v<P, wire::Publish>) {
          if (name == "qos") return std::to_string(p.qos);
          if (name == "dup") return text_of(p.dup);
          if (name == "retain") return text_of(p.retain);
          if (name == "topic") return p.topic;
          if (name == "payload") return p.payload;
        }
        if constexpr (requires { p.properties; }) return property_text(p.properties, name);
        return std::nullopt;
      },
      packet);
}

FieldKind kind_of(const std::string& type, const std::string& name) {
  if (const auto fields = fields_of_received(type)) {
    for (const PacketField& field : *fields) {
      if (field.name == name) return field.kind;
    }
  }
  return FieldKind::text;
}

bool fits(FieldKind kind, const std::string& expected, const std::string& seen) {
  if (kind != FieldKind::number) return expected == seen;
  const auto range = parse_number_range(expected), value = parse_number_range(seen);
  return range && value && value->low >= range->low && value->low <= range->high;
}

}  // namespace

std::optional<std::string> mismatch(const PacketPattern& pattern, const wire::Packet& packet) {
  const std::string_view type = wire::name_of(wire::type_of(packet));
  if (type != pattern.type) return std::string(type) + " instead of " + pattern.type;
  for (const auto& [name, expected] : pattern.fields) {
    const auto seen = field_text(packet, name);
    if (expected == kAbsent) {
      if (seen) return name + " is " + *seen + ", expected none";
      continue;
    }
    if (!seen) return name + " is absent, expected " + expected;
    if (!fits(kind_of(pattern.type, name), expected, *seen))
      return name + " is " + *seen + ", expected " + expected;
  }
  return std::nullopt;
}

std::string describe(const PacketPattern& pattern) {
  if (pattern.fields.empty()) return pattern.type;
  std::string text = pattern.type + "{";
  for (const auto& [name, value] : pattern.fields) {
    if (text.back() != '{') text += ", ";
    text += name + ": " + value;
  }
  return text + "}";
}

}  // namespace mqttvet::sim
