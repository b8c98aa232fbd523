// The judge's wire format against the broker's: two readings of the standard must agree. They
// meet here and in fuzz/, nowhere else.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "broker/codec/decoder.h"
#include "broker/codec/encoder.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/encoder.h"
#include "conformance/wire/hex.h"
#include "conformance/wire/random_packet.h"
#include "conformance/wire/reader.h"
#include "conformance/wire/test_judged.h"

namespace mqttvet::wire {
namespace {

using std::chrono::seconds;
using testing::Judged;
using testing::message;
using testing::normalised;
using testing::PropertyList;

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
