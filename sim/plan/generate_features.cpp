#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {

Features pick_features(Draw draw, const GeneratorOptions& options) {
  Features features;
  features.small_window = draw.chance(50);
  features.few_packet_ids = draw.chance(40);
  features.message_expiry = draw.chance(20);
  features.short_session_expiry = draw.chance(15);
  features.retained = draw.chance(30);
  features.changing_subscriptions = draw.chance(30);
  features.offline_periods = draw.chance(70);
  features.client_crashes = draw.chance(20);
  features.bursts = draw.chance(50);
  features.large_payloads = draw.chance(15);
  features.held_acknowledgements = options.held_acknowledgements && draw.chance(30);
  features.small_queue = draw.chance(12);
  features.wills = draw.chance(30);
  features.takeover = draw.chance(20);
  features.retries = draw.chance(15);
  features.small_receive_maximum = draw.chance(15);
  features.limited = draw.chance(12);
  features.clock_drift = draw.chance(15);
  features.short_keep_alive = draw.chance(25);
  features.small_packets = draw.chance(12);
  features.topic_aliases = draw.chance(25) && options.topic_aliases;
  features.persistence = draw.chance(30);
  features.properties = draw.chance(25);
  features.shared = draw.chance(20) && options.shared_subscriptions;
  features.subscription_options = draw.chance(35);
  features.subscription_identifiers = draw.chance(30);
  features.other_sessions = draw.chance(25);
  features.goodbyes = draw.chance(12);
  features.refusals = draw.chance(10);
  features.stray_acknowledgements = draw.chance(12);
  features.small_buffers = draw.chance(30);
  features.priorities = draw.chance(15);
  features.drop_policies = draw.chance(12);
  features.alarms = draw.chance(12);
  features.half_done_limits = draw.chance(8);
  features.retained_limits = draw.chance(10);
  features.few_subscriptions = draw.chance(5);
  features.message_rate = draw.chance(6);
  features.users = options.access && draw.chance(15);
  features.rules = options.access && draw.chance(15);
  features.reloads = draw.chance(60);
  features.wrong_passwords = draw.chance(60);
  return features;
}

rc::Gen<Driver> any_driver() {
  return rc::gen::weightedElement<Driver>({{4, Driver::paho_cpp}, {3, Driver::paho_c}, {3, Driver::raw}});
}

rc::Gen<Version> any_version() {
  return rc::gen::weightedElement<Version>({{8, Version::v3_1_1}, {11, Version::v5_0}, {1, Version::v3_1}});
}

int any_qos(Draw& draw, const Limits& limits) {
  const int qos = draw(rc::gen::weightedElement<int>({{1, 0}, {3, 1}, {4, 2}}));
  return std::min(qos, limits.maximum_qos);
}

wire::Properties any_properties(Draw& draw) {
  using wire::PropertyId;
  wire::Properties properties;
  if (draw.chance(40)) properties.emplace_back(PropertyId::payload_format_indicator, 1u);
  if (draw.chance(40)) properties.emplace_back(PropertyId::content_type, std::string("text/plain"));
  if (draw.chance(40)) properties.emplace_back(PropertyId::response_topic, std::string("answers/here"));
  if (draw.chance(40)) properties.emplace_back(PropertyId::correlation_data, std::string("\0\xFF\n", 3));
  for (int left = draw.between(0, 2); left > 0; --left)
    properties.emplace_back(std::string("colour"), draw.one_of<std::string>({"red", "green", ""}));
  return properties;
}

}  // namespace mqttvet::sim
