#include "broker/core/live_config.h"

namespace mqttvet::core {

void take_live_keys(Config& running, const Config& wanted) {
  const auto take = [&](auto... member) { ((running.*member = wanted.*member), ...); };
  take(&Config::client_id_bytes_max, &Config::connect_timeout, &Config::topic_levels_max,
       &Config::server_keep_alive_max, &Config::write_queue_bytes_max, &Config::topic_alias_maximum_outgoing,
       &Config::response_information_prefix);
  take(&Config::max_inflight);  // of those who connect from now on
  take(&Config::session_expiry_interval_v3, &Config::session_expiry_interval_max, &Config::subscriptions_max,
       &Config::shared_redispatch_at_disconnect);
  take(&Config::queue_messages_max, &Config::queue_qos0, &Config::queue_drop_policy,
       &Config::queue_high_watermark_percent, &Config::queue_low_watermark_percent);
  take(&Config::retained_messages_max, &Config::retained_payload_bytes_max);
  take(&Config::allow_anonymous, &Config::acl_allow_unmatched, &Config::authentications_max);
}

}  // namespace mqttvet::core
