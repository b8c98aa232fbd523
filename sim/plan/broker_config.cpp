#include "sim/plan/broker_config.h"

#include "broker/core/mutants.h"
#include "broker/driver/config_text.h"

namespace mqttvet::sim {

core::Config broker_config(const BrokerPlan& plan) {
  core::Config config;
  for (const auto& [key, value] : plan.config) driver::apply(config, key, value);
  return config;
}

void switch_mutants(const BrokerPlan& plan, const std::vector<std::string>& others) {
  core::switch_all_off();
  for (const auto* names : {&plan.mutants, &others}) {
    for (const std::string& name : *names) {
      if (const auto mutant = core::find_mutant(name)) core::switch_on(*mutant);
    }
  }
}

std::map<std::string, std::uint64_t> mutant_hits() {
  std::map<std::string, std::uint64_t> hits;
  for (const core::MutantInfo& known : core::kMutants) {
    if (core::is_on(known.mutant)) hits[std::string(known.name)] = core::hits(known.mutant);
  }
  return hits;
}

}  // namespace mqttvet::sim
