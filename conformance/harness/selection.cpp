#include "conformance/harness/selection.h"

#include <fnmatch.h>

#include <algorithm>

namespace mqttvet::conformance {
namespace {

constexpr wire::Version kVersions[] = {wire::Version::v3_1, wire::Version::v3_1_1, wire::Version::v5_0};

// "3.8.4" of "MQTT5-3.8.4-2"
std::string_view section_of(std::string_view statement) {
  const std::size_t first = statement.find('-');
  return statement.substr(first + 1, statement.rfind('-') - first - 1);
}

bool is_within(std::string_view section, std::string_view outer) {
  return section.starts_with(outer) && (section.size() == outer.size() || section[outer.size()] == '.');
}

bool has_every_tag(const Case& one, const std::vector<std::string>& tags) {
  return std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
    return std::find(one.tags.begin(), one.tags.end(), tag) != one.tags.end();
  });
}

}  // namespace

bool matches(const Case& one, wire::Version version, const std::string& pattern) {
  if (pattern == one.name || fnmatch(pattern.c_str(), one.name.c_str(), 0) == 0) return true;
  const std::size_t dash = pattern.find('-');
  const bool any_version = dash == std::string::npos;
  const std::string_view section = any_version ? pattern : std::string_view(pattern).substr(dash + 1);
  for (const std::string& statement : one.statements_of(version)) {
    if (statement == pattern) return true;
    const bool of_version = any_version || statement.starts_with(pattern.substr(0, dash + 1));
    if (of_version && is_within(section_of(statement), section)) return true;
  }
  return false;
}

std::vector<Instance> select(const std::vector<Case>& cases, const Selection& selection) {
  std::vector<Instance> selected;
  std::uint64_t number = 0;
  for (const Case& one : cases) {
    if (selection.subject && one.subject != *selection.subject) continue;
    if (selection.level && one.level != *selection.level) continue;
    if (!has_every_tag(one, selection.tags)) continue;
    for (const wire::Version version : kVersions) {
      if (!contains(one.versions, version) || (selection.version && version != *selection.version)) continue;
      const bool wanted =
          selection.patterns.empty() ||
          std::any_of(selection.patterns.begin(), selection.patterns.end(),
                      [&](const std::string& pattern) { return matches(one, version, pattern); });
      if (!wanted || number++ % selection.shard_count != selection.shard_index - 1) continue;
      for (std::uint64_t nth = 0; nth < selection.repeat; ++nth) selected.push_back({&one, version, nth});
    }
  }
  return selected;
}

}  // namespace mqttvet::conformance
