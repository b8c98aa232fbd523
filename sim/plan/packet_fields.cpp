#include "sim/plan/packet_fields.h"

#include <algorithm>
#include <charconv>

namespace mqttvet::sim {
namespace {

constexpr PacketField kConnack[] = {{"session_present", FieldKind::flag},
                                    {"reason", FieldKind::number},
                                    {"session_expiry", FieldKind::number},
                                    {"receive_maximum", FieldKind::number},
                                    {"maximum_packet_size", FieldKind::number},
                                    {"server_keep_alive", FieldKind::number},
                                    {"assigned_client_id", FieldKind::text},
                                    {"reason_string", FieldKind::text},
                                    {"topic_alias_maximum", FieldKind::number},
                                    {"maximum_qos", FieldKind::number},
                                    {"retain_available", FieldKind::number},
                                    {"wildcard_subscription_available", FieldKind::number},
                                    {"subscription_identifier_available", FieldKind::number},
                                    {"shared_subscription_available", FieldKind::number},
                                    {"response_information", FieldKind::text},
                                    {"server_reference", FieldKind::text},
                                    {"authentication_method", FieldKind::text},
                                    {"authentication_data", FieldKind::text},
                                    {"user_properties", FieldKind::text}};
constexpr PacketField kPublish[] = {{"qos", FieldKind::number},
                                    {"dup", FieldKind::flag},
                                    {"retain", FieldKind::flag},
                                    {"id", FieldKind::number},
                                    {"topic", FieldKind::text},
                                    {"payload", FieldKind::text},
                                    {"expiry", FieldKind::number},
                                    {"subscription_identifiers", FieldKind::list},
                                    {"topic_alias", FieldKind::number},
                                    {"response_topic", FieldKind::text},
                                    {"correlation_data", FieldKind::text},
                                    {"content_type", FieldKind::text},
                                    {"payload_format_indicator", FieldKind::number},
                                    {"user_properties", FieldKind::text}};
constexpr PacketField kAcknowledgement[] = {{"id", FieldKind::number},
                                            {"reason", FieldKind::number},
                                            {"reason_string", FieldKind::text},
                                            {"user_properties", FieldKind::text}};
constexpr PacketField kSuback[] = {{"id", FieldKind::number},
                                   {"reasons", FieldKind::list},
                                   {"reason_string", FieldKind::text},
                                   {"user_properties", FieldKind::text}};
constexpr PacketField kDisconnect[] = {{"reason", FieldKind::number},
                                       {"reason_string", FieldKind::text},
                                       {"server_reference", FieldKind::text},
                                       {"user_properties", FieldKind::text}};
constexpr PacketField kAuth[] = {{"reason", FieldKind::number},
                                 {"reason_string", FieldKind::text},
                                 {"authentication_method", FieldKind::text},
                                 {"authentication_data", FieldKind::text},
                                 {"user_properties", FieldKind::text}};

struct ReceivedPacket {
  std::string_view type;
  std::span<const PacketField> fields;
};
const ReceivedPacket kReceived[] = {{"CONNACK", kConnack},
                                    {"PUBLISH", kPublish},
                                    {"PUBACK", kAcknowledgement},
                                    {"PUBREC", kAcknowledgement},
                                    {"PUBREL", kAcknowledgement},
                                    {"PUBCOMP", kAcknowledgement},
                                    {"SUBACK", kSuback},
                                    {"UNSUBACK", kSuback},
                                    {"PINGRESP", {}},
                                    {"DISCONNECT", kDisconnect},
                                    {"AUTH", kAuth}};

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::span<const PacketField>> fields_of_received(std::string_view packet_type) {
  for (const ReceivedPacket& packet : kReceived) {
    if (packet.type == packet_type) return packet.fields;
  }
  return std::nullopt;
}

std::string received_packet_types() {
  std::string all;
  for (const ReceivedPacket& packet : kReceived) all += (all.empty() ? "" : ", ") + std::string(packet.type);
  return all;
}

bool is_sent_packet(std::string_view packet_type) {
  static constexpr std::string_view kSent[] = {"CONNECT",     "PUBLISH", "PUBACK",    "PUBREC",
                                               "PUBREL",      "PUBCOMP", "AUTH",      "SUBSCRIBE",
                                               "UNSUBSCRIBE", "PINGREQ", "DISCONNECT"};
  return std::find(std::begin(kSent), std::end(kSent), packet_type) != std::end(kSent);
}

std::optional<NumberRange> parse_number_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto low = parse_number(text.substr(0, dots));
  const auto high = dots == std::string_view::npos ? low : parse_number(text.substr(dots + 2));
  if (!low || !high || *low > *high) return std::nullopt;
  return NumberRange{*low, *high};
}

}  // namespace mqttvet::sim
