// Storage in memory, for tests: applies records as broker/storage does, and reads them back.
#pragma once

#include <map>
#include <set>
#include <string>
#include <variant>

#include "broker/core/record.h"

namespace mqttvet::core::testing {

class Store {
 public:
  void apply(const Record& record) {
    std::visit([this](const auto& alternative) { take(alternative); }, record);
  }

  Snapshot load() const {
    Snapshot snapshot;
    std::uint64_t last = last_message_id_;
    for (const auto& [client_id, rows] : sessions_) {
      RestoredSession session;
      session.session = rows.session;
      for (const auto& [filter, subscription] : rows.subscriptions)
        session.subscriptions.push_back(subscription);
      std::map<std::uint64_t, OutgoingRecord> by_position;
      for (const auto& [key, outgoing] : rows.outgoing) by_position.emplace(outgoing.position, outgoing);
      for (const auto& [position, outgoing] : by_position) session.outgoing.push_back(outgoing);
      session.incoming.assign(rows.incoming.begin(), rows.incoming.end());
      snapshot.sessions.push_back(session);
    }
    for (const auto& [topic, message] : retained_) snapshot.retained.push_back(message);
    snapshot.last_message_id = MessageId{last};
    return snapshot;
  }

  bool has_session(const std::string& client_id) const { return sessions_.contains(client_id); }
  const std::string& broken() const { return broken_; }  // a record that names what isn't there; empty: none

 private:
  struct Rows {
    SessionRecord session;
    std::map<std::string, SubscriptionRecord> subscriptions;
    std::map<std::uint64_t, OutgoingRecord> outgoing;
    std::set<PacketId> incoming;
  };

  Rows& rows_of(const std::string& client_id, const char* what) {
    if (!sessions_.contains(client_id)) broken_ = std::string(what) + " without a session: " + client_id;
    return sessions_[client_id];
  }
  void saw(const MessagePtr& message) {
    last_message_id_ = std::max(last_message_id_, static_cast<std::uint64_t>(message->id));
  }

  void take(const PutSession& put) { sessions_[put.session.client_id].session = put.session; }
  void take(const DeleteSession& gone) {
    if (sessions_.erase(gone.client_id) == 0) broken_ = "DeleteSession of an unknown one: " + gone.client_id;
  }
  void take(const PutSubscription& put) {
    rows_of(put.client_id, "PutSubscription").subscriptions[put.subscription.topic_filter] = put.subscription;
  }
  void take(const DeleteSubscription& gone) {
    rows_of(gone.client_id, "DeleteSubscription").subscriptions.erase(gone.topic_filter);
  }
  void take(const PutOutgoing& put) {
    saw(put.outgoing.message);
    rows_of(put.client_id, "PutOutgoing").outgoing[put.outgoing.key] = put.outgoing;
  }
  void take(const UpdateOutgoing& update) {
    Rows& rows = rows_of(update.client_id, "UpdateOutgoing");
    const auto found = rows.outgoing.find(update.key);
    if (found == rows.outgoing.end()) {
      broken_ = "UpdateOutgoing of an unknown key: " + update.client_id;
      return;
    }
    found->second.position = update.position;
    found->second.state = update.state;
    found->second.packet_id = update.packet_id;
    rows.session.next_packet_id = update.next_packet_id;
  }
  void take(const DeleteOutgoing& gone) {
    if (rows_of(gone.client_id, "DeleteOutgoing").outgoing.erase(gone.key) == 0) {
      broken_ = "DeleteOutgoing of an unknown key: " + gone.client_id;
    }
  }
  void take(const PutIncoming& put) { rows_of(put.client_id, "PutIncoming").incoming.insert(put.packet_id); }
  void take(const DeleteIncoming& gone) {
    rows_of(gone.client_id, "DeleteIncoming").incoming.erase(gone.packet_id);
  }
  void take(const PutRetained& put) {
    saw(put.message);
    retained_[put.message->topic_name] = put.message;
  }
  void take(const DeleteRetained& gone) { retained_.erase(gone.topic_name); }

  std::map<std::string, Rows> sessions_;
  std::map<std::string, MessagePtr> retained_;
  std::uint64_t last_message_id_ = 0;
  std::string broken_;
};

}  // namespace mqttvet::core::testing
