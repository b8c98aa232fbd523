// Random records that make sense after each other: whatever needs a session or an outgoing message gets one
// that the model has. Few names, so that they meet. Header only, for tests.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "broker/storage/testing/model.h"

namespace mqttvet::storage::testing {

class RandomRecords {
 public:
  // draw(n): any number in 0 .. n-1.
  explicit RandomRecords(std::function<std::uint64_t(std::uint64_t)> draw) : draw_(std::move(draw)) {}

  // A record that can be applied to `model` next.
  core::Record next(const Model& model, core::Now now);
  // The process restarts: messages of the old one are dated with a clock that is gone.
  void forget_messages() { messages_.clear(); }

 private:
  bool flip() { return draw_(2) == 1; }
  std::string name(const char* prefix) { return prefix + std::to_string(draw_(4)); }
  std::string bytes();
  std::optional<std::string> maybe_bytes();
  codec::QoS qos() { return static_cast<codec::QoS>(draw_(3)); }
  std::chrono::seconds interval() { return std::chrono::seconds(draw_(4) == 0 ? 0xFFFFFFFF : draw_(100000)); }
  core::PacketId packet_id() { return static_cast<core::PacketId>(draw_(0x10000)); }
  codec::MessageProperties properties();
  codec::Will will();
  core::SessionRecord session();
  core::SubscriptionRecord subscription();
  core::OutgoingRecord outgoing(core::Now now);
  core::MessagePtr message(core::Now now);

  std::function<std::uint64_t(std::uint64_t)> draw_;
  std::vector<core::MessagePtr> messages_;
  std::uint64_t last_key_ = 0;
  std::uint64_t last_position_ = 0;
  std::uint64_t last_message_ = 0;
};

// --- Below: how --------------------------------------------------------------------------------------------

inline core::Record RandomRecords::next(const Model& model, core::Now now) {
  const std::uint64_t kind = draw_(16);
  if (model.sessions().empty() || kind == 0) return core::PutSession{session()};
  if (kind == 1) return core::PutRetained{message(now)};
  if (kind == 2) return core::DeleteRetained{name("topic")};

  auto chosen =
      std::next(model.sessions().begin(), static_cast<std::ptrdiff_t>(draw_(model.sessions().size())));
  const auto& [client_id, owner] = *chosen;
  if (kind == 3) return core::DeleteSession{client_id};
  if (kind == 4) return core::PutSubscription{client_id, subscription()};
  if (kind == 5) return core::DeleteSubscription{client_id, name("filter")};
  if (kind == 6) return core::PutIncoming{client_id, static_cast<core::PacketId>(draw_(4))};
  if (kind == 7) return core::DeleteIncoming{client_id, static_cast<core::PacketId>(draw_(4))};
  if (owner.outgoing.empty() || kind <= 11) return core::PutOutgoing{client_id, outgoing(now)};

  auto delivery =
      std::next(owner.outgoing.begin(), static_cast<std::ptrdiff_t>(draw_(owner.outgoing.size())));
  if (kind <= 13) return core::DeleteOutgoing{client_id, delivery->first, delivery->second.message->id};
  const auto state = static_cast<core::OutgoingRecord::State>(draw_(3));
  return core::UpdateOutgoing{client_id, delivery->first, ++last_position_, state, packet_id(), packet_id()};
}

inline std::string RandomRecords::bytes() {
  static const std::string kAwkward[] = {"",     std::string("\0x\0", 3), "\xff\xfe", "it's", "tr\xc3\xbc",
                                         "plain"};
  return kAwkward[draw_(std::size(kAwkward))];
}

inline std::optional<std::string> RandomRecords::maybe_bytes() {
  if (flip()) return std::nullopt;
  return bytes();
}

inline codec::MessageProperties RandomRecords::properties() {
  codec::MessageProperties p;
  if (flip()) return p;
  if (flip()) p.payload_format_indicator = flip();
  p.content_type = maybe_bytes();
  p.response_topic = maybe_bytes();
  p.correlation_data = maybe_bytes();
  for (std::uint64_t count = draw_(3); count > 0; --count) p.user_properties.push_back({bytes(), bytes()});
  return p;
}

inline codec::Will RandomRecords::will() {
  codec::Will w;
  w.qos = qos();
  w.retain = flip();
  w.topic_name = name("topic");
  w.payload = bytes();
  w.will_delay_interval = interval();
  if (flip()) w.message_expiry_interval = interval();
  w.properties = properties();
  return w;
}

inline core::SessionRecord RandomRecords::session() {
  core::SessionRecord s;
  s.client_id = name("client");
  s.version = static_cast<codec::ProtocolVersion>(3 + draw_(3));
  s.session_expiry_interval = interval();
  if (flip()) s.disconnected_at = core::Wall(std::chrono::nanoseconds(draw_(1u << 30)));
  s.next_packet_id = packet_id();
  if (flip()) s.will = will();
  s.user_name = bytes();
  return s;
}

inline core::SubscriptionRecord RandomRecords::subscription() {
  core::SubscriptionRecord s;
  s.topic_filter = name("filter");
  s.options = {qos(), flip(), flip(), static_cast<codec::RetainHandling>(draw_(3))};
  if (flip()) s.subscription_identifier = static_cast<std::uint32_t>(1 + draw_(268435455));
  return s;
}

inline core::OutgoingRecord RandomRecords::outgoing(core::Now now) {
  core::OutgoingRecord o;
  o.key = ++last_key_;
  o.position = ++last_position_;
  o.state = static_cast<core::OutgoingRecord::State>(draw_(3));
  o.packet_id = packet_id();
  o.qos = qos();
  o.retain = flip();
  for (std::uint64_t count = draw_(3); count > 0; --count) {
    o.subscription_identifiers.push_back(static_cast<std::uint32_t>(1 + draw_(268435455)));
  }
  o.shared_filter = flip() ? "" : "$share/group/a";
  o.message = message(now);
  return o;
}

inline core::MessagePtr RandomRecords::message(core::Now now) {
  if (!messages_.empty() && flip()) return messages_[draw_(messages_.size())];
  core::Message m;
  m.id = static_cast<core::MessageId>(++last_message_);
  m.publisher = bytes();
  m.qos = qos();
  m.retain = flip();
  m.topic_name = name("topic");
  m.payload = draw_(8) == 0 ? std::string(5000 + draw_(5000), static_cast<char>('a' + draw_(26))) : bytes();
  m.arrived_at = now.monotonic - std::chrono::nanoseconds(draw_(1u << 30));
  if (flip()) m.expiry_interval = std::chrono::seconds(draw_(1u << 30));
  m.properties = properties();
  if (messages_.size() == 6) messages_.erase(messages_.begin());
  return messages_.emplace_back(std::make_shared<const core::Message>(std::move(m)));
}

}  // namespace mqttvet::storage::testing
