// Table 2-4 of MQTT 5.0 (section 2.2.2.2): every property, its type, and the packets that carry it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mqttvet::codec {

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

// The data representations of section 1.5.
enum class PropertyType : std::uint8_t {
  byte,
  two_byte_integer,
  four_byte_integer,
  variable_byte_integer,
  utf8_string,
  utf8_string_pair,
  binary_data,
};

// Who carries properties: a set of bits. The will's properties are a block of their own in CONNECT.
enum PropertyCarrier : std::uint32_t {
  kInConnect = 1 << 0,
  kInConnack = 1 << 1,
  kInPublish = 1 << 2,
  kInWill = 1 << 3,
  kInPuback = 1 << 4,
  kInPubrec = 1 << 5,
  kInPubrel = 1 << 6,
  kInPubcomp = 1 << 7,
  kInSubscribe = 1 << 8,
  kInSuback = 1 << 9,
  kInUnsubscribe = 1 << 10,
  kInUnsuback = 1 << 11,
  kInDisconnect = 1 << 12,
  kInAuth = 1 << 13,
};
inline constexpr std::uint32_t kInMessage = kInPublish | kInWill;
inline constexpr std::uint32_t kInEveryAnswer = kInConnack | kInPuback | kInPubrec | kInPubrel | kInPubcomp |
                                                kInSuback | kInUnsuback | kInDisconnect | kInAuth;
inline constexpr std::uint32_t kEverywhere =
    kInEveryAnswer | kInConnect | kInMessage | kInSubscribe | kInUnsubscribe;

struct PropertyRow {
  PropertyId id;
  std::string_view name;
  PropertyType type;
  std::uint32_t carriers;
  // Of a number: the values that are no error.
  std::uint32_t minimum = 0;
  std::uint32_t maximum = 0xFFFFFFFF;
};

// Only the User Property may stand more than once in a packet from a client.
inline constexpr std::array<PropertyRow, 27> kProperties{{
    {PropertyId::payload_format_indicator, "Payload Format Indicator", PropertyType::byte, kInMessage, 0, 1},
    {PropertyId::message_expiry_interval, "Message Expiry Interval", PropertyType::four_byte_integer,
     kInMessage},
    {PropertyId::content_type, "Content Type", PropertyType::utf8_string, kInMessage},
    {PropertyId::response_topic, "Response Topic", PropertyType::utf8_string, kInMessage},
    {PropertyId::correlation_data, "Correlation Data", PropertyType::binary_data, kInMessage},
    {PropertyId::subscription_identifier, "Subscription Identifier", PropertyType::variable_byte_integer,
     kInPublish | kInSubscribe, 1},
    {PropertyId::session_expiry_interval, "Session Expiry Interval", PropertyType::four_byte_integer,
     kInConnect | kInConnack | kInDisconnect},
    {PropertyId::assigned_client_identifier, "Assigned Client Identifier", PropertyType::utf8_string,
     kInConnack},
    {PropertyId::server_keep_alive, "Server Keep Alive", PropertyType::two_byte_integer, kInConnack},
    {PropertyId::authentication_method, "Authentication Method", PropertyType::utf8_string,
     kInConnect | kInConnack | kInAuth},
    {PropertyId::authentication_data, "Authentication Data", PropertyType::binary_data,
     kInConnect | kInConnack | kInAuth},
    {PropertyId::request_problem_information, "Request Problem Information", PropertyType::byte, kInConnect,
     0, 1},
    {PropertyId::will_delay_interval, "Will Delay Interval", PropertyType::four_byte_integer, kInWill},
    {PropertyId::request_response_information, "Request Response Information", PropertyType::byte, kInConnect,
     0, 1},
    {PropertyId::response_information, "Response Information", PropertyType::utf8_string, kInConnack},
    {PropertyId::server_reference, "Server Reference", PropertyType::utf8_string, kInConnack | kInDisconnect},
    {PropertyId::reason_string, "Reason String", PropertyType::utf8_string, kInEveryAnswer},
    {PropertyId::receive_maximum, "Receive Maximum", PropertyType::two_byte_integer, kInConnect | kInConnack,
     1},
    {PropertyId::topic_alias_maximum, "Topic Alias Maximum", PropertyType::two_byte_integer,
     kInConnect | kInConnack},
    {PropertyId::topic_alias, "Topic Alias", PropertyType::two_byte_integer, kInPublish, 1},
    {PropertyId::maximum_qos, "Maximum QoS", PropertyType::byte, kInConnack, 0, 1},
    {PropertyId::retain_available, "Retain Available", PropertyType::byte, kInConnack, 0, 1},
    {PropertyId::user_property, "User Property", PropertyType::utf8_string_pair, kEverywhere},
    {PropertyId::maximum_packet_size, "Maximum Packet Size", PropertyType::four_byte_integer,
     kInConnect | kInConnack, 1},
    {PropertyId::wildcard_subscription_available, "Wildcard Subscription Available", PropertyType::byte,
     kInConnack, 0, 1},
    {PropertyId::subscription_identifier_available, "Subscription Identifier Available", PropertyType::byte,
     kInConnack, 0, 1},
    {PropertyId::shared_subscription_available, "Shared Subscription Available", PropertyType::byte,
     kInConnack, 0, 1},
}};

// nullptr: there is no such property.
constexpr const PropertyRow* find_property(std::uint32_t id) {
  for (const PropertyRow& row : kProperties) {
    if (static_cast<std::uint32_t>(row.id) == id) return &row;
  }
  return nullptr;
}

}  // namespace mqttvet::codec
