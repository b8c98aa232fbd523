// What a store should hold, kept in plain maps: the tests apply the same records to both and compare. Header
// only, for tests.
//
// A monotonic instant means nothing after a restart, so the model dates its messages with wall-clock time:
// load a store with kWallFrame to get the same.
#pragma once

#include <map>
#include <set>
#include <string>

#include "broker/core/record.h"

namespace mqttvet::storage::testing {

// The frame in which both clocks show the same number.
inline constexpr core::Now kWallFrame{core::Monotonic(std::chrono::hours(24 * 365 * 230)),
                                      core::Wall(std::chrono::hours(24 * 365 * 230))};

// A Snapshot as text, one line for each thing, every field in it: two are equal if their texts are.
std::string describe(const core::Snapshot& snapshot);

class Model {
 public:
  struct Session {
    core::SessionRecord session;
    std::map<std::string, core::SubscriptionRecord> subscriptions;
    std::map<std::uint64_t, core::OutgoingRecord> outgoing;
    std::set<core::PacketId> incoming;
  };

  void apply(const core::Record& record, core::Now now);
  core::Snapshot snapshot() const;

  const std::map<std::string, Session>& sessions() const { return sessions_; }
  const std::map<std::string, core::MessagePtr>& retained() const { return retained_; }

 private:
  void apply(const core::PutSession& r) { sessions_[r.session.client_id].session = r.session; }
  void apply(const core::DeleteSession& r) { sessions_.erase(r.client_id); }
  void apply(const core::PutSubscription& r) {
    sessions_.at(r.client_id).subscriptions[r.subscription.topic_filter] = r.subscription;
  }
  void apply(const core::DeleteSubscription& r) {
    sessions_.at(r.client_id).subscriptions.erase(r.topic_filter);
  }
  void apply(const core::PutOutgoing& r) {
    core::OutgoingRecord outgoing = r.outgoing;
    outgoing.message = in_wall_frame(outgoing.message);
    sessions_.at(r.client_id).outgoing[outgoing.key] = outgoing;
  }
  void apply(const core::UpdateOutgoing& r) {
    Session& session = sessions_.at(r.client_id);
    core::OutgoingRecord& outgoing = session.outgoing.at(r.key);
    outgoing.position = r.position;
    outgoing.state = r.state;
    outgoing.packet_id = r.packet_id;
    session.session.next_packet_id = r.next_packet_id;
  }
  void apply(const core::DeleteOutgoing& r) { sessions_.at(r.client_id).outgoing.erase(r.key); }
  void apply(const core::PutIncoming& r) { sessions_.at(r.client_id).incoming.insert(r.packet_id); }
  void apply(const core::DeleteIncoming& r) { sessions_.at(r.client_id).incoming.erase(r.packet_id); }
  void apply(const core::PutRetained& r) { retained_[r.message->topic_name] = in_wall_frame(r.message); }
  void apply(const core::DeleteRetained& r) { retained_.erase(r.topic_name); }

  core::MessagePtr in_wall_frame(const core::MessagePtr& message);

  core::Now now_{};
  core::MessageId last_message_id_{};
  std::map<std::string, Session> sessions_;
  std::map<std::string, core::MessagePtr> retained_;
};

// --- Below: how --------------------------------------------------------------------------------------------

inline void Model::apply(const core::Record& record, core::Now now) {
  now_ = now;
  std::visit([this](const auto& r) { apply(r); }, record);
}

inline core::MessagePtr Model::in_wall_frame(const core::MessagePtr& message) {
  auto copy = std::make_shared<core::Message>(*message);
  copy->arrived_at = core::Monotonic(now_.wall.time_since_epoch() + (copy->arrived_at - now_.monotonic));
  last_message_id_ = std::max(last_message_id_, copy->id);
  return copy;
}

inline core::Snapshot Model::snapshot() const {
  core::Snapshot snapshot;
  snapshot.last_message_id = last_message_id_;
  for (const auto& [client_id, session] : sessions_) {
    core::RestoredSession& restored = snapshot.sessions.emplace_back();
    restored.session = session.session;
    for (const auto& [filter, subscription] : session.subscriptions)
      restored.subscriptions.push_back(subscription);
    for (const auto& [key, outgoing] : session.outgoing) restored.outgoing.push_back(outgoing);
    std::stable_sort(restored.outgoing.begin(), restored.outgoing.end(),
                     [](const auto& a, const auto& b) { return a.position < b.position; });
    restored.incoming.assign(session.incoming.begin(), session.incoming.end());
  }
  for (const auto& [topic, message] : retained_) snapshot.retained.push_back(message);
  return snapshot;
}

namespace detail {

inline std::string number(std::int64_t value) {
  return std::to_string(value) + " ";
}

// Printable, whatever the bytes are; long ones by their length and a sum.
inline std::string quoted(const std::string& bytes) {
  std::string text = "'";
  std::uint64_t sum = 0;
  for (const char c : bytes) sum = sum * 31 + static_cast<unsigned char>(c);
  for (const char c : bytes.substr(0, 40)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > ' ' && byte < 0x7F && byte != '\'' && byte != '\\';
    text += plain ? std::string(1, c) : "\\" + std::to_string(byte);
  }
  return text + "'" +
         (bytes.size() > 40 ? "+" + number(static_cast<std::int64_t>(bytes.size())) + std::to_string(sum)
                            : "") +
         " ";
}

inline std::string quoted(const std::optional<std::string>& bytes) {
  return bytes ? quoted(*bytes) : "none ";
}

template <class Value>
std::string optional_number(const std::optional<Value>& value) {
  return value ? number(static_cast<std::int64_t>(*value)) : "none ";
}

inline std::string describe(const codec::MessageProperties& p) {
  std::string text = "properties " + optional_number(p.payload_format_indicator) + quoted(p.content_type) +
                     quoted(p.response_topic) + quoted(p.correlation_data);
  for (const auto& property : p.user_properties)
    text += quoted(property.name) + "= " + quoted(property.value);
  return text;
}

inline std::string describe(const codec::Will& will) {
  return "will " + number(static_cast<int>(will.qos)) + number(will.retain) + quoted(will.topic_name) +
         quoted(will.payload) + number(will.will_delay_interval.count()) +
         (will.message_expiry_interval ? number(will.message_expiry_interval->count()) : "none ") +
         describe(will.properties);
}

inline std::string describe(const core::Message& m) {
  return "message " + number(static_cast<std::int64_t>(m.id)) + quoted(m.publisher) +
         number(static_cast<int>(m.qos)) + number(m.retain) + quoted(m.topic_name) + quoted(m.payload) +
         number(m.arrived_at.time_since_epoch().count()) +
         (m.expiry_interval ? number(m.expiry_interval->count()) : "none ") + describe(m.properties);
}

inline std::string describe(const core::SessionRecord& s) {
  return "session " + quoted(s.client_id) + number(static_cast<int>(s.version)) +
         number(s.session_expiry_interval.count()) +
         (s.disconnected_at ? number(s.disconnected_at->time_since_epoch().count()) : "none ") +
         number(s.next_packet_id) + quoted(s.user_name) + (s.will ? describe(*s.will) : "no will");
}

inline std::string describe(const core::SubscriptionRecord& s) {
  return "subscription " + quoted(s.topic_filter) + number(static_cast<int>(s.options.maximum_qos)) +
         number(s.options.no_local) + number(s.options.retain_as_published) +
         number(static_cast<int>(s.options.retain_handling)) + optional_number(s.subscription_identifier);
}

inline std::string describe(const core::OutgoingRecord& o) {
  std::string text = "outgoing " + number(static_cast<std::int64_t>(o.key)) +
                     number(static_cast<std::int64_t>(o.position)) + number(static_cast<int>(o.state)) +
                     number(o.packet_id) + number(static_cast<int>(o.qos)) + number(o.retain);
  for (const std::uint32_t identifier : o.subscription_identifiers) text += "#" + number(identifier);
  return text + quoted(o.shared_filter) + describe(*o.message);
}

}  // namespace detail

inline std::string describe(const core::Snapshot& snapshot) {
  std::string text =
      "last message " + std::to_string(static_cast<std::uint64_t>(snapshot.last_message_id)) + "\n";
  for (const core::RestoredSession& session : snapshot.sessions) {
    text += detail::describe(session.session) + "\n";
    for (const auto& subscription : session.subscriptions)
      text += "  " + detail::describe(subscription) + "\n";
    for (const auto& outgoing : session.outgoing) text += "  " + detail::describe(outgoing) + "\n";
    for (const core::PacketId packet_id : session.incoming)
      text += "  incoming " + std::to_string(packet_id) + "\n";
  }
  for (const core::MessagePtr& message : snapshot.retained)
    text += "retained " + detail::describe(*message) + "\n";
  return text;
}

}  // namespace mqttvet::storage::testing
