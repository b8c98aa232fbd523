#include "conformance/harness/known_deviations.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "conformance/harness/case.h"
#include "conformance/harness/selection.h"
#include "conformance/harness/suite.h"

namespace mqttvet::conformance {
namespace {

[[noreturn]] void fail(const std::string& path, int line, std::string_view what) {
  throw std::runtime_error(fmt::format("{}:{}: {}", path, line, what));
}

KnownDeviation read_entry(const std::string& path, const YAML::Node& node) {
  KnownDeviation known;
  known.line = node.Mark().line + 1;
  if (!node.IsMap()) fail(path, known.line, "expected a map with the keys case and reason");
  for (const auto& entry : node) {
    const std::string key = entry.first.as<std::string>();
    const int line = entry.first.Mark().line + 1;
    if (!entry.second.IsScalar()) fail(path, line, fmt::format("{}: expected a text", key));
    const std::string value = entry.second.as<std::string>();
    if (key == "target") {
      known.target = value;
    } else if (key == "case") {
      known.pattern = value;
    } else if (key == "reason") {
      known.reason = value;
    } else if (key == "mqtt") {
      known.version = version_from(value);
      if (!known.version) fail(path, line, fmt::format("mqtt: '{}'; expected 3.1, 3.1.1 or 5.0", value));
    } else {
      fail(path, line, fmt::format("unknown key '{}'; expected case, mqtt, target or reason", key));
    }
  }
  if (known.pattern.empty() || known.reason.empty())
    fail(path, known.line, "expected the keys case and reason");
  return known;
}

}  // namespace

std::vector<KnownDeviation> read_known_deviations(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": can't be read");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_known_deviations(text.str(), path);
}

std::vector<KnownDeviation> parse_known_deviations(const std::string& text, const std::string& path) {
  std::vector<KnownDeviation> all;
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return all;
    if (!root.IsSequence()) fail(path, root.Mark().line + 1, "expected a list of known deviations");
    for (const auto& node : root) all.push_back(read_entry(path, node));
  } catch (const YAML::Exception& error) {
    fail(path, error.mark.line + 1, error.msg);
  }
  return all;
}

std::vector<KnownDeviation> of_target(std::vector<KnownDeviation> known, const std::string& target) {
  std::erase_if(known, [&](const KnownDeviation& one) { return one.target && *one.target != target; });
  return known;
}

std::vector<KnownDeviation> mark_known(const std::vector<KnownDeviation>& known,
                                       std::vector<CaseResult>& results) {
  std::vector<KnownDeviation> fixed;
  const std::vector<Case>& cases = all_cases();
  for (const KnownDeviation& deviation : known) {
    bool ran = false;
    bool still = false;
    for (CaseResult& result : results) {
      if (deviation.version && *deviation.version != result.version) continue;
      const auto one = std::find_if(cases.begin(), cases.end(),
                                    [&](const Case& candidate) { return candidate.name == result.name; });
      if (one == cases.end() || !matches(*one, result.version, deviation.pattern)) continue;
      ran = ran || result.verdict != Verdict::skipped;
      if (!is_bad(result.verdict)) continue;
      still = true;
      result.known = deviation.reason;
    }
    if (ran && !still) fixed.push_back(deviation);
  }
  return fixed;
}

}  // namespace mqttvet::conformance
