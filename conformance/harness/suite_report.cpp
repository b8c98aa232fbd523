#include "conformance/harness/suite_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/harness/suite.h"

namespace mqttvet::conformance {

std::map<Verdict, int> SuiteReport::counts() const {
  std::map<Verdict, int> counts;
  for (const CaseResult& result : results) ++counts[result.verdict];
  return counts;
}

int SuiteReport::known_count() const {
  return static_cast<int>(std::count_if(results.begin(), results.end(), [](const CaseResult& result) {
    return is_bad(result.verdict) && !result.known.empty();
  }));
}

bool SuiteReport::passed() const {
  return fixed.empty() && std::none_of(results.begin(), results.end(), [](const CaseResult& result) {
           return is_bad(result.verdict) && result.known.empty();
         });
}

std::string command_for(const SuiteReport& report, const CaseResult& result) {
  std::string command =
      fmt::format("mqttvet conform {} --mqtt {}", result.name, wire::name_of(result.version));
  if (report.target != "sim") command += " --target " + report.target;
  return command;
}

}  // namespace mqttvet::conformance
