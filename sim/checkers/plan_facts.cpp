#include "sim/checkers/plan_facts.h"

#include <fmt/format.h>

#include <charconv>

namespace mqttvet::sim {
namespace {

std::uint32_t number_or(const Plan& plan, const std::string& key, std::uint32_t otherwise) {
  const auto found = plan.broker.config.find(key);
  if (found == plan.broker.config.end()) return otherwise;
  if (found->second == "never") return 0xFFFFFFFF;
  std::uint32_t value = otherwise;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return value;
}

}  // namespace

PlanFacts::PlanFacts(const WireView& view) : plan_(view.history->plan) {
  max_inflight_ = number_or(plan_, "max_inflight", max_inflight_);
  session_expiry_v3_ = number_or(plan_, "session_expiry_interval_v3", session_expiry_v3_);
  const std::uint32_t queue_max = number_or(plan_, "queue_messages_max", 10000);
  drops_possible_ = queue_max != 0 && view.publications.size() > queue_max;
}

bool PlanFacts::sends_raw_bytes(const std::string& client) const {
  for (const Step& step : plan_.steps)
    if (step.client == client && std::holds_alternative<DoSend>(step.operation)) return true;
  return false;
}

bool PlanFacts::holds_acknowledgements(const std::string& client) const {
  for (const ClientPlan& each : plan_.clients)
    if (each.name == client && each.acknowledge == Acknowledge::none) return true;
  for (const Step& step : plan_.steps) {
    const auto* change = std::get_if<DoAcknowledge>(&step.operation);
    if (step.client == client && change != nullptr && change->from_now == Acknowledge::none) return true;
  }
  return false;
}

std::optional<Duration> PlanFacts::notice_delay(const ConnectionView& connection) const {
  Duration delay = std::chrono::seconds(2);
  bool silent = false;
  for (const Step& step : plan_.steps)
    if (step.client == connection.client && std::holds_alternative<DoCrash>(step.operation)) silent = true;
  for (const Fault& fault : plan_.faults) {
    const bool of_client = fault.target == connection.client;
    const bool of_broker = fault.target == "broker";
    if (of_client && fault.kind == FaultKind::vanish) silent = true;
    if (of_client || of_broker) delay += fault.duration;
  }
  if (silent && connection.keep_alive == 0) return std::nullopt;
  if (silent) delay += std::chrono::seconds(2 * connection.keep_alive);
  return delay;
}

std::string seconds_text(Time time) {
  return fmt::format("{:.6f}s", std::chrono::duration<double>(time).count());
}

}  // namespace mqttvet::sim
