// A whole suite as it went: what the reports are made of.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "conformance/harness/known_deviations.h"
#include "conformance/harness/runner.h"

namespace mqttvet::conformance {

struct SuiteReport {
  std::string target;  // as it was given
  std::string version_of_mqttvet;
  std::vector<CaseResult> results;    // in the order of the cases
  std::vector<KnownDeviation> fixed;  // listed as known, and no longer so
  std::chrono::nanoseconds wall{0};

  // Known deviations count by their verdict too.
  std::map<Verdict, int> counts() const;
  int known_count() const;
  // Nothing bad that isn't known, and nothing known that is fixed.
  bool passed() const;
};

// "mqttvet conform MQTT5-3.8.4-2/suback-has-... --mqtt 5.0 --target mqtt://127.0.0.1:1883"
std::string command_for(const SuiteReport& report, const CaseResult& result);

}  // namespace mqttvet::conformance
