#include "sim/plan/broker_config.h"

#include "broker/driver/config_text.h"

namespace mqttvet::sim {

core::Config broker_config(const BrokerPlan& plan) {
  core::Config config;
  for (const auto& [key, value] : plan.config) driver::apply(config, key, value);
  return config;
}

}  // namespace mqttvet::sim
