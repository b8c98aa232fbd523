#include "conformance/target_sim/variants.h"

namespace mqttvet::conformance {

core::Config config_of(Variant variant) {
  using namespace std::chrono_literals;
  core::Config config;
  switch (variant) {
    case Variant::plain:
      break;
    case Variant::maximum_qos_0:
      config.maximum_qos = codec::QoS::at_most_once;
      break;
    case Variant::maximum_qos_1:
      config.maximum_qos = codec::QoS::at_least_once;
      break;
    case Variant::no_retain:
      config.retain_available = false;
      break;
    case Variant::no_wildcard_subscription:
      config.wildcard_subscription_available = false;
      break;
    case Variant::no_subscription_identifier:
      config.subscription_identifier_available = false;
      break;
    case Variant::no_shared_subscription:
      config.shared_subscription_available = false;
      break;
    case Variant::no_topic_alias:
      config.topic_alias_maximum = config.topic_alias_maximum_outgoing = 0;
      break;
    case Variant::receive_maximum_1:
      config.receive_maximum = 1;
      break;
    case Variant::maximum_packet_size_2048:
      config.maximum_packet_size_bytes = 2048;
      break;
    case Variant::server_keep_alive_2:
      config.server_keep_alive_max = 2s;
      break;
    case Variant::session_expiry_max_2:
      config.session_expiry_interval_max = 2s;
      break;
    case Variant::checks_payload_format:
      config.check_payload_format = true;
      break;
    case Variant::packet_ids_up_to_8:
      config.last_packet_id = 8;
      break;
    case Variant::no_queue_limit:
      config.queue_messages_max = 0;
      break;
    case Variant::sent_elsewhere:
      config.redirect = core::Redirect::use_another_server;
      config.server_reference = "other.example:1883";
      break;
  }
  return config;
}

}  // namespace mqttvet::conformance
