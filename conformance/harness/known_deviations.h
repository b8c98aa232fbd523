// What a team has accepted about its target, with the reason:
//
//   - case: MQTT5-3.8.4-2/suback-has-the-packet-identifier    # or a glob, a statement, a section
//     mqtt: '5.0'                                              # default: every version
//     target: paho-c                                           # default: every target; as --target names it
//     reason: ticket 4711
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/harness/runner.h"

namespace mqttvet::conformance {

struct KnownDeviation {
  std::string pattern;
  std::optional<wire::Version> version;
  std::optional<std::string> target;
  std::string reason;
  int line = 0;  // in its file
};

// Throws std::runtime_error with one line: file, line, what was expected.
std::vector<KnownDeviation> read_known_deviations(const std::string& path);
// The same from a text; `path` is for messages.
std::vector<KnownDeviation> parse_known_deviations(const std::string& text, const std::string& path);

// Drops those that are about another target.
std::vector<KnownDeviation> of_target(std::vector<KnownDeviation> known, const std::string& target);

// Writes the reason into CaseResult::known of every bad result that is known. Returns the deviations that
// are fixed: what they name has run, and none of it was bad.
std::vector<KnownDeviation> mark_known(const std::vector<KnownDeviation>& known,
                                       std::vector<CaseResult>& results);

}  // namespace mqttvet::conformance
