// RapidCheck generators of right packets: what a conforming peer may send. For tests only.
#pragma once

#include <rapidcheck.h>

#include "conformance/wire/packet.h"
#include "conformance/wire/property_table.h"
#include "conformance/wire/reason_code_table.h"

namespace mqttvet::wire::random {

inline bool flip() {
  return *rc::gen::arbitrary<bool>();
}
// Uniform from the first try on; RapidCheck alone begins with small values.
inline std::uint32_t below(std::uint32_t end) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint32_t>(0, end));
}

// Mostly short, sometimes long enough for a Remaining Length of two or three bytes.
inline std::string bytes() {
  if (below(20) == 0) return std::string(*rc::gen::element<std::size_t>(127, 128, 16'384, 65'535), 'x');
  return *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
}
inline std::string text() {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "Z", "/", " ", "$", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"));
  std::string joined;
  for (const std::string& piece : pieces) joined += piece;
  return joined;
}
inline std::string topic_name() {
  return "t" + text();
}
inline std::string topic_filter(Version version) {
  auto filters = std::vector<std::string>{"#", "+", "+/+", "a/+/b", "/", "$SYS/#", "a/#", topic_name()};
  if (version == Version::v5_0) filters.push_back("$share/g/a/+");
  return *rc::gen::elementOf(filters);
}
inline std::uint16_t packet_id() {
  return static_cast<std::uint16_t>(1 + below(65'535));
}
inline std::uint8_t qos() {
  return static_cast<std::uint8_t>(below(3));
}

inline PropertyValue value_of(const PropertyRow& row) {
  const std::uint32_t zero =
      row.id == PropertyId::receive_maximum || row.id == PropertyId::maximum_packet_size ||
              row.id == PropertyId::topic_alias || row.id == PropertyId::subscription_identifier
          ? 1
          : 0;
  switch (row.type) {
    case PropertyType::byte:
      return below(2);
    case PropertyType::two_byte_integer:
      return zero + below(0x10000 - zero);
    case PropertyType::four_byte_integer:
      return *rc::gen::elementOf(std::vector<std::uint32_t>{zero, 1, 256, 0x80000000, 0xFFFFFFFF});
    case PropertyType::variable_byte_integer:
      return zero + below(268'435'455);
    case PropertyType::utf8_string:
      return row.id == PropertyId::response_topic ? topic_name() : text();
    case PropertyType::binary_data:
      return *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    case PropertyType::utf8_string_pair:
      break;
  }
  return StringPair{text(), text()};
}

// Some of what the table allows there, each once, User Property and Subscription Identifier perhaps twice.
inline Properties properties(PropertyHolder in, Direction direction, Version version) {
  Properties list;
  if (version != Version::v5_0) return list;
  for (const PropertyRow& row : property_table()) {
    if ((row.holders & holder(in)) == 0) continue;
    const bool from_client = direction == Direction::client_to_server;
    const bool is_subscription_identifier = row.id == PropertyId::subscription_identifier;
    if (in == PropertyHolder::publish && is_subscription_identifier && from_client) continue;
    if (in == PropertyHolder::disconnect && row.id == PropertyId::session_expiry_interval && !from_client)
      continue;
    if (in == PropertyHolder::disconnect && row.id == PropertyId::server_reference && from_client) continue;
    if (row.id == PropertyId::authentication_data && !find(list, PropertyId::authentication_method)) continue;
    const bool mandatory = in == PropertyHolder::auth && row.id == PropertyId::authentication_method;
    const bool repeats =
        row.id == PropertyId::user_property || (in == PropertyHolder::publish && is_subscription_identifier);
    for (int times = repeats ? 2 : 1; times > 0; --times) {
      if (!mandatory && !flip()) continue;
      Property property;
      property.id = row.id;
      property.value = value_of(row);
      list.push_back(std::move(property));
    }
  }
  return list;
}

inline std::uint8_t reason_code(PacketType type, Direction direction, Version version) {
  std::vector<std::uint8_t> codes;
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    if (is_reason_code_of(type, byte, direction, version)) codes.push_back(byte);
  }
  return *rc::gen::elementOf(codes);
}

inline Connect connect(Version version) {
  constexpr Direction kDirection = Direction::client_to_server;
  Connect p;
  p.version = version;
  p.clean_start = flip();
  p.keep_alive = static_cast<std::uint16_t>(below(65'536));
  p.properties = properties(PropertyHolder::connect, kDirection, version);
  p.client_id = text();
  if (flip()) {
    p.will = Will{qos(), flip(), properties(PropertyHolder::will, kDirection, version), topic_name(), "bye"};
  }
  if (flip()) p.user_name = text();
  if (flip() && (p.user_name || version == Version::v5_0)) p.password = std::string("p\0w", 3);
  return p;
}

inline Publish publish(Direction direction, Version version) {
  Publish p;
  p.qos = qos();
  p.dup = p.qos > 0 && flip();
  p.retain = flip();
  p.topic = topic_name();
  if (p.qos > 0) p.packet_id = packet_id();
  p.properties = properties(PropertyHolder::publish, direction, version);
  if (find(p.properties, PropertyId::topic_alias) && flip()) p.topic.clear();
  p.payload = bytes();
  return p;
}

template <typename P>
P acknowledgement(Direction direction, Version version) {
  P p;
  p.packet_id = packet_id();
  if (version == Version::v5_0) p.reason_code = reason_code(P::kType, direction, version);
  p.properties = properties(PropertyHolder::acknowledgement, direction, version);
  return p;
}

inline Subscribe subscribe(Version version) {
  Subscribe p{packet_id(), properties(PropertyHolder::subscribe, Direction::client_to_server, version), {}};
  for (std::uint32_t count = 1 + below(3); count > 0; --count) {
    Subscription s{topic_filter(version), qos()};
    if (version == Version::v5_0) {
      s.no_local = flip() && !s.topic_filter.starts_with("$share/");
      s.retain_as_published = flip();
      s.retain_handling = static_cast<std::uint8_t>(below(3));
    }
    p.subscriptions.push_back(s);
  }
  return p;
}

inline Unsubscribe unsubscribe(Version version) {
  Unsubscribe p{
      packet_id(), properties(PropertyHolder::unsubscribe, Direction::client_to_server, version), {}};
  for (std::uint32_t count = 1 + below(3); count > 0; --count)
    p.topic_filters.push_back(topic_filter(version));
  return p;
}

template <typename P>  // Suback, Unsuback
P acknowledgement_of_many(Version version) {
  constexpr Direction kDirection = Direction::server_to_client;
  P p{packet_id(), properties(PropertyHolder::acknowledgement, kDirection, version), {}};
  if (P::kType == PacketType::unsuback && version != Version::v5_0) return p;
  for (std::uint32_t count = 1 + below(3); count > 0; --count) {
    p.reason_codes.push_back(reason_code(P::kType, kDirection, version));
  }
  return p;
}

template <typename P>  // Disconnect, Auth
P with_reason(PropertyHolder in, Direction direction, Version version) {
  P p;
  if (version != Version::v5_0) return p;
  p.reason_code = reason_code(P::kType, direction, version);
  p.properties = properties(in, direction, version);
  return p;
}

inline Connack connack(Version version) {
  Connack p;
  p.reason_code = reason_code(PacketType::connack, Direction::server_to_client, version);
  p.session_present = p.reason_code == 0 && version != Version::v3_1 && flip();
  p.properties = properties(PropertyHolder::connack, Direction::server_to_client, version);
  return p;
}

inline Packet client_packet(Version version) {
  constexpr Direction kDirection = Direction::client_to_server;
  switch (below(version == Version::v5_0 ? 11 : 10)) {
    case 0:
      return connect(version);
    case 1:
      return acknowledgement<Puback>(kDirection, version);
    case 2:
      return acknowledgement<Pubrec>(kDirection, version);
    case 3:
      return acknowledgement<Pubrel>(kDirection, version);
    case 4:
      return acknowledgement<Pubcomp>(kDirection, version);
    case 5:
      return subscribe(version);
    case 6:
      return unsubscribe(version);
    case 7:
      return Pingreq{};
    case 8:
      return with_reason<Disconnect>(PropertyHolder::disconnect, kDirection, version);
    case 9:
      return publish(kDirection, version);
    default:
      return with_reason<Auth>(PropertyHolder::auth, kDirection, version);
  }
}

inline Packet server_packet(Version version) {
  constexpr Direction kDirection = Direction::server_to_client;
  switch (below(version == Version::v5_0 ? 11 : 9)) {
    case 0:
      return connack(version);
    case 1:
      return acknowledgement<Puback>(kDirection, version);
    case 2:
      return acknowledgement<Pubrec>(kDirection, version);
    case 3:
      return acknowledgement<Pubrel>(kDirection, version);
    case 4:
      return acknowledgement<Pubcomp>(kDirection, version);
    case 5:
      return acknowledgement_of_many<Suback>(version);
    case 6:
      return acknowledgement_of_many<Unsuback>(version);
    case 7:
      return Pingresp{};
    case 8:
      return publish(kDirection, version);
    case 9:
      return with_reason<Disconnect>(PropertyHolder::disconnect, kDirection, version);
    default:
      return with_reason<Auth>(PropertyHolder::auth, kDirection, version);
  }
}

inline Version version() {
  return *rc::gen::element(Version::v3_1, Version::v3_1_1, Version::v5_0);
}
inline Direction direction() {
  return *rc::gen::element(Direction::client_to_server, Direction::server_to_client);
}

inline Packet packet(Direction direction, Version version) {
  return direction == Direction::client_to_server ? client_packet(version) : server_packet(version);
}

}  // namespace mqttvet::wire::random
