// The broker's part of a plan, made real: a core::Config, and planted bugs.
#pragma once

#include <memory>

#include "broker/access/users.h"
#include "broker/core/config.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

// Keys are applied in the order of their names. Of a plan that was checked; a wrong key is passed over.
core::Config broker_config(const BrokerPlan& plan);

// The plan's users, with hashes that are cheap to check; null: it has none.
std::shared_ptr<const access::Users> broker_users(const BrokerPlan& plan);

// What is left of it by a reload: other users and another ACL.
BrokerPlan reloaded(BrokerPlan plan, const Fault& reload);

// Switches on the planted bugs of the plan and those named beside it, and no others; forgets all hits. By
// name or id.
void switch_mutants(const BrokerPlan& plan, const std::vector<std::string>& others);

// Those that are on, by their whole name, and how often each was reached.
std::map<std::string, std::uint64_t> mutant_hits();

}  // namespace mqttvet::sim
