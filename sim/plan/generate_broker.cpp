// The broker of a generated plan: small limits, so that they are met.
#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {

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
