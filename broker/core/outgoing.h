// The messages on their way to one client: the queue, the window of unfinished exchanges, and the packet
// identifiers.
//
//   add --> queued --mark_sent--> sent --mark_released--> released --erase--> gone
//             |                    |        (QoS 2: PUBREC)        (PUBCOMP)
//             +--erase: dropped    +--erase: PUBACK, or PUBREC with a failure
//
// `queued` is in order of arrival, `sent` in order of first sending, `released` in order of PUBREC.
// `position` grows with every change of state, so that sorting each state by it gives these orders back after
// a restart.
//
// The send quota of section 4.9 is the window less the exchanges that are open on this connection. An
// exchange of an earlier connection is charged when it is resent; one that is released is charged from the
// start, so that unfinished exchanges never outnumber the window through new messages.
//
// A plain data structure: it sends and persists nothing. Packet ids and orders belong to the session; the
// quota, the window and what was resent belong to the connection and start anew with open_window().
#pragma once

#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/core/message_queue.h"
#include "broker/core/record.h"
#include "broker/core/time.h"

namespace mqttvet::core {

class Outgoing {
 public:
  using List = std::list<OutgoingMessage>;
  using Iterator = List::iterator;

  // Ids are given from `first` on, and wrap from `last` to 1.
  Outgoing(PacketId first, PacketId last);

  // --- Queue ---
  Iterator add(OutgoingRecord record, std::uint8_t priority);  // queued; gives it key and position
  void restore(OutgoingRecord record, std::uint8_t priority);  // as it was stored; call in order of position
  bool has_queued() const { return !queue_.empty(); }
  std::size_t queued_count() const { return queue_.size(); }
  bool has_queued_qos0() const { return queue_.has_qos0(); }
  MessageQueue& queue() { return queue_; }
  const MessageQueue& queue() const { return queue_; }

  // --- Window ---
  // A connection begins: `window` exchanges may be unfinished on it. resend_all: those of earlier connections
  // are resent whatever the window is.
  void open_window(std::size_t window, bool resend_all);
  void close_window();       // the connection has ended
  bool window_open() const;  // a message from the queue may be sent
  std::optional<Iterator>
  next_to_resend();  // unfinished from an earlier connection, not resent yet, and allowed now
  void mark_resent(Iterator message, Monotonic now);
  std::size_t unfinished_count() const { return sent_.size() + released_.size(); }
  List& sent() { return sent_; }
  List& released() { return released_; }

  // --- Packet identifiers ---
  std::optional<Iterator> find(PacketId packet_id);  // sent or released
  PacketId next_packet_id() const { return next_packet_id_; }
  void set_next_packet_id(PacketId next) { next_packet_id_ = next; }
  PacketId free_packet_id() const;  // the next that is not in use; 0 if all are

  // --- Changes of state ---
  void mark_sent(Iterator queued, PacketId packet_id, Monotonic now);
  void mark_released(Iterator sent, Monotonic now);
  void erase(Iterator message);  // from whichever state; gives its id and its quota back

  // Lines that name what is inconsistent.
  void check(const std::string& client_id, std::vector<std::string>& failures) const;

  // --- For planted bugs only: planted_bugs.cpp ---
  void skew_send_quota(int by) { send_quota_ += by; }
  void plant_first_to_back();
  void plant_new_packet_id(Iterator sent);
  void plant_restart_of_packet_ids();
  void plant_hash_order();
  void plant_reverse_order();
  std::vector<PacketId> plant_skip_resend();

 private:
  PacketId after(PacketId packet_id) const;
  void forget(Iterator message);
  void renumber(List& list);

  MessageQueue queue_;
  List sent_;
  List released_;
  Iterator resend_ =
      sent_.end();  // the first of sent_ that isn't charged to this connection; those behind aren't either
  std::unordered_map<PacketId, Iterator> by_packet_id_;  // never iterated
  PacketId next_packet_id_;
  PacketId last_packet_id_;
  std::uint64_t next_key_ = 1;
  std::uint64_t next_position_ = 1;

  bool connected_ = false;
  bool resend_all_ = false;
  std::int64_t window_ = 0;
  std::int64_t send_quota_ = 0;
  bool packet_ids_restarted_ = false;  // planted bug
  PacketId freed_before_ = 0;          // planted bug
};

}  // namespace mqttvet::core
