#include "sim/checkers/plan_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/topic_filter.h"
#include "sim/plan/broker_config.h"

namespace mqttvet::sim {

PlanFacts::PlanFacts(const WireView& view) : plan_(view.history->plan), access_(*view.history) {
  const core::Config config = broker_config(plan_.broker);
  max_inflight_ = config.max_inflight;
  session_expiry_v3_ = static_cast<std::uint32_t>(config.session_expiry_interval_v3.count());
  queue_max_ = config.queue_messages_max;
  maximum_packet_size_ = config.maximum_packet_size_bytes;
  connect_timeout_ = static_cast<std::uint32_t>(config.connect_timeout.count());
  retry_interval_ = static_cast<std::uint32_t>(config.retry_interval.count());
  limits_half_done_ = config.await_rel_timeout.count() != 0 || config.max_awaiting_rel != 0;
  for (const auto& [key, value] : plan_.broker.config) {
    if (key.starts_with("retain")) limits_retained_ = true;
    if (key == "subscriptions_max") limits_subscriptions_ = true;
    if (key == "shared_redispatch_at_disconnect" && value == "true") redispatches_shared_ = true;
  }
  drop_policy_ = config.queue_drop_policy;
  if (config.queue_type == core::QueueType::priority) priorities_ = config.queue_topic_priorities;
  // Hundredths of the limit, rounded up for the high one; it can be reached, and the low one is below it.
  const std::size_t high = (queue_max_ * config.queue_high_watermark_percent + 99) / 100;
  if (config.sys_interval.count() != 0 && high != 0) {
    alarm_raised_at_ = high;
    alarm_cleared_at_ = std::min(queue_max_ * config.queue_low_watermark_percent / 100, high - 1);
  }
  for (const Fault& fault : plan_.faults) {  // a restart may change a limit: what always holds is promised
    if (fault.config.empty()) continue;
    BrokerPlan changed = plan_.broker;
    for (const auto& [key, value] : fault.config) changed.config[key] = value;
    const core::Config other = broker_config(changed);
    max_inflight_ = max_inflight_ == 0 || other.max_inflight == 0
                        ? 0
                        : std::max<std::uint32_t>(max_inflight_, other.max_inflight);
    const auto other_timeout = static_cast<std::uint32_t>(other.connect_timeout.count());
    connect_timeout_ =
        other_timeout == 0 || connect_timeout_ == 0 ? 0 : std::max(connect_timeout_, other_timeout);
    if (other.retry_interval != config.retry_interval) retry_interval_.reset();
    if (other.queue_messages_max != 0) queue_max_ = std::min(queue_max_, other.queue_messages_max);
  }
  for (const Step& step : plan_.steps) {
    const auto* send = std::get_if<DoSend>(&step.operation);
    const auto* connect = std::get_if<DoConnect>(&step.operation);
    if ((send && !send->packet) || (connect && !connect->bytes.empty())) raw_senders_.insert(step.client);
  }
  const bool jumps = std::any_of(plan_.faults.begin(), plan_.faults.end(),
                                 [](const Fault& fault) { return fault.kind == FaultKind::clock_jump; });
  wall_clock_lies_ = jumps && !view.broker_crashes.empty();
}

int PlanFacts::priority_of(std::string_view topic_name) const {
  for (const core::TopicPriority& entry : priorities_)
    if (filter_matches(entry.topic_filter, topic_name)) return entry.priority;
  return 0;
}

std::optional<Duration> PlanFacts::notice_delay(const ConnectionView& connection,
                                                std::string_view closed_text) const {
  Duration delay = std::chrono::seconds(20);  // retransmissions, and rounding
  bool silent = closed_text == "vanished" || closed_text == "power lost" || closed_text == "timed out";
  for (const Step& step : plan_.steps)
    if (step.client == connection.client && std::holds_alternative<DoCrash>(step.operation)) silent = true;
  for (const Fault& fault : plan_.faults) {
    if (fault.kind == FaultKind::vanish || fault.kind == FaultKind::partition ||
        fault.kind == FaultKind::swizzle) {
      silent = true;
    }
    delay += fault.duration;
  }
  if (silent && connection.keep_alive == 0) return std::nullopt;
  if (silent) delay += std::chrono::seconds(2 * connection.keep_alive);
  return delay;
}

std::string seconds_text(Time time) {
  return fmt::format("{:.6f}s", std::chrono::duration<double>(time).count());
}

}  // namespace mqttvet::sim
