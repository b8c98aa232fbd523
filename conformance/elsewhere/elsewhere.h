// Where the cases pass beside our own broker. One file a broker in this folder (mosquitto-2.0.11.txt),
// written by `mqttvet conform --target ... --record FILE`; only_here.csv says why a case passes on none of
// them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/suite.h"

namespace mqttvet::conformance {

// The versions in which a case passes, by the name of the case.
using Passes = std::map<std::string, std::set<wire::Version>>;

// The text of such a file, sorted: "MQTT5-3.8.4-2/suback-has-the-packet-identifier 3.1.1 5.0" a line.
std::string to_text(const Passes& passes);
// Throws std::runtime_error with the line that is none.
Passes passes_from(std::string_view text);
// Those that pass; non-strict is not enough.
void add_passes(Passes& to, const std::vector<CaseResult>& results);

struct OtherTarget {
  std::string name;  // "mosquitto 2.0.11"
  Passes passes;
};
// Those of this folder, as they were when the program was built.
const std::vector<OtherTarget>& other_targets();
// Names of the targets.
std::vector<std::string> passes_elsewhere(const Case& one, wire::Version version);

// A row of only_here.csv.
struct OnlyHere {
  std::string cases;  // a pattern, as `mqttvet conform` takes them
  std::string mqtt;   // "5.0"; empty: every version
  std::string reason;
};
const std::vector<OnlyHere>& only_here();
bool applies(const OnlyHere& row, const Case& one, wire::Version version);

// The cases that pass nowhere else, though no row says why.
std::vector<Instance> without_another_target(const std::vector<Instance>& instances);

}  // namespace mqttvet::conformance
