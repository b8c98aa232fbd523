// Everything the broker waits for, in one ordered queue of (time, sequence).
//
// A Timer lives inside what it belongs to (a connection, a session, the retained messages) and is armed or
// not. Timers that are due at one instant fire in the order in which they were armed. There is none per
// message.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "broker/core/time.h"

namespace mqttvet::core {

struct Connection;
struct Session;

struct Timer {
  enum class Purpose : std::uint8_t {
    connection,  // connect timeout, then keep-alive
    retry,       // resending on a live 3.1.1 connection
    session,     // the will's delay, then the end of the session
    retained,    // expiry of retained messages
    await_rel,   // a PUBREL or PUBCOMP that the client owes
    sys,         // the next figures on $SYS
  };
  Purpose purpose{};
  Connection* connection = nullptr;  // of purpose connection, retry and await_rel
  Session* session = nullptr;        // of purpose session
  std::optional<Monotonic> at;       // armed for; written by Timers only
  std::uint64_t sequence = 0;
};

class Timers {
 public:
  // Arms the timer, or moves it. The timer must stay where it is in memory until it is cancelled or due.
  void arm(Timer& timer, Monotonic at) {
    cancel(timer);
    timer.at = at;
    timer.sequence = ++last_sequence_;
    queue_.emplace(std::pair(at, timer.sequence), &timer);
  }

  // No effect if it isn't armed.
  void cancel(Timer& timer) {
    if (!timer.at) return;
    queue_.erase({*timer.at, timer.sequence});
    timer.at.reset();
  }

  // Disarms and returns the first timer that is due at `now`; null if there is none.
  Timer* take_due(Monotonic now) {
    if (queue_.empty() || queue_.begin()->first.first > now) return nullptr;
    Timer* timer = queue_.begin()->second;
    cancel(*timer);
    return timer;
  }

  std::optional<Monotonic> next() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first.first;
  }

  std::size_t size() const { return queue_.size(); }

 private:
  std::map<std::pair<Monotonic, std::uint64_t>, Timer*> queue_;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace mqttvet::core
