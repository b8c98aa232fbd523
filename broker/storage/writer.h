// Turns records into rows. Holds the prepared statements, and in memory what would otherwise have to be asked
// for with every record: the sessions' row ids and how many rows refer to each message.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/core/record.h"
#include "broker/storage/sqlite.h"

namespace mqttvet::storage {

class Writer {
 public:
  // Reads sessions, references and counters from the database. Throws Failure.
  explicit Writer(Database& database);

  // Applies one record; `now` dates the messages it stores. Throws Failure; what is in memory is then of no
  // more use.
  void write(const core::Record& record, core::Now now);
  // The end of a batch: brings the counters up to date.
  void finish_batch();

  // Compares the memory with the rows; one line for each difference.
  std::vector<std::string> check_invariants();

 private:
  struct Session {
    std::int64_t row = 0;
    core::PacketId next_packet_id = 1;
    core::PacketId stored_next_packet_id = 1;
  };
  using References = std::unordered_map<std::int64_t, std::int64_t>;  // message -> rows that refer to it

  void apply(const core::PutSession& record);
  void apply(const core::DeleteSession& record);
  void apply(const core::PutSubscription& record);
  void apply(const core::DeleteSubscription& record);
  void apply(const core::PutOutgoing& record);
  void apply(const core::UpdateOutgoing& record);
  void apply(const core::DeleteOutgoing& record);
  void apply(const core::PutIncoming& record);
  void apply(const core::DeleteIncoming& record);
  void apply(const core::PutRetained& record);
  void apply(const core::DeleteRetained& record);

  Session& existing_session(const std::string& client_id);
  Session* find_session(const std::string& client_id);
  // In the table with the end of the batch: it changes with every message, and its last value counts.
  void note_next_packet_id(Session& session, core::PacketId next_packet_id);
  // Stores the message with its first reference; gives its row.
  std::int64_t refer_to(const core::MessagePtr& message);
  // Deletes the message with its last reference.
  void release(std::int64_t message);
  // Runs a DELETE ... RETURNING message, which is slow, and releases what it returned.
  void delete_and_release(Statement& bound);
  References count_references();

  Database& database_;
  core::Now now_{};
  std::string scratch_;  // encoded bytes, alive while a statement runs
  std::string message_scratch_;
  std::vector<std::int64_t> released_;
  std::unordered_map<std::string, Session> sessions_;
  std::vector<Session*> moved_;  // sessions whose next_packet_id may differ from the stored one
  std::int64_t last_session_ = 0;
  References references_;
  std::int64_t last_message_ = 0;         // the greatest seen
  std::int64_t stored_last_message_ = 0;  // the same, in the table

  Statement put_session_, delete_session_, put_next_packet_id_;
  Statement put_subscription_, delete_subscription_, delete_subscriptions_;
  Statement put_outgoing_, update_outgoing_, delete_outgoing_, delete_outgoings_;
  Statement put_incoming_, delete_incoming_, delete_incomings_;
  Statement put_retained_, delete_retained_;
  Statement put_message_, delete_message_, put_last_message_;
};

}  // namespace mqttvet::storage
