// What the plan says that an oracle must know: limits that permit a loss, and clients that do not play by the
// rules.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/access_rules.h"
#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

class PlanFacts {
 public:
  explicit PlanFacts(const WireView& view);

  // The promise of max_inflight; 0: none.
  std::uint32_t max_inflight() const { return max_inflight_; }
  // Lifetime of a 3.x session with CleanSession 0; 0xFFFFFFFF: for ever.
  std::uint32_t session_expiry_v3() const { return session_expiry_v3_; }
  // Messages a session's queue holds before it drops one; 0: no limit.
  std::size_t queue_max() const { return queue_max_; }
  // What a full queue gives up.
  core::QueueDropPolicy drop_policy() const { return drop_policy_; }
  // Of a topic, in the queues; always 0 if they are simple.
  int priority_of(std::string_view topic_name) const;
  // A queue of the first length raises an alarm on $SYS, one of the second clears it. 0: there are no alarms.
  std::size_t alarm_raised_at() const { return alarm_raised_at_; }
  std::size_t alarm_cleared_at() const { return alarm_cleared_at_; }
  // Seconds; 0: for ever.
  std::uint32_t connect_timeout() const { return connect_timeout_; }
  // Seconds; 0: nothing is sent again on a living connection. Absent: a restart changes it.
  std::optional<std::uint32_t> retry_interval() const { return retry_interval_; }
  // Who may do what.
  const AccessRules& access() const { return access_; }
  // Largest packet the broker takes, in bytes.
  std::size_t maximum_packet_size() const { return maximum_packet_size_; }
  // The plan limits what is retained: how many, how large, or whether at all.
  bool limits_retained() const { return limits_retained_; }
  // A SUBSCRIBE may be refused for their number.
  bool limits_subscriptions() const { return limits_subscriptions_; }
  // What a member of a shared subscription has not acknowledged is taken from it when it goes offline.
  bool redispatches_shared() const { return redispatches_shared_; }
  // Clients that leave too many exchanges of QoS 2 half done, or one for too long, are disconnected.
  bool limits_half_done() const { return limits_half_done_; }
  // The broker's wall clock jumps and the broker restarts in this run: what it must remember by wall clock,
  // such as the end of a session, may be off by that.
  bool wall_clock_lies() const { return wall_clock_lies_; }
  // The client sends bytes of its own making: what follows is not the broker's fault.
  bool sends_raw_bytes(const std::string& client) const { return raw_senders_.contains(client); }
  // Time by which the broker may learn late that this client's connection is gone: keep-alive where the
  // network is silent about it, stalls and pauses. Absent: not known.
  // `closed_text` is that of the connection's `closed` event.
  std::optional<Duration> notice_delay(const ConnectionView& connection, std::string_view closed_text) const;

 private:
  const Plan& plan_;
  AccessRules access_;
  std::uint32_t max_inflight_ = 100;
  std::uint32_t session_expiry_v3_ = 48 * 3600;
  std::size_t queue_max_ = 10000;
  std::size_t maximum_packet_size_ = 0;
  std::uint32_t connect_timeout_ = 0;
  std::optional<std::uint32_t> retry_interval_;
  bool limits_retained_ = false;
  core::QueueDropPolicy drop_policy_ = core::QueueDropPolicy::oldest;
  std::vector<core::TopicPriority> priorities_;
  std::size_t alarm_raised_at_ = 0;
  std::size_t alarm_cleared_at_ = 0;
  bool limits_subscriptions_ = false;
  bool redispatches_shared_ = false;
  bool limits_half_done_ = false;
  bool wall_clock_lies_ = false;
  std::set<std::string> raw_senders_;
};

// "12.345s" for messages.
std::string seconds_text(Time time);

}  // namespace mqttvet::sim
