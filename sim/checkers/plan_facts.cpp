#include "sim/checkers/plan_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/plan/broker_config.h"

namespace mqttvet::sim {

PlanFacts::PlanFacts(const WireView& view) : plan_(view.history->plan) {
  const core::Config config = broker_config(plan_.broker);
  max_inflight_ = config.max_inflight;
  session_expiry_v3_ = static_cast<std::uint32_t>(config.session_expiry_interval_v3.count());
  queue_max_ = config.queue_messages_max;
  maximum_packet_size_ = config.maximum_packet_size_bytes;
  limits_half_done_ = config.await_rel_timeout.count() != 0 || config.max_awaiting_rel != 0;
  for (const auto& [key, value] : plan_.broker.config) {
    if (key.starts_with("retain")) limits_retained_ = true;
    const bool plain = key == "queue_messages_max" || key == "queue_qos0";
    if (!plain && (key.starts_with("queue") || key.starts_with("topic_priorit"))) has_plain_queue_ = false;
  }
  for (const Step& step : plan_.steps)
    if (std::holds_alternative<DoSend>(step.operation)) raw_senders_.insert(step.client);
  const bool jumps = std::any_of(plan_.faults.begin(), plan_.faults.end(),
                                 [](const Fault& fault) { return fault.kind == FaultKind::clock_jump; });
  wall_clock_lies_ = jumps && !view.broker_crashes.empty();
}

std::optional<Duration> PlanFacts::notice_delay(const ConnectionView& connection,
                                                std::string_view closed_text) const {
  Duration delay = std::chrono::seconds(20);  // retransmissions, and rounding
  bool silent = closed_text == "vanished" || closed_text == "power lost" || closed_text == "timed out";
  for (const Step& step : plan_.steps)
    if (step.client == connection.client && std::holds_alternative<DoCrash>(step.operation)) silent = true;
  for (const Fault& fault : plan_.faults) {
    if (fault.kind == FaultKind::vanish || fault.kind == FaultKind::partition) silent = true;
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
