#include "sim/plan/broker_config.h"

#include "broker/access/rules.h"
#include "broker/core/mutants.h"
#include "broker/driver/config_text.h"

namespace mqttvet::sim {

core::Config broker_config(const BrokerPlan& plan) {
  core::Config config;
  for (const auto& [key, value] : plan.config) driver::apply(config, key, value);
  if (!plan.users.empty()) {
    auto& names = config.access_lists.users.emplace();
    for (const auto& [name, password] : plan.users) names.insert(name);
  }
  if (plan.acl) {
    std::string lines;
    for (const std::string& line : *plan.acl) lines += line + "\n";
    auto rules = access::parse_rules(lines);
    if (auto* good = std::get_if<std::vector<core::AccessRule>>(&rules))
      config.access_lists.rules = std::move(*good);
  }
  return config;
}

std::shared_ptr<const access::Users> broker_users(const BrokerPlan& plan) {
  if (plan.users.empty()) return nullptr;
  constexpr access::Hardness kCheap{.scrypt = {.log2_n = 2, .r = 1, .p = 1}, .scram_iterations = 2};
  access::Users users;
  for (const auto& [name, password] : plan.users)
    users.put(name, access::make_credentials(password, "salt of " + name, "scram of " + name, kCheap));
  return std::make_shared<const access::Users>(std::move(users));
}

BrokerPlan reloaded(BrokerPlan plan, const Fault& reload) {
  plan.users = reload.users;
  plan.acl = reload.acl;
  return plan;
}

void switch_mutants(const BrokerPlan& plan, const std::vector<std::string>& others) {
  core::switch_all_off();
  for (const auto* names : {&plan.mutants, &others}) {
    for (const std::string& name : *names) {
      for (const core::Mutant mutant : core::find_mutants(name)) core::switch_on(mutant);
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
