#include "conformance/wire/decode_properties.h"

#include "conformance/wire/topic.h"

namespace mqttvet::wire {
namespace {

using enum PropertyId;

// The value 0 is a Protocol Error (3.1.2.11.3, 3.1.2.11.4, 3.3.2.3.4, 3.3.2.3.8).
bool must_not_be_zero(PropertyId id) {
  return id == receive_maximum || id == maximum_packet_size || id == topic_alias ||
         id == subscription_identifier;
}

// Who may send what is decided by more than the table.
bool is_sent_by(PropertyId id, PropertyHolder in, Direction direction) {
  const bool from_client = direction == Direction::client_to_server;
  if (in == PropertyHolder::publish && id == subscription_identifier) return !from_client;  // MQTT5-3.3.4-6
  if (in == PropertyHolder::disconnect && id == session_expiry_interval)
    return from_client;                                                                 // MQTT5-3.14.2-2
  if (in == PropertyHolder::disconnect && id == server_reference) return !from_client;  // 3.14.2.2.5
  return true;
}

bool may_repeat(PropertyId id, PropertyHolder in) {
  return id == user_property || (id == subscription_identifier && in == PropertyHolder::publish);
}

void check_value(const PropertyRow& row, const Property& property) {
  if (const auto* value = std::get_if<std::uint32_t>(&property.value)) {
    // Every one-byte property is a flag; Maximum QoS says 0 or 1 as well.
    if (row.type == PropertyType::byte && *value > 1)
      throw Fault(std::string(row.name) + " is neither 0 nor 1");
    if (*value == 0 && must_not_be_zero(row.id)) throw Fault(std::string(row.name) + " is 0");
  }
  if (row.id == response_topic) require_topic_name(std::get<std::string>(property.value), row.name);
}

PropertyValue decode_value(Cursor& cursor, const PropertyRow& row) {
  switch (row.type) {
    case PropertyType::byte:
      return std::uint32_t{cursor.byte(row.name)};
    case PropertyType::two_byte_integer:
      return std::uint32_t{cursor.two_byte_integer(row.name)};
    case PropertyType::four_byte_integer:
      return cursor.four_byte_integer(row.name);
    case PropertyType::variable_byte_integer:
      return cursor.variable_byte_integer(row.name);
    case PropertyType::utf8_string:
      return cursor.utf8_string(row.name);
    case PropertyType::binary_data:
      return cursor.binary_data(row.name);
    case PropertyType::utf8_string_pair:
      break;
  }
  StringPair pair;
  pair.name = cursor.utf8_string(row.name);
  pair.value = cursor.utf8_string(row.name);
  return pair;
}

}  // namespace

Properties decode_properties(Cursor& cursor, PropertyHolder in, Direction direction) {
  const std::uint32_t length = cursor.variable_byte_integer("Property Length");
  Cursor inner(cursor.take(length, "the Properties"));
  Properties properties;
  while (!inner.at_end()) {
    const std::uint32_t number = inner.variable_byte_integer("Property Identifier");
    const auto id = static_cast<PropertyId>(number & 0xFF);
    const PropertyRow* row = number <= 0xFF ? row_of(id) : nullptr;
    if (!row) throw Fault("unknown property " + std::to_string(number) + " (section 2.2.2.2)");
    if ((row->holders & holder(in)) == 0 || !is_sent_by(id, in, direction)) {
      throw Fault(std::string(row->name) + " does not belong into this packet");
    }
    if (!may_repeat(id, in) && find(properties, id)) throw Fault(std::string(row->name) + " stands twice");
    Property property;
    property.id = id;
    property.value = decode_value(inner, *row);
    check_value(*row, property);
    properties.push_back(std::move(property));
  }
  if (find(properties, authentication_data) && !find(properties, authentication_method)) {
    throw Fault("authentication-data without authentication-method");
  }
  return properties;
}

}  // namespace mqttvet::wire
