#include "sim/hunt/verdict.h"

#include <algorithm>

#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

constexpr std::string_view kResources = "resources";

bool is_oracle(std::string_view code) {
  const std::vector<Oracle>& all = oracles();
  return std::any_of(all.begin(), all.end(), [&](const Oracle& oracle) { return oracle.code == code; });
}

}  // namespace

bool is_judges(std::string_view code) {
  return code == kResources || is_oracle(code);
}

std::optional<std::string> judged(const RunResult& result) {
  for (const Finding& finding : result.findings)
    if (is_oracle(finding.code)) return finding.code;
  if (has_code(result, kResources)) return std::string(kResources);
  return std::nullopt;
}

bool has_code(const RunResult& result, std::string_view code) {
  return std::any_of(result.findings.begin(), result.findings.end(),
                     [&](const Finding& finding) { return finding.code == code; });
}

}  // namespace mqttvet::sim
