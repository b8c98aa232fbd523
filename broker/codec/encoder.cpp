#include "broker/codec/encoder.h"

#include "broker/codec/always_assert.h"
#include "broker/codec/writer.h"

namespace mqttvet::codec {

namespace {

bool is_v5_0(ProtocolVersion version) {
  return version == ProtocolVersion::v5_0;
}

// Table 3-1 of 3.1.1. nullopt: no return code says this, and the connection is closed without one
// [MQTT311-3.2.2-6].
std::optional<std::uint8_t> connect_return_code(ReasonCode code) {
  switch (code) {
    case ReasonCode::success:
      return 0;
    case ReasonCode::unsupported_protocol_version:
      return 1;
    case ReasonCode::client_identifier_not_valid:
      return 2;
    case ReasonCode::server_unavailable:
    case ReasonCode::server_busy:
    case ReasonCode::quota_exceeded:
    case ReasonCode::use_another_server:
    case ReasonCode::server_moved:
    case ReasonCode::connection_rate_exceeded:
      return 3;
    case ReasonCode::bad_user_name_or_password:
      return 4;
    case ReasonCode::not_authorized:
    case ReasonCode::banned:
    case ReasonCode::bad_authentication_method:
      return 5;
    default:
      return std::nullopt;
  }
}

// Table 3-9 of 3.1.1: every failure is 0x80. 3.1 has no failure; it gets the same.
ReasonCode suback_return_code(ReasonCode code, ProtocolVersion version) {
  return is_v5_0(version) || !is_failure(code) ? code : ReasonCode::unspecified_error;
}

void write_properties(Writer& writer, const AcknowledgementProperties& properties) {
  const std::size_t begin = writer.begin_properties();
  writer.property(PropertyId::reason_string, properties.reason_string);
  writer.user_properties(properties.user_properties);
  writer.end_properties(begin);
}

// 3.2.2.3
void write_properties(Writer& writer, const ConnackProperties& properties) {
  const std::size_t begin = writer.begin_properties();
  writer.property(PropertyId::session_expiry_interval, properties.session_expiry_interval);
  writer.property(PropertyId::receive_maximum, properties.receive_maximum);
  writer.property(PropertyId::maximum_qos, properties.maximum_qos);
  writer.property(PropertyId::retain_available, properties.retain_available);
  writer.property(PropertyId::maximum_packet_size, properties.maximum_packet_size);
  writer.property(PropertyId::assigned_client_identifier, properties.assigned_client_identifier);
  writer.property(PropertyId::topic_alias_maximum, properties.topic_alias_maximum);
  writer.property(PropertyId::reason_string, properties.reason_string);
  writer.user_properties(properties.user_properties);
  writer.property(PropertyId::wildcard_subscription_available, properties.wildcard_subscription_available);
  writer.property(PropertyId::subscription_identifier_available,
                  properties.subscription_identifier_available);
  writer.property(PropertyId::shared_subscription_available, properties.shared_subscription_available);
  writer.property(PropertyId::server_keep_alive, properties.server_keep_alive);
  writer.property(PropertyId::response_information, properties.response_information);
  writer.property(PropertyId::server_reference, properties.server_reference);
  writer.property(PropertyId::authentication_method, properties.authentication_method);
  writer.property(PropertyId::authentication_data, properties.authentication_data);
  writer.end_properties(begin);
}

// 3.4 - 3.7: what is success without properties is left out from the end.
template <class Acknowledgement>
void encode_acknowledgement(PacketType type, const Acknowledgement& packet, ProtocolVersion version,
                            Bytes& out) {
  const bool has_properties = packet.properties.reason_string || !packet.properties.user_properties.empty();
  Writer writer(out, type);
  writer.two_byte_integer(packet.packet_id);
  if (is_v5_0(version) && (packet.reason_code != ReasonCode::success || has_properties)) {
    writer.reason_code(packet.reason_code);
    if (has_properties) write_properties(writer, packet.properties);
  }
  writer.end_packet();
}

// 3.3.2.3
void write_publish_properties(Writer& writer, const PublishHead& head) {
  const std::size_t begin = writer.begin_properties();
  writer.property(PropertyId::message_expiry_interval, head.message_expiry_interval);
  writer.property(PropertyId::topic_alias, head.topic_alias);
  if (head.properties != nullptr) {
    const MessageProperties& properties = *head.properties;
    writer.property(PropertyId::payload_format_indicator, properties.payload_format_indicator);
    writer.property(PropertyId::content_type, properties.content_type);
    writer.property(PropertyId::response_topic, properties.response_topic);
    writer.property(PropertyId::correlation_data, properties.correlation_data);
    writer.user_properties(properties.user_properties);
  }
  if (head.subscription_identifiers != nullptr) {
    for (const std::uint32_t identifier : *head.subscription_identifiers) {
      writer.property(PropertyId::subscription_identifier, identifier);
    }
  }
  writer.end_properties(begin);
}

}  // namespace

void encode(const Connack& connack, ProtocolVersion version, Bytes& out) {
  const std::optional<std::uint8_t> return_code = connect_return_code(connack.reason_code);
  if (!is_v5_0(version) && !return_code) return;
  Writer writer(out, PacketType::connack);
  // The Connect Acknowledge Flags; 3.1 has a reserved byte in their place.
  writer.byte(connack.session_present && version != ProtocolVersion::v3_1 ? 1 : 0);
  if (is_v5_0(version)) {
    writer.reason_code(connack.reason_code);
    write_properties(writer, connack.properties);
  } else {
    writer.byte(*return_code);
  }
  writer.end_packet();
}

void encode(const Puback& puback, ProtocolVersion version, Bytes& out) {
  encode_acknowledgement(PacketType::puback, puback, version, out);
}

void encode(const Pubrec& pubrec, ProtocolVersion version, Bytes& out) {
  encode_acknowledgement(PacketType::pubrec, pubrec, version, out);
}

void encode(const Pubrel& pubrel, ProtocolVersion version, Bytes& out) {
  encode_acknowledgement(PacketType::pubrel, pubrel, version, out);
}

void encode(const Pubcomp& pubcomp, ProtocolVersion version, Bytes& out) {
  encode_acknowledgement(PacketType::pubcomp, pubcomp, version, out);
}

void encode(const Suback& suback, ProtocolVersion version, Bytes& out) {
  Writer writer(out, PacketType::suback);
  writer.two_byte_integer(suback.packet_id);
  if (is_v5_0(version)) write_properties(writer, suback.properties);
  for (const ReasonCode code : suback.reason_codes) writer.reason_code(suback_return_code(code, version));
  writer.end_packet();
}

void encode(const Unsuback& unsuback, ProtocolVersion version, Bytes& out) {
  Writer writer(out, PacketType::unsuback);
  writer.two_byte_integer(unsuback.packet_id);
  if (is_v5_0(version)) {
    write_properties(writer, unsuback.properties);
    for (const ReasonCode code : unsuback.reason_codes) writer.reason_code(code);
  }
  writer.end_packet();
}

void encode(const Pingresp&, ProtocolVersion, Bytes& out) {
  Writer(out, PacketType::pingresp).end_packet();
}

// 3.14. The reason code may be left out when it is 0, the Property Length when it is 0.
void encode(const Disconnect& disconnect, ProtocolVersion version, Bytes& out) {
  assert(is_v5_0(version) && "only 5.0 has a DISCONNECT from the server");
  const DisconnectProperties& properties = disconnect.properties;
  const bool has_properties = properties.session_expiry_interval || properties.reason_string ||
                              !properties.user_properties.empty() || properties.server_reference;
  Writer writer(out, PacketType::disconnect);
  if (disconnect.reason_code != ReasonCode::success || has_properties)
    writer.reason_code(disconnect.reason_code);
  if (has_properties) {
    const std::size_t begin = writer.begin_properties();
    writer.property(PropertyId::session_expiry_interval, properties.session_expiry_interval);
    writer.property(PropertyId::reason_string, properties.reason_string);
    writer.user_properties(properties.user_properties);
    writer.property(PropertyId::server_reference, properties.server_reference);
    writer.end_properties(begin);
  }
  writer.end_packet();
}

// 3.15
void encode(const Auth& auth, ProtocolVersion version, Bytes& out) {
  assert(is_v5_0(version) && "only 5.0 has AUTH");
  const AuthProperties& properties = auth.properties;
  Writer writer(out, PacketType::auth);
  writer.reason_code(auth.reason_code);
  const std::size_t begin = writer.begin_properties();
  writer.property(PropertyId::authentication_method, properties.authentication_method);
  writer.property(PropertyId::authentication_data, properties.authentication_data);
  writer.property(PropertyId::reason_string, properties.reason_string);
  writer.user_properties(properties.user_properties);
  writer.end_properties(begin);
  writer.end_packet();
}

void encode_head(const PublishHead& head, std::size_t payload_bytes, ProtocolVersion version, Bytes& out) {
  // MQTT5-2.2.1-2, MQTT311-2.3.1-5, MQTT5-2.2.1-4, MQTT311-2.3.1-4
  assert((head.packet_id != 0) == (head.qos != QoS::at_most_once) &&
         "a PUBLISH has a packet id exactly if it has QoS 1 or 2");
  const auto flags = static_cast<std::uint8_t>(
      (head.dup ? kDupFlag : 0) | static_cast<std::uint8_t>(head.qos) << 1 | (head.retain ? kRetainFlag : 0));
  // What most heads need: 5 bytes of fixed header, 2 of topic length, 2 of packet id, 1 of Property Length,
  // and an expiry interval or some identifiers.
  out.reserve(out.size() + head.topic_name.size() + 24);
  Writer writer(out, PacketType::publish, flags);
  writer.string(head.topic_name);
  if (head.packet_id != 0) writer.two_byte_integer(head.packet_id);
  if (is_v5_0(version)) write_publish_properties(writer, head);
  writer.end_packet(payload_bytes);
}

}  // namespace mqttvet::codec
