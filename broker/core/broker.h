// The broker as a value.
//
// A Broker owns the sessions of a set of client ids, their connections, the subscriptions and the retained
// messages, for MQTT 3.1, 3.1.1 and 5.0. One call of step() takes one thing that happened, with the time it
// happened at, and returns everything that is to be done about it, complete and in order. It never blocks,
// reads a clock, draws a random number, starts a thread or calls back; the same inputs give the same actions,
// on any machine.
//
// The caller's part of the contract (broker/driver does it):
//   - carry out the actions of a step, in order, before the next step;
//   - give every record of Persist to the store, in order, and report Persisted;
//   - hold a Send (and what follows it on its connection) back until its `after` is Persisted;
//   - step Tick when next_deadline() has come; report Written and exactly one Closed per connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/config.h"
#include "broker/core/record.h"
#include "broker/core/seam.h"
#include "broker/core/time.h"

namespace mqttvet::core {

// What a broker holds at one moment. Back at the base line when every session has ended.
struct Resources {
  std::size_t connections = 0;
  std::size_t sessions = 0;
  std::size_t subscriptions = 0;
  std::size_t shared_groups = 0;
  std::size_t filter_nodes = 0;       // of the subscription tree
  std::size_t queued_messages = 0;    // waiting for the window or for the client
  std::size_t inflight_messages = 0;  // sent or released
  std::size_t incoming_packet_ids = 0;
  std::size_t retained_messages = 0;
  std::size_t queue_alarms = 0;
  std::size_t timers = 0;
  std::size_t wills = 0;
  std::size_t authentications = 0;  // asked for and not answered
  std::size_t receive_buffer_bytes = 0;
};

// Everything counted since the Broker was made; only grows.
struct Counters {
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_publish = 0;
  std::uint64_t delivered_publish = 0;  // first sends
  std::uint64_t resent_publish = 0;
  std::uint64_t dropped_queue_full = 0;
  std::uint64_t dropped_qos0_offline = 0;
  std::uint64_t dropped_qos0_congested = 0;  // the client reads more slowly than it is sent to
  std::uint64_t dropped_expired = 0;
  std::uint64_t dropped_too_large = 0;
  std::uint64_t dropped_not_authorized = 0;  // the access control list forbids to publish or to receive it
  std::uint64_t not_retained_full = 0;       // delivered, but not kept: retained_messages_max
  std::uint64_t not_retained_too_large = 0;  // retained_payload_bytes_max
  std::uint64_t sessions_expired = 0;
  std::uint64_t takeovers = 0;
  std::uint64_t shared_handed_over = 0;  // messages of a lost member that went to another one
  std::uint64_t wills_published = 0;
};

class Broker {
 public:
  // seed: of the generated client ids. restored: what storage read back; its sessions are offline from `now`
  // on, with the rest of their expiry intervals to live.
  Broker(Config config, std::uint64_t seed, Snapshot restored, Now now);
  ~Broker();
  Broker(Broker&&) noexcept;
  Broker& operator=(Broker&&) noexcept;

  // Takes one input and appends what is to be done to `actions`. `now` must not be earlier than in the last
  // call (monotonic part). Every byte of Received is consumed. Never throws; a broken invariant of our own
  // ends the program.
  void step(const Input& input, Now now, Actions& actions);

  // When the next Tick is wanted: the earliest of all timers. Absent: nothing is waited for.
  std::optional<Monotonic> next_deadline() const;

  // Recomputes every derived value from the data it is derived from. Empty: all is well. Each line names what
  // differs.
  std::vector<std::string> check_invariants() const;

  Resources resources() const;
  const Counters& counters() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace mqttvet::core
