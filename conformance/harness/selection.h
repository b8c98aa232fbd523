// Which cases are to run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conformance/harness/suite.h"

namespace mqttvet::conformance {

struct Selection {
  // Any of them; none: everything. Each is one of
  //   MQTT5-3.8.4-2                     a statement: every case that checks it
  //   MQTT5-3.8, 3.8.4                  a section, of one version of the standard or of all
  //   MQTT5-3.8.4-2/suback-has-...      a case
  //   *keep-alive*                      a glob over names of cases
  std::vector<std::string> patterns;
  std::optional<Subject> subject;  // nullopt: brokers and clients
  std::optional<wire::Version> version;
  std::optional<Level> level;
  std::vector<std::string> tags;  // all of them
  // Every shard_count-th, beginning with the shard_index-th (from 1).
  std::uint64_t shard_index = 1;
  std::uint64_t shard_count = 1;
  std::uint64_t repeat = 1;
};

// The selected cases in every selected version, in the order of `cases`.
std::vector<Instance> select(const std::vector<Case>& cases, const Selection& selection);

// Does this pattern match this case in this version? For select(), and to find patterns that match nothing.
bool matches(const Case& one, wire::Version version, const std::string& pattern);

}  // namespace mqttvet::conformance
