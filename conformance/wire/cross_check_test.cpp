// The judge's wire format against the broker's: two readings of the standard must agree. The only place where
// they meet.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "broker/codec/decoder.h"
#include "broker/codec/encoder.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/encoder.h"
#include "conformance/wire/hex.h"
#include "conformance/wire/random_packet.h"
#include "conformance/wire/reader.h"

namespace mqttvet::wire {
namespace {

using std::chrono::seconds;

// --- the broker's structs said in the judge's words
// -----------------------------------------------------------------

// Collects properties in the order of table 2-4, which is also the order of random::properties().
class PropertyList {
 public:
  PropertyList& add(PropertyId id, const std::optional<bool>& value) {
    if (value) list_.emplace_back(id, *value ? 1U : 0U);
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<std::uint8_t>& value) {
    if (value) list_.emplace_back(id, std::uint32_t{*value});
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<std::uint16_t>& value) {
    if (value) list_.emplace_back(id, std::uint32_t{*value});
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<std::uint32_t>& value) {
    if (value) list_.emplace_back(id, *value);
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<seconds>& value) {
    if (value) list_.emplace_back(id, static_cast<std::uint32_t>(value->count()));
    return *this;
  }
  PropertyList& add(PropertyId id, const std::optional<std::string>& value) {
    if (value) list_.emplace_back(id, *value);
    return *this;
  }
  PropertyList& add(const codec::UserProperties& pairs) {
    for (const codec::UserProperty& pair : pairs) list_.emplace_back(pair.name, pair.value);
    return *this;
  }
  Properties sorted() const { return sort(list_); }

  // One order for both sides; equal identifiers keep theirs.
  static Properties sort(Properties list) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Property& a, const Property& b) { return a.id < b.id; });
    return list;
  }

 private:
  Properties list_;
};

PropertyList message(const codec::MessageProperties& p) {
  PropertyList list;
  list.add(PropertyId::payload_format_indicator, p.payload_format_indicator)
      .add(PropertyId::content_type, p.content_type)
      .add(PropertyId::response_topic, p.response_topic)
      .add(PropertyId::correlation_data, p.correlation_data)
      .add(p.user_properties);
  return list;
}

struct Judged {
  Packet operator()(const codec::Connect& p) const {
    Connect c;
    c.version = static_cast<Version>(p.version);
    c.bridge = p.bridge;
    c.clean_start = p.clean_start;
    c.keep_alive = static_cast<std::uint16_t>(p.keep_alive.count());
    const codec::ConnectProperties& q = p.properties;
    c.properties = PropertyList()
                       .add(PropertyId::session_expiry_interval, q.session_expiry_interval)
                       .add(PropertyId::receive_maximum, q.receive_maximum)
                       .add(PropertyId::maximum_packet_size, q.maximum_packet_size)
                       .add(PropertyId::topic_alias_maximum, q.topic_alias_maximum)
                       .add(PropertyId::request_response_information, q.request_response_information)
                       .add(PropertyId::request_problem_information, q.request_problem_information)
                       .add(PropertyId::authentication_method, q.authentication_method)
                       .add(PropertyId::authentication_data, q.authentication_data)
                       .add(q.user_properties)
                       .sorted();
    c.client_id = p.client_id;
    if (p.will) c.will = will(*p.will);
    c.user_name = p.user_name;
    c.password = p.password;
    return c;
  }
  static Will will(const codec::Will& p) {
    PropertyList list = message(p.properties);
    // Absent and 0 mean the same.
    if (p.will_delay_interval != seconds(0))
      list.add(PropertyId::will_delay_interval, std::optional(p.will_delay_interval));
    list.add(PropertyId::message_expiry_interval, p.message_expiry_interval);
    return {static_cast<std::uint8_t>(p.qos), p.retain, list.sorted(), p.topic_name, p.payload};
  }
  Packet operator()(const codec::Publish& p) const {
    PropertyList list = message(p.properties);
    list.add(PropertyId::message_expiry_interval, p.message_expiry_interval);
    list.add(PropertyId::topic_alias, p.topic_alias);
    return Publish{p.dup,
                   static_cast<std::uint8_t>(p.qos),
                   p.retain,
                   std::string(p.topic_name),
                   p.packet_id,
                   list.sorted(),
                   std::string(p.payload)};
  }
  template <typename To, typename From>
  static Packet acknowledgement(const From& p) {
    return To{p.packet_id, static_cast<std::uint8_t>(p.reason_code), properties(p.properties)};
  }
  static Properties properties(const codec::AcknowledgementProperties& p) {
    return PropertyList().add(PropertyId::reason_string, p.reason_string).add(p.user_properties).sorted();
  }
  Packet operator()(const codec::Puback& p) const { return acknowledgement<Puback>(p); }
  Packet operator()(const codec::Pubrec& p) const { return acknowledgement<Pubrec>(p); }
  Packet operator()(const codec::Pubrel& p) const { return acknowledgement<Pubrel>(p); }
  Packet operator()(const codec::Pubcomp& p) const { return acknowledgement<Pubcomp>(p); }
  Packet operator()(const codec::Subscribe& p) const {
    Subscribe s;
    s.packet_id = p.packet_id;
    s.properties = PropertyList()
                       .add(PropertyId::subscription_identifier, p.subscription_identifier)
                       .add(p.user_properties)
                       .sorted();
    for (const auto& [topic_filter, options] : p.requests) {
      s.subscriptions.push_back({topic_filter, static_cast<std::uint8_t>(options.maximum_qos),
                                 options.no_local, options.retain_as_published,
                                 static_cast<std::uint8_t>(options.retain_handling)});
    }
    return s;
  }
  Packet operator()(const codec::Unsubscribe& p) const {
    return Unsubscribe{p.packet_id, PropertyList().add(p.user_properties).sorted(), p.topic_filters};
  }
  Packet operator()(const codec::Pingreq&) const { return Pingreq{}; }
  Packet operator()(const codec::Disconnect& p) const {
    return Disconnect{static_cast<std::uint8_t>(p.reason_code),
                      PropertyList()
                          .add(PropertyId::session_expiry_interval, p.properties.session_expiry_interval)
                          .add(PropertyId::reason_string, p.properties.reason_string)
                          .add(p.properties.user_properties)
                          .sorted()};
  }
  Packet operator()(const codec::Auth& p) const {
    return Auth{static_cast<std::uint8_t>(p.reason_code),
                PropertyList()
                    .add(PropertyId::authentication_method, p.properties.authentication_method)
                    .add(PropertyId::authentication_data, p.properties.authentication_data)
                    .add(PropertyId::reason_string, p.properties.reason_string)
                    .add(p.properties.user_properties)
                    .sorted()};
  }
};

// What the broker's structs have no room for: the order of different properties, a Will Delay Interval of 0,
// and the return codes and options that 3.x translates into the defaults of 5.0.
Packet normalised(Packet packet) {
  std::visit(
      [](auto& p) {
        if constexpr (requires { p.properties; }) p.properties = PropertyList::sort(std::move(p.properties));
      },
      packet);
  if (auto* connect = std::get_if<Connect>(&packet); connect && connect->will) {
    Properties& list = connect->will->properties;
    std::erase_if(list, [](const Property& p) {
      return p.id == PropertyId::will_delay_interval && p.value == PropertyValue(std::uint32_t{0});
    });
    list = PropertyList::sort(std::move(list));
  }
  return packet;
}

// The packets of a stream as the broker reads them, with the mistake in the end if there is one.
struct BrokersReading {
  std::vector<Packet> packets;
  std::optional<std::string> error;
};

BrokersReading read_as_broker(const std::string& bytes, Version version) {
  codec::Decoder decoder(1 << 20);
  BrokersReading reading;
  // It learns the version from a CONNECT and from nothing else.
  decoder.append(encode(Connect{.version = version, .client_id = "c"}, version));
  decoder.next();
  decoder.append(bytes);
  for (;;) {
    const auto result = decoder.next();
    if (std::holds_alternative<codec::NeedMoreBytes>(result)) return reading;
    if (const auto* error = std::get_if<codec::DecodeError>(&result)) {
      reading.error = std::string(error->statement) + " " + error->text;
      return reading;
    }
    reading.packets.push_back(std::visit(Judged{}, std::get<codec::ClientPacket>(result)));
  }
}

// A CONNECT begins its own connection.
BrokersReading read_connect_as_broker(const std::string& bytes) {
  codec::Decoder decoder(1 << 20);
  decoder.append(bytes);
  BrokersReading reading;
  const auto result = decoder.next();
  if (const auto* error = std::get_if<codec::DecodeError>(&result)) {
    reading.error = std::string(error->statement) + " " + error->text;
  } else if (const auto* packet = std::get_if<codec::ClientPacket>(&result)) {
    reading.packets.push_back(std::visit(Judged{}, *packet));
  }
  return reading;
}

BrokersReading read(const std::string& bytes, PacketType type, Version version) {
  return type == PacketType::connect ? read_connect_as_broker(bytes) : read_as_broker(bytes, version);
}

RC_GTEST_PROP(CrossCheck, TheBrokerReadsWhatTheJudgeWrites, ()) {
  const Version version = random::version();
  const Packet packet = random::client_packet(version);
  const std::string bytes = encode(packet, version);
  RC_LOG() << name_of(version) << ": " << describe(packet) << '\n' << to_hex(bytes.substr(0, 200)) << '\n';
  const BrokersReading reading = read(bytes, type_of(packet), version);
  if (reading.error) RC_FAIL(*reading.error);
  RC_ASSERT(reading.packets.size() == 1U);
  RC_LOG() << "broker: " << describe(reading.packets[0]) << '\n';
  RC_ASSERT(reading.packets[0] == normalised(packet));
}

// Both must refuse the same damaged packets, and understand the others in the same way. Not in 3.1, which
// calls most flags "not used" and leaves open whether to look at them: the judge doesn't, the broker does.
RC_GTEST_PROP(CrossCheck, BothBlameTheSameDamage, ()) {
  const Version version = *rc::gen::element(Version::v3_1_1, Version::v5_0);
  const Packet original = random::client_packet(version);
  std::string bytes = encode(original, version);
  RC_PRE(bytes.size() < 200U);
  bytes[random::below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(random::below(256));
  const PacketType type = type_of(original);
  // A CONNECT has a fresh connection, any other packet comes after one.
  RC_PRE((static_cast<std::uint8_t>(bytes[0]) >> 4 == 1) == (type == PacketType::connect));
  RC_LOG() << name_of(version) << ": " << to_hex(bytes) << '\n';

  Reader reader(Direction::client_to_server,
                type == PacketType::connect ? std::nullopt : std::optional(version));
  reader.feed(bytes);
  const auto judged = reader.next();
  const BrokersReading reading = read(bytes, type, version);
  RC_LOG() << "broker: "
           << reading.error.value_or(reading.packets.empty() ? "more" : describe(reading.packets[0])) << '\n';
  if (const auto* malformed = std::get_if<Malformed>(&judged)) {
    RC_LOG() << "judge: " << malformed->text << '\n';
    RC_ASSERT(reading.packets.empty());
    RC_ASSERT(reading.error.has_value());
  } else if (const auto* arrival = std::get_if<Arrival>(&judged)) {
    RC_LOG() << "judge: " << describe(arrival->packet) << '\n';
    RC_ASSERT(!reading.packets.empty());
    RC_ASSERT(reading.packets[0] == normalised(arrival->packet));
  } else {
    RC_LOG() << "judge: more\n";
    RC_ASSERT(reading.packets.empty());
  }
}

// --- the other way: what the broker writes
// ---------------------------------------------------------------------------

std::optional<std::string> optional_text() {
  return random::flip() ? std::optional(random::text()) : std::nullopt;
}

codec::AcknowledgementProperties acknowledgement_properties() {
  codec::AcknowledgementProperties p;
  p.reason_string = optional_text();
  if (random::flip()) p.user_properties = {{"a", random::text()}, {"a", ""}};
  return p;
}

// REQUIRES: `bytes` are one packet of the broker. In the judge's normal form.
Packet judged(const std::string& bytes, Version version) {
  RC_LOG() << name_of(version) << ": " << to_hex(bytes.substr(0, 200)) << '\n';
  auto result = decode(bytes, Direction::server_to_client, version);
  if (const auto* malformed = std::get_if<Malformed>(&result)) RC_FAIL(malformed->text);
  RC_LOG() << "judge: " << describe(std::get<Packet>(result)) << '\n';
  return normalised(std::get<Packet>(std::move(result)));
}

template <typename Theirs, typename Ours>
void check_acknowledgement(Version version) {
  const bool v5 = version == Version::v5_0;
  Theirs p;
  p.packet_id = random::packet_id();
  p.reason_code = static_cast<codec::ReasonCode>(
      random::reason_code(Ours::kType, Direction::server_to_client, Version::v5_0));
  p.properties = acknowledgement_properties();
  codec::Bytes bytes;
  codec::encode(p, static_cast<codec::ProtocolVersion>(version), bytes);
  const Ours expected{p.packet_id, v5 ? static_cast<std::uint8_t>(p.reason_code) : std::uint8_t{0},
                      v5 ? Judged::properties(p.properties) : Properties()};
  RC_ASSERT(judged(bytes, version) == Packet(expected));
}

RC_GTEST_PROP(CrossCheck, TheJudgeReadsTheBrokersAcknowledgements, ()) {
  const Version version = random::version();
  check_acknowledgement<codec::Puback, Puback>(version);
  check_acknowledgement<codec::Pubrec, Pubrec>(version);
  check_acknowledgement<codec::Pubrel, Pubrel>(version);
  check_acknowledgement<codec::Pubcomp, Pubcomp>(version);
}

RC_GTEST_PROP(CrossCheck, TheJudgeReadsTheBrokersPublish, ()) {
  const Version version = random::version();
  codec::MessageProperties properties;
  properties.content_type = optional_text();
  if (random::flip()) properties.payload_format_indicator = random::flip();
  if (random::flip()) properties.correlation_data = random::bytes();
  if (random::flip()) properties.user_properties = {{"a", random::text()}, {"a", ""}};
  const std::vector<std::uint32_t> subscription_identifiers = {300, 1};
  const std::string topic_name = random::topic_name();
  const std::string payload = random::bytes();
  codec::PublishHead head;
  head.qos = static_cast<codec::QoS>(random::qos());
  head.dup = head.qos != codec::QoS::at_most_once && random::flip();
  head.retain = random::flip();
  head.topic_name = topic_name;
  if (head.qos != codec::QoS::at_most_once) head.packet_id = random::packet_id();
  if (random::flip()) head.message_expiry_interval = seconds(random::below(100'000));
  if (random::flip()) head.properties = &properties;
  if (random::flip()) head.subscription_identifiers = &subscription_identifiers;
  codec::Bytes bytes;
  codec::encode_head(head, payload.size(), static_cast<codec::ProtocolVersion>(version), bytes);

  Publish expected{head.dup, static_cast<std::uint8_t>(head.qos), head.retain, topic_name, head.packet_id, {},
                   payload};
  if (version == Version::v5_0) {
    PropertyList list = head.properties ? message(properties) : PropertyList();
    list.add(PropertyId::message_expiry_interval, head.message_expiry_interval);
    if (head.subscription_identifiers) {
      for (const std::uint32_t id : subscription_identifiers) {
        list.add(PropertyId::subscription_identifier, std::optional(id));
      }
    }
    expected.properties = list.sorted();
  }
  RC_ASSERT(judged(bytes + payload, version) == Packet(expected));
}

}  // namespace
}  // namespace mqttvet::wire
