// The properties of MQTT 5.0 (section 2.2.2), as they stand on the wire: an ordered list of identifier and
// value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mqttvet::wire {

// Table 2-4. A value outside of it can be put into a Property to build a malformed packet.
enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

// How a property's value is written (section 1.5). The identifier alone decides it.
enum class PropertyType : std::uint8_t {
  byte,
  two_byte_integer,
  four_byte_integer,
  variable_byte_integer,
  utf8_string,
  binary_data,
  utf8_string_pair,
};

struct StringPair {
  std::string name;
  std::string value;
  bool operator==(const StringPair&) const = default;
};

// Written after the identifier exactly as it is: for malformed packets. Never comes out of a Reader.
struct RawBytes {
  std::string bytes;
  bool operator==(const RawBytes&) const = default;
};

// Integers of every width are the first alternative, strings and binary data the second.
using PropertyValue = std::variant<std::uint32_t, std::string, StringPair, RawBytes>;

// Property{PropertyId::receive_maximum, 10}, Property{PropertyId::reason_string, "busy"}, Property{"colour",
// "red"}.
struct Property {
  PropertyId id = PropertyId::user_property;
  PropertyValue value;

  Property() = default;
  Property(PropertyId i, std::uint32_t number) : id(i), value(number) {}
  Property(PropertyId i, std::string text) : id(i), value(std::move(text)) {}
  Property(PropertyId i, RawBytes raw) : id(i), value(std::move(raw)) {}
  // A User Property.
  Property(std::string name, std::string text) : value(StringPair{std::move(name), std::move(text)}) {}

  bool operator==(const Property&) const = default;
};

// In the order of the wire, which has a meaning only for User Property and Subscription Identifier.
using Properties = std::vector<Property>;

// The first property with this id; nullptr if there is none. Valid as long as the list is not changed.
const Property* find(const Properties&, PropertyId);

// Value of the first property with this id; nullopt if it is absent or of the other kind.
std::optional<std::uint32_t> number(const Properties&, PropertyId);
std::optional<std::string> text(const Properties&, PropertyId);

// All values, in their order.
std::vector<std::uint32_t> subscription_identifiers(const Properties&);
std::vector<StringPair> user_properties(const Properties&);

// nullopt: not an identifier of the standard.
std::optional<PropertyType> type_of(PropertyId);

// The standard's name, in the form of the enumerators ("receive-maximum"); "property-0x7F" if it has none.
std::string name_of(PropertyId);

}  // namespace mqttvet::wire
