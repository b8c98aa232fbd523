// The messages that wait for the window, or for the client.
//
//   priority 9   o o o          sent first; in each level in order of arrival
//   priority 0   o o o o o      the only level of a simple queue
//
// The priority belongs to the topic, so that the order within a topic is kept (section 4.6), and topics of
// one priority are served in order of arrival, whatever their names.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/config.h"
#include "broker/core/record.h"
#include "broker/core/time.h"

namespace mqttvet::core {

struct OutgoingMessage {
  OutgoingRecord record;
  std::uint8_t priority = 0;  // in the queue; from the configuration, not stored
  bool charged = false;       // takes up the quota of this connection
  Monotonic sent_at{};        // last sending of PUBLISH or PUBREL; for the retry interval
  Monotonic released_at{};    // of PUBREC
};

class MessageQueue {
 public:
  using List = std::list<OutgoingMessage>;
  using Iterator = List::iterator;

  // Behind all others of its priority.
  Iterator push(OutgoingMessage message);

  // Takes it out, to the end of `destination`, without moving it in memory.
  void move_to(List& destination, Iterator message);
  void erase(Iterator message);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  bool has_qos0() const { return qos0_size_ != 0; }
  // Without the broker's own messages: an alarm of a queue must not raise alarms where it waits.
  std::size_t clients_size() const { return size_ - own_size_; }
  Iterator first();  // what is to be sent next. Requires !empty()

  // Who goes when a message with this QoS and priority arrives at a full queue; nullopt: itself. QoS 0 goes
  // before QoS 1 and 2, whatever the policy. Requires !empty().
  std::optional<Iterator> victim(QueueDropPolicy policy, QoS qos, std::uint8_t priority);

  // Every list of the queue, none of them empty; highest priority first.
  std::vector<List*> lists();
  std::vector<const List*> lists() const;

  // Lines that name what is inconsistent.
  void check(const std::string& name, std::vector<std::string>& failures) const;

  // --- For planted bugs only: planted_bugs.cpp ---
  void plant_first_to_back(std::uint64_t position);

 private:
  struct Level {
    List lasting;  // QoS 1 and 2
    List qos0;     // merged with `lasting` by position; apart, so that the oldest is found at once
  };
  Level& level_of(const OutgoingMessage& message);
  List& list_of(const OutgoingMessage& message);
  void count(const OutgoingMessage& message, int change);

  Level normal_;                                          // priority 0
  std::map<std::uint8_t, Level, std::greater<>> raised_;  // above; no level of it is empty
  std::size_t size_ = 0;
  std::size_t qos0_size_ = 0;
  std::size_t own_size_ = 0;  // published by nobody but the broker
};

}  // namespace mqttvet::core
