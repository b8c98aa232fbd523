#include "broker/storage/reader.h"

#include <fmt/format.h>

#include <unordered_map>

#include "broker/storage/rows.h"

namespace mqttvet::storage {
namespace {

class Reader {
 public:
  Reader(Database& database, core::Now now) : database_(database), now_(now) {}

  core::Snapshot read() {
    read_messages();
    read_sessions();
    read_subscriptions();
    read_outgoing_messages();
    read_incoming_packet_ids();
    read_retained_messages();
    check_references();
    return std::move(snapshot_);
  }

 private:
  struct StoredMessage {
    core::MessagePtr message;
    bool referenced = false;
  };

  void read_messages() {
    Statement counter(database_, "SELECT value FROM counter WHERE name = 'last_message'");
    if (!counter.next()) database_.fail("is damaged: the counter last_message is missing");
    const std::int64_t last = counter.read_integer(0);
    snapshot_.last_message_id = static_cast<core::MessageId>(last);
    Statement rows(database_, "SELECT * FROM message ORDER BY message");
    while (rows.next()) {
      auto message = std::make_shared<const core::Message>(read_message(rows, now_));
      const auto id = static_cast<std::int64_t>(message->id);
      if (id > last)
        database_.fail(fmt::format("is damaged: message {} is beyond the last one, {}", id, last));
      messages_[id].message = std::move(message);
    }
  }

  void read_sessions() {
    Statement rows(database_, "SELECT * FROM session ORDER BY client_id");
    while (rows.next()) {
      const std::int64_t session = rows.read_integer();
      std::string client_id = rows.read_text();
      sessions_.emplace(session, snapshot_.sessions.size());
      snapshot_.sessions.emplace_back().session = read_session(rows, std::move(client_id));
    }
  }

  void read_subscriptions() {
    Statement rows(database_, "SELECT * FROM subscription ORDER BY session, topic_filter");
    while (rows.next()) {
      core::RestoredSession& session = read_owner(rows);
      session.subscriptions.push_back(read_subscription(rows));
    }
  }

  void read_outgoing_messages() {
    Statement rows(database_, "SELECT * FROM outgoing ORDER BY session, position, key");
    while (rows.next()) {
      core::RestoredSession& session = read_owner(rows);
      core::OutgoingRecord outgoing = read_outgoing(rows);
      outgoing.message = read_reference(rows);
      session.outgoing.push_back(std::move(outgoing));
    }
  }

  void read_incoming_packet_ids() {
    Statement rows(database_, "SELECT * FROM incoming ORDER BY session, packet_id");
    while (rows.next()) {
      core::RestoredSession& session = read_owner(rows);
      session.incoming.push_back(static_cast<core::PacketId>(rows.read_integer(0, 0xFFFF)));
    }
  }

  void read_retained_messages() {
    Statement rows(database_, "SELECT * FROM retained ORDER BY topic_name");
    while (rows.next()) {
      const std::string topic_name = rows.read_text();
      core::MessagePtr message = read_reference(rows);
      if (message->topic_name != topic_name) {
        rows.fail_column(
            fmt::format("is a message of topic '{}', expected '{}'", message->topic_name, topic_name));
      }
      snapshot_.retained.push_back(std::move(message));
    }
  }

  void check_references() {
    Statement rows(database_, "SELECT message FROM message ORDER BY message");
    while (rows.next()) {
      const std::int64_t id = rows.read_integer();
      if (!messages_[id].referenced)
        database_.fail(fmt::format("is damaged: nothing refers to message {}", id));
    }
  }

  core::RestoredSession& read_owner(Statement& rows) {
    const std::int64_t session = rows.read_integer();
    const auto found = sessions_.find(session);
    if (found == sessions_.end())
      rows.fail_column(fmt::format("is {}, a session that is not there", session));
    return snapshot_.sessions[found->second];
  }

  core::MessagePtr read_reference(Statement& rows) {
    const std::int64_t id = rows.read_integer();
    const auto found = messages_.find(id);
    if (found == messages_.end()) rows.fail_column(fmt::format("is {}, a message that is not there", id));
    found->second.referenced = true;
    return found->second.message;
  }

  Database& database_;
  core::Now now_;
  core::Snapshot snapshot_;
  std::unordered_map<std::int64_t, StoredMessage> messages_;
  std::unordered_map<std::int64_t, std::size_t> sessions_;  // place in snapshot_.sessions
};

}  // namespace

core::Snapshot read_snapshot(Database& database, core::Now now) {
  return Reader(database, now).read();
}

}  // namespace mqttvet::storage
