// The Control Packets of MQTT (chapter 3), in the terms of 5.0. 3.1.1 and 3.1 are translated into the same
// structs by the decoder and out of them by the encoder, so that nobody else asks which version is spoken.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/codec/bytes.h"
#include "broker/codec/properties.h"
#include "broker/codec/reason_code.h"

namespace mqttvet::codec {

enum class ProtocolVersion : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5_0 = 5 };

enum class QoS : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

// 1..65535; 0 stands for "none" (a PUBLISH with QoS 0).
using PacketId = std::uint16_t;

struct Will {
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::string topic_name;
  Bytes payload;
  std::chrono::seconds will_delay_interval{0};
  std::optional<std::chrono::seconds> message_expiry_interval;
  MessageProperties properties;
  bool operator==(const Will&) const = default;
};

// 3.1. In 3.1.1 and 3.1 `clean_start` is the CleanSession flag; session_expiry_interval stays absent and the
// broker derives it (CleanSession 1: ends with the connection; 0: configuration).
struct Connect {
  ProtocolVersion version = ProtocolVersion::v5_0;
  bool bridge = false;  // bit 7 of the protocol level was set (0x83, 0x84): a bridge of mosquitto's kind
  bool clean_start = false;
  std::chrono::seconds keep_alive{0};
  std::string client_id;
  std::optional<Will> will;
  std::optional<std::string> user_name;
  std::optional<Bytes> password;
  ConnectProperties properties;
};

// 3.2, server to client
struct Connack {
  bool session_present = false;
  ReasonCode reason_code = ReasonCode::success;
  ConnackProperties properties;
};

// 3.3, as received. The views are valid until the next call of Decoder::append().
struct Publish {
  bool dup = false;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  BytesView topic_name;
  PacketId packet_id = 0;
  BytesView payload;
  std::optional<std::chrono::seconds> message_expiry_interval;
  std::optional<std::uint16_t> topic_alias;
  MessageProperties properties;
};

// 3.4 - 3.7, both directions
struct Puback {
  PacketId packet_id = 0;
  ReasonCode reason_code = ReasonCode::success;
  AcknowledgementProperties properties;
};
struct Pubrec {
  PacketId packet_id = 0;
  ReasonCode reason_code = ReasonCode::success;
  AcknowledgementProperties properties;
};
struct Pubrel {
  PacketId packet_id = 0;
  ReasonCode reason_code = ReasonCode::success;
  AcknowledgementProperties properties;
};
struct Pubcomp {
  PacketId packet_id = 0;
  ReasonCode reason_code = ReasonCode::success;
  AcknowledgementProperties properties;
};

enum class RetainHandling : std::uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

struct SubscriptionOptions {
  QoS maximum_qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::send;
  bool operator==(const SubscriptionOptions&) const = default;
};

// 3.8, client to server
struct Subscribe {
  struct Request {
    std::string topic_filter;
    SubscriptionOptions options;
  };
  PacketId packet_id = 0;
  std::optional<std::uint32_t> subscription_identifier;
  UserProperties user_properties;
  std::vector<Request> requests;
};

// 3.9, server to client
struct Suback {
  PacketId packet_id = 0;
  AcknowledgementProperties properties;
  std::vector<ReasonCode> reason_codes;
};

// 3.10, client to server
struct Unsubscribe {
  PacketId packet_id = 0;
  UserProperties user_properties;
  std::vector<std::string> topic_filters;
};

// 3.11, server to client
struct Unsuback {
  PacketId packet_id = 0;
  AcknowledgementProperties properties;
  std::vector<ReasonCode> reason_codes;
};

// 3.12, 3.13
struct Pingreq {};
struct Pingresp {};

// 3.14, both directions in 5.0
struct Disconnect {
  ReasonCode reason_code = ReasonCode::success;
  DisconnectProperties properties;
};

// 3.15, both directions, 5.0 only
struct Auth {
  ReasonCode reason_code = ReasonCode::success;
  AuthProperties properties;
};

// What a client may send.
using ClientPacket = std::variant<Connect, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Unsubscribe,
                                  Pingreq, Disconnect, Auth>;

}  // namespace mqttvet::codec
