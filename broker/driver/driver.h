// Carries out what a broker asks for: the other half of the contract in broker/core/broker.h.
//
//   world --opened, received, wrote, closed, committed, tick, stop--> driver --Input--> Broker::step
//   world <--write, close, commit, arm, authenticate, log------------ driver <--Actions--'
//
// One call is one step, and everything the step asked for is done or queued when the call returns; a world
// that calls back from within is a bug of ours and ends the program. The driver owns
//   - the write queues, with one write at a time per connection and the durability barrier: a Send leaves
//     only when every record up to its `after` is persisted, and nothing overtakes it;
//   - close after flush: what was sent before Close leaves first, also from behind the barrier, within
//     Limits::flush;
//   - rest from reading a connection that sends faster than it may;
//   - group commit: one commit at a time; the records of all steps in the meantime go into the next one;
//   - the one deadline.
// After a commit that failed nothing behind the barrier leaves any more and no record is taken: the world has
// to end this broker and make another from what is on disk.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/core/broker.h"
#include "broker/core/seam.h"
#include "broker/core/time.h"
#include "broker/driver/connection_table.h"
#include "broker/driver/planted_bugs.h"
#include "broker/driver/world.h"
#include "broker/driver/write_queue.h"
#include "broker/mutants/mutants.h"

namespace mqttvet::driver {

struct Limits {
  // From Close to being gone, for a peer that does not read or does not end its stream.
  std::chrono::seconds flush{5};
  // What may wait for the commit in progress; beyond that reading rests. Bytes are those received in the
  // meantime: a message may make many records, but has one body.
  std::size_t gathered_records_max = 65536;
  std::size_t gathered_bytes_max = 16 * 1024 * 1024;
};

template <World W, class Broker = core::Broker>
class Driver {
 public:
  // Keeps a reference to `world`.
  Driver(W& world, Broker broker, Limits limits = {})
      : world_(world), broker_(std::move(broker)), limits_(limits) {}

  // Arms the first deadline.
  void start() {
    enter([&] {});
  }

  // --- What has happened in the world ---

  // A connection of its own id from now on; follow it up with opened().
  core::ConnectionId add(typename W::Connection handle, Gather gather = Gather::many) {
    return connections_.add(Connection(std::move(handle), gather));
  }
  void opened(core::Opened input) {
    enter([&] { step(std::move(input)); });
  }

  // The next bytes of the stream, valid during the call. What comes after our Close is nobody's concern.
  void received(core::ConnectionId id, codec::BytesView bytes) {
    const Connection* connection = connections_.find(id);
    if (connection == nullptr || (connection->closing && !MUTANT(B037_stale_conn_acts))) return;
    received_bytes_ += bytes.size();
    if (connection->writing && MUTANT(B036_fin_beats_data)) {
      planted_unread_[id].append(bytes);
      return;
    }
    enter([&] { step(core::Received{id, bytes}); });
  }

  // Of what write() was given, so many more bytes have been taken by the network.
  void wrote(core::ConnectionId id, std::size_t bytes) {
    Connection* connection = connections_.find(id);
    if (connection == nullptr) return;
    enter([&] {
      connection->writing = false;
      connection->queue.wrote(bytes);
      mark(id, *connection);
      step(core::Written{id, bytes});
      const auto unread = planted_unread_.find(id);
      if (unread == planted_unread_.end() || connection->queue.bytes() != 0) return;
      const codec::Bytes late = std::move(unread->second);
      planted_unread_.erase(unread);
      step(core::Received{id, late});
    });
  }

  // The connection is gone, whoever ended it. Exactly once per connection, and the last call about it.
  void closed(core::ConnectionId id) {
    if (connections_.find(id) == nullptr) return;
    enter([&] {
      planted_unread_.erase(id);
      step(core::Closed{id});
      connections_.erase(id);
    });
  }

  // What has come in the turn of end_turn_soon() has been reported: now it is committed.
  void turn_ended() {
    enter([&] { commit_gathered(); });
  }

  // The commit in progress has ended.
  void committed(bool ok) {
    enter([&] {
      committing_ = false;
      failed_ = failed_ || !ok;
      if (ok) persisted_ = batch_up_to_;
      if (ok && MUTANT(B081_retained_dirty_race)) {
        plant_cleared_dirty_set(batch_, gathered_);
        if (gathered_.empty()) persisted_ = std::max(persisted_, gathered_up_to_);
      }
      batch_.clear();
      step(core::Persisted{batch_up_to_, ok});
      for (const core::ConnectionId id : std::exchange(blocked_, {}))
        if (Connection* connection = connections_.find(id)) {
          connection->blocked = false;
          mark(id, *connection);
        }
    });
  }

  // The answer to authenticate(): exactly one for each, also when the connection is gone.
  void authenticated(core::Authenticated answer) {
    enter([&] { step(std::move(answer)); });
  }

  // The operator has changed who there is and who may do what, and, if it is given, the configuration.
  void reload(core::AccessLists access_lists, codec::Boxed<core::Config> config = {}) {
    enter([&] { step(core::Reload{std::move(access_lists), std::move(config)}); });
  }

  // The armed deadline has come. Too early does no harm.
  void tick() {
    enter([&] {
      const core::Now now = world_.now();
      while (!flushes_.empty() && flushes_.front().deadline <= now.monotonic) {
        if (Connection* connection = connections_.find(flushes_.front().id)) close_now(*connection);
        flushes_.pop_front();
      }
      go_on_reading(now.monotonic);
      const std::optional<core::Monotonic> due = broker_.next_deadline();
      if (due && *due <= now.monotonic) step(core::Tick{});
      armed_.reset();  // it has fired: settle() arms anew, even for the same time
    });
  }

  // From now on clients are sent to another server; or, none, served again.
  void redirect(core::RedirectClients input) {
    enter([&] { step(std::move(input)); });
  }

  // The broker says good-bye to everyone; drained() tells when it is done.
  void stop() {
    enter([&] { step(core::Stop{}); });
  }

  // --- What it holds ---

  // No connection, no write, no commit, nothing gathered: the process may end.
  bool drained() const { return connections_.size() == 0 && !committing_ && (gathered_.empty() || failed_); }
  bool failed() const { return failed_; }
  std::size_t connection_count() const { return connections_.size(); }
  std::size_t queued_bytes(core::ConnectionId id) {
    const Connection* connection = connections_.find(id);
    return connection == nullptr ? 0 : connection->queue.bytes();
  }
  Broker& broker() { return broker_; }
  const Broker& broker() const { return broker_; }

 private:
  struct Connection {
    Connection(typename W::Connection of, Gather gather) : handle(std::move(of)), queue(gather) {}
    typename W::Connection handle;
    WriteQueue queue;
    std::optional<CloseHow> closed_how;            // what the world was told
    std::optional<core::Monotonic> resting_until;  // not read before; of the newest of its rests_
    bool closing = false;                          // the broker said Close
    bool writing = false;                          // the world is at it
    bool dirty = false;                            // in dirty_
    bool blocked = false;                          // in blocked_
  };
  struct Flush {
    core::Monotonic deadline;
    core::ConnectionId id;
  };
  using Rest = std::pair<core::Monotonic, core::ConnectionId>;

  template <class Body>
  void enter(Body body) {
    if (busy_) {
      std::fputs("mqttvet: the world called its driver from within a call of the driver\n", stderr);
      std::abort();
    }
    busy_ = true;
    body();
    settle();
    busy_ = false;
  }

  void step(core::Input input) {
    broker_.step(input, world_.now(), actions_);
    for (core::Action& action : actions_) std::visit([&](auto& one) { carry_out(one); }, action);
    actions_.clear();
  }

  // --- Actions ---

  void carry_out(core::Send& send) {
    Connection* connection = connections_.find(send.connection);
    if (connection == nullptr || connection->closing) return;
    const core::ConnectionId id = send.connection;
    connection->queue.push(std::move(send));
    mark(id, *connection);
  }

  void carry_out(core::Close& close) {
    Connection* connection = connections_.find(close.connection);
    if (connection == nullptr) return;
    if (close.how == core::Close::How::at_once) {
      connection->closing = true;
      close_now(*connection);
    } else if (!connection->closing) {
      connection->closing = true;
      flushes_.push_back({world_.now().monotonic + limits_.flush, close.connection});
      mark(close.connection, *connection);
    }
  }

  // One rest per connection waits in rests_; when it is over, the newest word of the broker counts.
  void carry_out(core::Throttle& throttle) {
    Connection* connection = connections_.find(throttle.connection);
    if (connection == nullptr || connection->closing) return;
    if (!connection->resting_until) {
      world_.hold_reads(connection->handle, true);
      rests_.emplace(throttle.until, throttle.connection);
    }
    connection->resting_until = throttle.until;
  }

  void carry_out(core::Persist& persist) {
    if (failed_) return;
    gathered_.push_back(std::move(persist.record));
    gathered_up_to_ = persist.sequence;
  }

  void carry_out(core::Authenticate& question) { world_.authenticate(std::move(question)); }

  // The cluster's place: a broker that is alone has no peer to send to.
  void carry_out(core::SendPeer&) {}

  void carry_out(core::Log& log) { world_.log(log); }

  // --- After the actions ---

  void settle() {
    for (std::size_t i = 0; i < dirty_.size(); ++i)
      if (Connection* connection = connections_.find(dirty_[i])) {
        connection->dirty = false;
        flush(dirty_[i], *connection);
      }
    dirty_.clear();
    commit();
    hold_reads();
    arm();
  }

  void go_on_reading(core::Monotonic now) {
    while (!rests_.empty() && rests_.begin()->first <= now) {
      const core::ConnectionId id = rests_.begin()->second;
      rests_.erase(rests_.begin());
      Connection* connection = connections_.find(id);
      if (connection == nullptr || connection->closed_how) continue;
      if (*connection->resting_until > now) {
        rests_.emplace(*connection->resting_until, id);
      } else {
        connection->resting_until.reset();
        world_.hold_reads(connection->handle, false);
      }
    }
  }

  // Writes what may leave; closes when all has left.
  void flush(core::ConnectionId id, Connection& connection) {
    if (connection.closed_how || connection.writing) return;
    connection.queue.next(persisted_, views_);
    if (!views_.empty()) {
      connection.writing = true;
      world_.write(connection.handle, std::span<const codec::BytesView>(views_));
    } else if (connection.queue.waiting() && !failed_) {
      if (!connection.blocked) blocked_.push_back(id);
      connection.blocked = true;
    } else if (connection.closing) {
      connection.queue.drop_waiting();
      connection.closed_how = CloseHow::gracefully;
      world_.close(connection.handle, CloseHow::gracefully);
    }
  }

  void close_now(Connection& connection) {
    if (connection.closed_how == CloseHow::at_once) return;
    connection.queue.drop_waiting();
    connection.closed_how = CloseHow::at_once;
    world_.close(connection.handle, CloseHow::at_once);
  }

  void commit() {
    if (committing_ || gathered_.empty() || failed_) return;
    committing_ = true;
    if constexpr (TakesTurns<W>)
      world_.end_turn_soon();
    else
      commit_gathered();
  }

  void commit_gathered() {
    batch_.swap(gathered_);
    batch_up_to_ = gathered_up_to_;
    if (batch_.size() > 1 && MUTANT(B125_snapshot_not_atomic)) plant_half_a_batch();
    received_bytes_ = 0;
    world_.commit(std::span<const core::Record>(batch_));
  }

  // Of planted bug B125: the records of one step are not committed together.
  void plant_half_a_batch() {
    const std::size_t kept = batch_.size() / 2;
    gathered_.assign(std::make_move_iterator(batch_.begin() + static_cast<std::ptrdiff_t>(kept)),
                     std::make_move_iterator(batch_.end()));
    batch_.resize(kept);
    batch_up_to_ = core::RecordSequence{static_cast<std::uint64_t>(gathered_up_to_) - gathered_.size()};
  }

  void hold_reads() {
    const bool behind = committing_ && (gathered_.size() > limits_.gathered_records_max ||
                                        received_bytes_ > limits_.gathered_bytes_max);
    if (behind == holding_) return;
    holding_ = behind;
    world_.hold_reads(behind);
  }

  void arm() {
    while (!flushes_.empty() && connections_.find(flushes_.front().id) == nullptr) flushes_.pop_front();
    std::optional<core::Monotonic> next = broker_.next_deadline();
    if (!flushes_.empty()) next = std::min(next.value_or(core::Monotonic::max()), flushes_.front().deadline);
    if (!rests_.empty()) next = std::min(next.value_or(core::Monotonic::max()), rests_.begin()->first);
    if (next == armed_) return;
    armed_ = next;
    world_.arm(next);
  }

  void mark(core::ConnectionId id, Connection& connection) {
    if (std::exchange(connection.dirty, true)) return;
    dirty_.push_back(id);
  }

  W& world_;
  Broker broker_;
  Limits limits_;
  ConnectionTable<Connection> connections_;
  core::Actions actions_;                    // of the step in progress; kept for its memory
  std::vector<codec::BytesView> views_;      // of the write that is begun; kept for its memory
  std::vector<core::ConnectionId> dirty_;    // have something new to write, or may have
  std::vector<core::ConnectionId> blocked_;  // wait for a commit, in the order they came to wait
  std::deque<Flush> flushes_;                // closing connections, by deadline
  std::set<Rest> rests_;                     // of connections that are not read, by their ends
  std::vector<core::Record> gathered_;       // of the next commit
  std::vector<core::Record> batch_;          // of the commit in progress
  core::RecordSequence gathered_up_to_{};
  core::RecordSequence batch_up_to_{};
  core::RecordSequence persisted_{};
  std::size_t received_bytes_ = 0;                             // since the commit in progress began
  std::map<core::ConnectionId, codec::Bytes> planted_unread_;  // bug B036; empty while it is off
  std::optional<core::Monotonic> armed_;
  bool committing_ = false;
  bool failed_ = false;
  bool holding_ = false;
  bool busy_ = false;
};

}  // namespace mqttvet::driver
