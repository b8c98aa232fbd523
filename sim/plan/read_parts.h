// The readers of a scenario file's parts. Each adds to the plan what could be read and reports the rest.
#pragma once

#include "sim/plan/yaml_map.h"

namespace mqttvet::sim {

// One item of `steps`: appends a Step, or a Fault that follows the step before it.
void read_step_or_fault(const YAML::Node& node, YamlReader& reader, Plan& plan);

// The mapping of a fault, in `steps` (follows: the id of the step before) or in `faults` (follows: absent).
void read_fault(const YAML::Node& node, YamlReader& reader, std::optional<int> follows, Plan& plan);

// Keys of the broker from `map`, those in `others` passed over: each is checked by name and value.
void read_config(const YamlMap& map, YamlReader& reader, const std::vector<std::string>& others,
                 std::map<std::string, std::string>& into);

// The keys `users` and `acl` of a mapping, the broker's or a reload's.
void read_access(YamlMap& map, YamlReader& reader, std::map<std::string, std::string>& users,
                 std::optional<std::vector<std::string>>& acl);

// "expect: {...}"
Expect read_expect(const YAML::Node& node, YamlReader& reader);

}  // namespace mqttvet::sim
