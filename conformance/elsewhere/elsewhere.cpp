#include "conformance/elsewhere/elsewhere.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "conformance/elsewhere/embedded.h"
#include "conformance/harness/selection.h"
#include "conformance/statements/csv.h"

namespace mqttvet::conformance {

std::string to_text(const Passes& passes) {
  std::string text;
  for (const auto& [name, versions] : passes) {
    text += name;
    for (const wire::Version version : versions) text += fmt::format(" {}", wire::name_of(version));
    text += '\n';
  }
  return text;
}

Passes passes_from(std::string_view text) {
  Passes passes;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    std::set<wire::Version>& versions = passes[word];
    while (words >> word) {
      const auto version = version_from(word);
      if (!version) throw std::runtime_error(fmt::format("'{}': expected CASE VERSION...", line));
      versions.insert(*version);
    }
    if (versions.empty()) throw std::runtime_error(fmt::format("'{}': expected CASE VERSION...", line));
  }
  return passes;
}

void add_passes(Passes& to, const std::vector<CaseResult>& results) {
  for (const CaseResult& result : results) {
    if (result.verdict == Verdict::pass) to[result.name].insert(result.version);
  }
}

const std::vector<OtherTarget>& other_targets() {
  static const std::vector<OtherTarget> targets = [] {
    std::vector<OtherTarget> read;
    for (const embedded::Record& record : embedded::kRecords) {
      OtherTarget target{record.stem, passes_from(record.text)};
      std::replace(target.name.begin(), target.name.end(), '-', ' ');
      read.push_back(std::move(target));
    }
    return read;
  }();
  return targets;
}

std::vector<std::string> passes_elsewhere(const Case& one, wire::Version version) {
  std::vector<std::string> names;
  for (const OtherTarget& target : other_targets()) {
    const auto found = target.passes.find(one.name);
    if (found != target.passes.end() && found->second.contains(version)) names.push_back(target.name);
  }
  return names;
}

const std::vector<OnlyHere>& only_here() {
  static const std::vector<OnlyHere> rows = [] {
    std::vector<OnlyHere> read;
    for (CsvRow& row : read_csv(embedded::kOnlyHere))
      read.push_back({row["cases"], row["mqtt"], row["reason"]});
    return read;
  }();
  return rows;
}

bool applies(const OnlyHere& row, const Case& one, wire::Version version) {
  return (row.mqtt.empty() || row.mqtt == wire::name_of(version)) && matches(one, version, row.cases);
}

std::vector<Instance> without_another_target(const std::vector<Instance>& instances) {
  std::vector<Instance> without;
  for (const Instance& instance : instances) {
    if (!passes_elsewhere(*instance.one, instance.version).empty()) continue;
    const bool explained = std::any_of(only_here().begin(), only_here().end(), [&](const OnlyHere& row) {
      return applies(row, *instance.one, instance.version);
    });
    if (!explained) without.push_back(instance);
  }
  return without;
}

}  // namespace mqttvet::conformance
