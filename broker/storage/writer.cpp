#include "broker/storage/writer.h"

#include <fmt/format.h>

#include "broker/mutants/mutants.h"
#include "broker/storage/rows.h"

namespace mqttvet::storage {

Writer::Writer(Database& database)
    : database_(database),
      put_session_(database, "INSERT OR REPLACE INTO session VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      delete_session_(database, "DELETE FROM session WHERE session = ?"),
      put_next_packet_id_(database, "UPDATE session SET next_packet_id = ? WHERE session = ?"),
      put_subscription_(database, "INSERT OR REPLACE INTO subscription VALUES (?,?,?,?,?,?,?)"),
      delete_subscription_(database, "DELETE FROM subscription WHERE session = ? AND topic_filter = ?"),
      delete_subscriptions_(database, "DELETE FROM subscription WHERE session = ?"),
      put_outgoing_(database, "INSERT INTO outgoing VALUES (?,?,?,?,?,?,?,?,?,?)"),
      update_outgoing_(
          database,
          "UPDATE outgoing SET position = ?, state = ?, packet_id = ? WHERE session = ? AND key = ?"),
      delete_outgoing_(database, "DELETE FROM outgoing WHERE session = ? AND key = ?"),
      delete_outgoings_(database, "DELETE FROM outgoing WHERE session = ? RETURNING message"),
      put_incoming_(database, "INSERT OR REPLACE INTO incoming VALUES (?,?)"),
      delete_incoming_(database, "DELETE FROM incoming WHERE session = ? AND packet_id = ?"),
      delete_incomings_(database, "DELETE FROM incoming WHERE session = ?"),
      put_retained_(database, "INSERT INTO retained VALUES (?,?)"),
      delete_retained_(database, "DELETE FROM retained WHERE topic_name = ? RETURNING message"),
      put_message_(database, "INSERT INTO message VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      delete_message_(database, "DELETE FROM message WHERE message = ?"),
      put_last_message_(database, "UPDATE counter SET value = ? WHERE name = 'last_message'") {
  Statement sessions(database, "SELECT session, client_id, next_packet_id FROM session");
  while (sessions.next()) {
    const std::int64_t row = sessions.read_integer();
    std::string client_id = sessions.read_text();
    const auto next_packet_id = static_cast<core::PacketId>(sessions.read_integer(0, 0xFFFF));
    sessions_[std::move(client_id)] = {row, next_packet_id, next_packet_id};
    last_session_ = std::max(last_session_, row);
  }
  Statement last_message(database, "SELECT value FROM counter WHERE name = 'last_message'");
  if (!last_message.next()) database.fail("is damaged: the counter last_message is missing");
  last_message_ = stored_last_message_ = last_message.read_integer(0);
  references_ = count_references();
}

void Writer::write(const core::Record& record, core::Now now) {
  now_ = now;
  std::visit([this](const auto& r) { apply(r); }, record);
}

void Writer::finish_batch() {
  for (Session* session : moved_) {
    if (session->next_packet_id == session->stored_next_packet_id) continue;
    put_next_packet_id_.integer(session->next_packet_id).integer(session->row).run();
    session->stored_next_packet_id = session->next_packet_id;
  }
  moved_.clear();
  if (last_message_ == stored_last_message_) return;
  put_last_message_.integer(last_message_).run();
  stored_last_message_ = last_message_;
}

// --- Sessions ----------------------------------------------------------------------------------------------

void Writer::apply(const core::PutSession& record) {
  const core::SessionRecord& session = record.session;
  const auto [place, is_new] = sessions_.try_emplace(session.client_id);
  if (is_new) place->second.row = ++last_session_;
  place->second.next_packet_id = place->second.stored_next_packet_id = session.next_packet_id;
  put_session_.integer(place->second.row).text(session.client_id);
  bind_session(database_, put_session_, session, scratch_);
  put_session_.run();
}

void Writer::apply(const core::DeleteSession& record) {
  const auto found = sessions_.find(record.client_id);
  if (found == sessions_.end()) return;
  const std::int64_t row = found->second.row;
  delete_and_release(delete_outgoings_.integer(row));
  delete_incomings_.integer(row).run();
  delete_subscriptions_.integer(row).run();
  delete_session_.integer(row).run();
  std::erase(moved_, &found->second);
  sessions_.erase(found);
}

Writer::Session* Writer::find_session(const std::string& client_id) {
  const auto found = sessions_.find(client_id);
  return found != sessions_.end() ? &found->second : nullptr;
}

Writer::Session& Writer::existing_session(const std::string& client_id) {
  Session* session = find_session(client_id);
  if (session == nullptr)
    database_.fail(fmt::format("was given a record of session '{}', which does not exist", client_id));
  return *session;
}

void Writer::note_next_packet_id(Session& session, core::PacketId next_packet_id) {
  if (session.next_packet_id == session.stored_next_packet_id) moved_.push_back(&session);
  session.next_packet_id = next_packet_id;
}

// --- What belongs to a session -----------------------------------------------------------------------------

void Writer::apply(const core::PutSubscription& record) {
  put_subscription_.integer(existing_session(record.client_id).row);
  bind_subscription(put_subscription_, record.subscription);
  put_subscription_.run();
}

void Writer::apply(const core::DeleteSubscription& record) {
  const Session* session = find_session(record.client_id);
  if (session != nullptr) delete_subscription_.integer(session->row).text(record.topic_filter).run();
}

void Writer::apply(const core::PutOutgoing& record) {
  const Session& session = existing_session(record.client_id);
  const std::int64_t message = refer_to(record.outgoing.message);
  put_outgoing_.integer(session.row);
  bind_outgoing(database_, put_outgoing_, record.outgoing, scratch_);
  put_outgoing_.integer(message).run();
}

void Writer::apply(const core::UpdateOutgoing& record) {
  Session& session = existing_session(record.client_id);
  update_outgoing_.integer(to_column(database_, record.position, "position"))
      .integer(static_cast<std::int64_t>(record.state))
      .integer(record.packet_id)
      .integer(session.row)
      .integer(to_column(database_, record.key, "key"))
      .run();
  if (sqlite3_changes64(database_.handle()) == 0) {
    database_.fail(
        fmt::format("was given an update of outgoing message {} of session '{}', which does not exist",
                    record.key, record.client_id));
  }
  note_next_packet_id(session, record.next_packet_id);
}

void Writer::apply(const core::DeleteOutgoing& record) {
  const Session* session = find_session(record.client_id);
  if (session == nullptr) return;
  delete_outgoing_.integer(session->row).integer(to_column(database_, record.key, "key")).run();
  if (sqlite3_changes64(database_.handle()) != 0)
    release(to_column(database_, static_cast<std::uint64_t>(record.message), "message id"));
}

void Writer::apply(const core::PutIncoming& record) {
  put_incoming_.integer(existing_session(record.client_id).row).integer(record.packet_id).run();
}

void Writer::apply(const core::DeleteIncoming& record) {
  const Session* session = find_session(record.client_id);
  if (session != nullptr) delete_incoming_.integer(session->row).integer(record.packet_id).run();
}

// --- Retained messages -------------------------------------------------------------------------------------

void Writer::apply(const core::PutRetained& record) {
  const std::int64_t message = refer_to(record.message);  // first: it may be the one that is there already
  delete_and_release(delete_retained_.text(record.message->topic_name));
  put_retained_.text(record.message->topic_name).integer(message).run();
}

void Writer::apply(const core::DeleteRetained& record) {
  delete_and_release(delete_retained_.text(record.topic_name));
}

// --- Messages ----------------------------------------------------------------------------------------------

std::int64_t Writer::refer_to(const core::MessagePtr& message) {
  if (message == nullptr) database_.fail("was given a record without its message");
  const std::int64_t id = to_column(database_, static_cast<std::uint64_t>(message->id), "message id");
  if (++references_[id] == 1) {
    bind_message(database_, put_message_, *message, now_, message_scratch_);
    put_message_.run();
    last_message_ = std::max(last_message_, id);
  }
  return id;
}

void Writer::release(std::int64_t message) {
  const auto found = references_.find(message);
  if (found == references_.end()) return;
  if (--found->second > 0 && !MUTANT(B122_dangling_ref)) return;
  delete_message_.integer(message).run();
  references_.erase(found);
}

void Writer::delete_and_release(Statement& bound) {
  released_.clear();
  while (bound.next()) released_.push_back(bound.read_integer());
  for (const std::int64_t message : released_) release(message);
}

Writer::References Writer::count_references() {
  References counted;
  Statement rows(database_, "SELECT message FROM outgoing UNION ALL SELECT message FROM retained");
  while (rows.next()) ++counted[rows.read_integer()];
  return counted;
}

// --- Invariants --------------------------------------------------------------------------------------------

std::vector<std::string> Writer::check_invariants() {
  std::vector<std::string> problems;
  const References counted = count_references();
  std::size_t message_count = 0;
  Statement messages(database_, "SELECT message FROM message ORDER BY message");
  while (messages.next()) {
    const std::int64_t id = messages.read_integer();
    ++message_count;
    const auto in_memory = references_.find(id);
    const auto in_rows = counted.find(id);
    const std::int64_t expected = in_rows != counted.end() ? in_rows->second : 0;
    const std::int64_t held = in_memory != references_.end() ? in_memory->second : 0;
    if (expected == 0) problems.push_back(fmt::format("message {}: no row refers to it", id));
    if (expected != held) {
      problems.push_back(fmt::format("message {}: {} rows refer to it, counted {}", id, expected, held));
    }
  }
  if (counted.size() != message_count || references_.size() != message_count) {
    problems.push_back(fmt::format("messages: {} stored, {} referred to, {} counted", message_count,
                                   counted.size(), references_.size()));
  }
  for (const char* table : {"subscription", "outgoing", "incoming"}) {
    Statement orphans(
        database_,
        fmt::format("SELECT count(*) FROM {} WHERE session NOT IN (SELECT session FROM session)", table));
    orphans.next();
    const std::int64_t count = orphans.read_integer();
    if (count != 0) problems.push_back(fmt::format("{}: {} rows without their session", table, count));
  }
  return problems;
}

}  // namespace mqttvet::storage
