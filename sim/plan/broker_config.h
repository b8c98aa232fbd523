// The broker's part of a plan: text of a scenario file -> core::Config. Keys and units are those of
// broker/core/config.h; a key that ends in _interval, _max or _timeout and is a duration there is written as
// one ("30s", "never").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/core/config.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

// Sets one key. Returns what is wrong ("unknown key 'x'; expected ..."), or nullopt; then `config` has the
// value.
std::optional<std::string> set_broker_key(core::Config& config, std::string_view key, std::string_view value);

// The configuration of a plan that was checked. Keys that are wrong keep their defaults.
core::Config broker_config(const BrokerPlan& plan);

}  // namespace mqttvet::sim
