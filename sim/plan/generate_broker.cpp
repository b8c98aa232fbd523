// The broker of a generated plan: small limits, so that they are met.
#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {

namespace {

std::string number(Draw& draw, int low, int high) {
  return std::to_string(draw.between(low, high));
}

// "a/b=5 a/#=9": the first filter that matches decides.
std::string any_priorities(Draw& draw) {
  std::string text;
  for (int left = draw.between(1, 4); left > 0; --left) {
    const auto filter = draw.one_of<std::string>({"a", "a/#", "a/b", "a/c", "+/b", "d/#", "d", "will/#"});
    text += (text.empty() ? "" : " ") + filter + "=" + number(draw, 0, 5);
  }
  return text;
}

// Queues: in which order they are sent, what they lose, and when they raise an alarm.
void configure_queues(Draw& draw, const Features& features, BrokerPlan& broker) {
  auto& config = broker.config;
  const bool small = features.drop_policies || features.alarms || (features.priorities && draw.chance(40));
  if (small) config["queue_messages_max"] = number(draw, 2, 10);
  if (features.priorities) {
    config["queue_type"] = "priority";
    config["queue_topic_priorities"] = any_priorities(draw);
  }
  if (features.drop_policies)
    config["queue_drop_policy"] = draw.one_of<std::string>({"newest", "lowest_priority"});
  if (features.alarms) {
    const int high = draw.between(20, 100);
    config["sys_interval"] = number(draw, 2, 15);
    config["queue_high_watermark_percent"] = std::to_string(high);
    config["queue_low_watermark_percent"] = number(draw, 0, high);
  }
}

void limit(Draw& draw, const Features& features, BrokerPlan& broker) {
  auto& config = broker.config;
  if (features.half_done_limits) {
    config["await_rel_timeout"] = number(draw, 2, 8);
    if (draw.chance(30)) config["max_awaiting_rel"] = number(draw, 12, 20);  // a burst is of 12
  }
  if (features.retained_limits) {
    if (draw.chance(60)) config["retained_messages_max"] = number(draw, 1, 4);
    if (draw.chance(40)) config["retained_payload_bytes_max"] = number(draw, 8, 200);
    if (draw.chance(40)) config["retained_expiry_interval"] = number(draw, 2, 20);
  }
  if (features.few_subscriptions) config["subscriptions_max"] = number(draw, 1, 3);
  if (features.shared && draw.chance(50)) config["shared_redispatch_at_disconnect"] = "true";
  if (features.message_rate) broker.message_rate_max = draw.between(5u, 20u);
}

}  // namespace

BrokerPlan generate_broker(Draw draw, const Features& features) {
  BrokerPlan broker;
  if (features.small_window) broker.config["max_inflight"] = std::to_string(draw.between(1, 4));
  if (features.few_packet_ids) {
    // The ids wrap soon: either the space is small (then it may be the real window), or it begins near its
    // end.
    if (draw.chance(60)) {
      const int last = draw.between(2, 12);
      broker.config["last_packet_id"] = std::to_string(last);
      broker.config["first_packet_id"] = std::to_string(draw.between(1, last));
    } else {
      broker.config["first_packet_id"] = std::to_string(draw.between(65525, 65535));
    }
  }
  if (features.small_queue) broker.config["queue_messages_max"] = std::to_string(draw.between(2, 8));
  if (features.retries) broker.config["retry_interval"] = std::to_string(draw.between(2, 10));
  if (draw.chance(25)) broker.config["queue_qos0"] = "true";
  if (features.small_receive_maximum) broker.config["receive_maximum"] = std::to_string(draw.between(1, 5));
  if (features.topic_aliases) {
    broker.config["topic_alias_maximum"] = std::to_string(draw.between(0, 3));
    broker.config["topic_alias_maximum_outgoing"] = std::to_string(draw.between(0, 3));
  }
  if (features.clock_drift) broker.clock_drift_ppm = draw.between<std::int64_t>(-1000, 1000);
  configure_queues(draw, features, broker);
  limit(draw, features, broker);
  return broker;
}

Limits generate_limits(Draw draw, const Features& features, BrokerPlan& broker) {
  Limits limits;
  if (!features.limited) return limits;
  const auto lacks = [&](int percent, const char* key) {
    if (!draw.chance(percent)) return false;
    broker.config[key] = "false";
    return true;
  };
  if (draw.chance(50)) {
    limits.maximum_qos = draw.between(0, 1);
    broker.config["maximum_qos"] = std::to_string(limits.maximum_qos);
  }
  limits.retain = !lacks(40, "retain_available");
  limits.wildcards = !lacks(30, "wildcard_subscription_available");
  limits.subscription_identifiers = !lacks(40, "subscription_identifier_available");
  limits.shared = !lacks(40, "shared_subscription_available");
  return limits;
}

}  // namespace mqttvet::sim
