// Properties of MQTT 5.0 (section 2.2.2), grouped by the packet that carries them. Absent = nullopt or empty.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/codec/bytes.h"

namespace mqttvet::codec {

// Session Expiry Interval that never ends (section 3.1.2.11.2).
inline constexpr std::chrono::seconds kNeverExpires{0xFFFFFFFF};

struct UserProperty {
  std::string name;
  std::string value;
  bool operator==(const UserProperty&) const = default;
};
using UserProperties = std::vector<UserProperty>;  // the order is kept when forwarded [MQTT5-3.3.2-18]

// What an Application Message carries from its publisher to every subscriber, unaltered. Also the will's.
struct MessageProperties {
  std::optional<bool> payload_format_indicator;  // true: the payload is UTF-8
  std::optional<std::string> content_type;
  std::optional<std::string> response_topic;
  std::optional<Bytes> correlation_data;
  UserProperties user_properties;

  bool empty() const {
    return !payload_format_indicator && !content_type && !response_topic && !correlation_data &&
           user_properties.empty();
  }
  bool operator==(const MessageProperties&) const = default;
};

struct ConnectProperties {
  std::optional<std::chrono::seconds> session_expiry_interval;
  std::optional<std::uint16_t> receive_maximum;
  std::optional<std::uint32_t> maximum_packet_size;  // bytes of the whole packet
  std::optional<std::uint16_t> topic_alias_maximum;
  std::optional<bool> request_response_information;
  std::optional<bool> request_problem_information;
  std::optional<std::string> authentication_method;
  std::optional<Bytes> authentication_data;
  UserProperties user_properties;
};

struct ConnackProperties {
  std::optional<std::chrono::seconds> session_expiry_interval;
  std::optional<std::uint16_t> receive_maximum;
  std::optional<std::uint8_t> maximum_qos;
  std::optional<bool> retain_available;
  std::optional<std::uint32_t> maximum_packet_size;
  std::optional<std::string> assigned_client_identifier;
  std::optional<std::uint16_t> topic_alias_maximum;
  std::optional<std::string> reason_string;
  UserProperties user_properties;
  std::optional<bool> wildcard_subscription_available;
  std::optional<bool> subscription_identifier_available;
  std::optional<bool> shared_subscription_available;
  std::optional<std::chrono::seconds> server_keep_alive;
  std::optional<std::string> response_information;
  std::optional<std::string> server_reference;
  std::optional<std::string> authentication_method;
  std::optional<Bytes> authentication_data;
};

// PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK.
struct AcknowledgementProperties {
  std::optional<std::string> reason_string;
  UserProperties user_properties;
};

struct DisconnectProperties {
  std::optional<std::chrono::seconds> session_expiry_interval;
  std::optional<std::string> reason_string;
  UserProperties user_properties;
  std::optional<std::string> server_reference;
};

struct AuthProperties {
  std::optional<std::string> authentication_method;
  std::optional<Bytes> authentication_data;
  std::optional<std::string> reason_string;
  UserProperties user_properties;
};

}  // namespace mqttvet::codec
