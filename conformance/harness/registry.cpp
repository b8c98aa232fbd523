#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

// Filled before main() by the static objects of the case files, in no particular order.
std::vector<Case>& registry() {
  static std::vector<Case> cases;
  return cases;
}
bool sorted = false;

Versions versions_of(std::string_view statement) {
  if (statement.starts_with("MQTT5-")) return v5_0;
  if (statement.starts_with("MQTT311-")) return v3_1_1;
  if (statement.starts_with("MQTT31-")) return v3_1;
  throw std::logic_error(fmt::format("statement {}: expected MQTT5-, MQTT311- or MQTT31-", statement));
}

// MQTT 3.1 has few statements of its own; what 3.1.1 says of the same is told of it.
bool speaks_of(std::string_view statement, wire::Version version) {
  if (version == wire::Version::v5_0) return statement.starts_with("MQTT5-");
  if (statement.starts_with("MQTT311-")) return true;
  return version == wire::Version::v3_1 && statement.starts_with("MQTT31-");
}

void require_slug(const std::string& name) {
  const std::size_t slash = name.find('/');
  const std::string_view slug = slash == std::string::npos ? "" : std::string_view(name).substr(slash + 1);
  if (slug.empty() || slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") != slug.npos)
    throw std::logic_error(fmt::format("case {}: expected STATEMENT/slug-in-lower-case", name));
}

// Numbers by their value: "MQTT5-3.2.2-10" behind "MQTT5-3.2.2-9".
bool natural_less(std::string_view a, std::string_view b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto number_at = [&](std::string_view text, std::size_t& i) {
    unsigned long value = 0;
    for (; i < text.size() && is_digit(text[i]); ++i)
      value = value * 10 + static_cast<unsigned long>(text[i] - '0');
    return value;
  };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const unsigned long left = number_at(a, i);
      const unsigned long right = number_at(b, j);
      if (left != right) return left < right;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

void add(Subject subject, std::string name, CaseInfo info, Body body, const char* file, int line) {
  require_slug(name);
  Case added;
  added.subject = subject;
  added.statements = {name.substr(0, name.find('/'))};
  added.versions = info.versions == Versions::by_name ? versions_of(name) : info.versions;
  added.name = std::move(name);
  std::move(info.statements.begin(), info.statements.end(), std::back_inserter(added.statements));
  added.level = info.level;
  added.needs = std::move(info.needs);
  added.tags = std::move(info.tags);
  added.on = info.on;
  added.alone = info.alone;
  added.body = std::move(body);
  added.file = file;
  added.line = line;
  registry().push_back(std::move(added));
  sorted = false;
}

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::must:
      return "must";
    case Level::should:
      return "should";
    case Level::may:
      return "may";
  }
  return "";
}

bool contains(Versions versions, wire::Version version) {
  const Versions one = version == wire::Version::v5_0     ? v5_0
                       : version == wire::Version::v3_1_1 ? v3_1_1
                                                          : v3_1;
  return (static_cast<unsigned>(versions) & static_cast<unsigned>(one)) != 0;
}

std::vector<std::string> Case::statements_of(wire::Version version) const {
  std::vector<std::string> found;
  for (const std::string& statement : statements) {
    if (speaks_of(statement, version)) found.push_back(statement);
  }
  return found;
}

void add_case(std::string name, CaseInfo info, Body body, const char* file, int line) {
  add(Subject::broker, std::move(name), std::move(info), std::move(body), file, line);
}

void add_client_case(std::string name, CaseInfo info, Body body, const char* file, int line) {
  if (name.find("/client-") == std::string::npos)
    throw std::logic_error(fmt::format("client case {}: expected STATEMENT/client-slug", name));
  info.needs.push_back(Capability::paho);
  add(Subject::client, std::move(name), std::move(info), std::move(body), file, line);
}

const std::vector<Case>& all_cases() {
  std::vector<Case>& cases = registry();
  if (!sorted) {
    std::stable_sort(cases.begin(), cases.end(),
                     [](const Case& a, const Case& b) { return natural_less(a.name, b.name); });
    const auto twice = std::adjacent_find(cases.begin(), cases.end(),
                                          [](const Case& a, const Case& b) { return a.name == b.name; });
    if (twice != cases.end()) throw std::logic_error(fmt::format("two cases are named {}", twice->name));
    sorted = true;
  }
  return cases;
}

}  // namespace mqttvet::conformance
