#include "conformance/wire/property.h"

#include "conformance/wire/hex.h"
#include "conformance/wire/property_table.h"

namespace mqttvet::wire {
namespace {

using enum PropertyId;
using enum PropertyType;

// Who may carry a property. Each letter below is one holder.
constexpr Holders kC = holder(PropertyHolder::connect);
constexpr Holders kK = holder(PropertyHolder::connack);
constexpr Holders kP = holder(PropertyHolder::publish);
constexpr Holders kW = holder(PropertyHolder::will);
constexpr Holders kS = holder(PropertyHolder::subscribe);
constexpr Holders kU = holder(PropertyHolder::unsubscribe);
constexpr Holders kD = holder(PropertyHolder::disconnect);
constexpr Holders kA = holder(PropertyHolder::auth);
// PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK have the same two properties.
constexpr Holders kAcknowledgements = holder(PropertyHolder::acknowledgement);

constexpr Holders kMessage = kP | kW;
constexpr Holders kEverything = kC | kK | kP | kW | kS | kU | kD | kA | kAcknowledgements;

// Table 2-4, in its order.
constexpr PropertyRow kTable[] = {
    {payload_format_indicator, byte, kMessage, "payload-format-indicator"},
    {message_expiry_interval, four_byte_integer, kMessage, "message-expiry-interval"},
    {content_type, utf8_string, kMessage, "content-type"},
    {response_topic, utf8_string, kMessage, "response-topic"},
    {correlation_data, binary_data, kMessage, "correlation-data"},
    {subscription_identifier, variable_byte_integer, kP | kS, "subscription-identifier"},
    {session_expiry_interval, four_byte_integer, kC | kK | kD, "session-expiry-interval"},
    {assigned_client_identifier, utf8_string, kK, "assigned-client-identifier"},
    {server_keep_alive, two_byte_integer, kK, "server-keep-alive"},
    {authentication_method, utf8_string, kC | kK | kA, "authentication-method"},
    {authentication_data, binary_data, kC | kK | kA, "authentication-data"},
    {request_problem_information, byte, kC, "request-problem-information"},
    {will_delay_interval, four_byte_integer, kW, "will-delay-interval"},
    {request_response_information, byte, kC, "request-response-information"},
    {response_information, utf8_string, kK, "response-information"},
    {server_reference, utf8_string, kK | kD, "server-reference"},
    {reason_string, utf8_string, kK | kD | kA | kAcknowledgements, "reason-string"},
    {receive_maximum, two_byte_integer, kC | kK, "receive-maximum"},
    {topic_alias_maximum, two_byte_integer, kC | kK, "topic-alias-maximum"},
    {topic_alias, two_byte_integer, kP, "topic-alias"},
    {maximum_qos, byte, kK, "maximum-qos"},
    {retain_available, byte, kK, "retain-available"},
    {user_property, utf8_string_pair, kEverything, "user-property"},
    {maximum_packet_size, four_byte_integer, kC | kK, "maximum-packet-size"},
    {wildcard_subscription_available, byte, kK, "wildcard-subscription-available"},
    {subscription_identifier_available, byte, kK, "subscription-identifier-available"},
    {shared_subscription_available, byte, kK, "shared-subscription-available"},
};

}  // namespace

std::span<const PropertyRow> property_table() {
  return kTable;
}

const PropertyRow* row_of(PropertyId id) {
  for (const PropertyRow& row : kTable) {
    if (row.id == id) return &row;
  }
  return nullptr;
}

const Property* find(const Properties& properties, PropertyId id) {
  for (const Property& property : properties) {
    if (property.id == id) return &property;
  }
  return nullptr;
}

std::optional<std::uint32_t> number(const Properties& properties, PropertyId id) {
  const Property* property = find(properties, id);
  const auto* value = property ? std::get_if<std::uint32_t>(&property->value) : nullptr;
  return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::string> text(const Properties& properties, PropertyId id) {
  const Property* property = find(properties, id);
  const auto* value = property ? std::get_if<std::string>(&property->value) : nullptr;
  return value ? std::optional(*value) : std::nullopt;
}

std::vector<std::uint32_t> subscription_identifiers(const Properties& properties) {
  std::vector<std::uint32_t> identifiers;
  for (const Property& property : properties) {
    const auto* value = std::get_if<std::uint32_t>(&property.value);
    if (property.id == subscription_identifier && value) identifiers.push_back(*value);
  }
  return identifiers;
}

std::vector<StringPair> user_properties(const Properties& properties) {
  std::vector<StringPair> pairs;
  for (const Property& property : properties) {
    const auto* value = std::get_if<StringPair>(&property.value);
    if (property.id == user_property && value) pairs.push_back(*value);
  }
  return pairs;
}

std::optional<PropertyType> type_of(PropertyId id) {
  const PropertyRow* row = row_of(id);
  return row ? std::optional(row->type) : std::nullopt;
}

std::string name_of(PropertyId id) {
  if (const PropertyRow* row = row_of(id)) return std::string(row->name);
  return "property-0x" + to_hex(std::string(1, static_cast<char>(id)));
}

}  // namespace mqttvet::wire
