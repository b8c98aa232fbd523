#include "reports/selftest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

namespace mqttvet::reports {
namespace {

using Json = nlohmann::ordered_json;
using conformance::Catch;
using conformance::Caught;
using conformance::SelftestReport;

// So many cases of a bug stand on the page; the JSON has all.
constexpr std::size_t kNamedMax = 4;
constexpr const char* kRowBegins = "| `";
constexpr const char* kSecondPart = "# Where the cases pass";

std::string summary(const SelftestReport& report) {
  const auto seen = std::count_if(report.mutants.begin(), report.mutants.end(), [](const Caught& caught) {
    return caught.red.empty() && !caught.changed.empty();
  });
  return fmt::format("{} of {} planted bugs turn a case red, {} more make one non-strict; {} cases",
                     report.caught_count(), report.mutants.size(), seen, report.case_count);
}

std::string summary(const conformance::ElsewhereSummary& elsewhere) {
  std::string text = fmt::format("{} cases pass on another broker", elsewhere.case_count);
  std::string separator = " (";
  for (const auto& [target, count] : elsewhere.targets) {
    text += fmt::format("{}{}: {}", separator, target, count);
    separator = ", ";
  }
  if (!elsewhere.targets.empty()) text += ")";
  return fmt::format("{}; {} say why none can; {} don't", text, elsewhere.explained_count,
                     elsewhere.unexplained.size());
}

// Why nothing is red.
std::string gap(const Caught& caught) {
  if (caught.reached_count == 0) return "no case comes by its place";
  if (!caught.changed.empty())
    return fmt::format("{}: {}", name_of(caught.changed.front().verdict), caught.changed.front().label());
  return fmt::format("{} cases come by its place, none sees it", caught.reached_count);
}

Json to_json(const Catch& one) {
  return {{"case", one.name},
          {"mqtt", wire::name_of(one.version)},
          {"verdict", name_of(one.verdict)},
          {"text", one.text}};
}

Json to_json(const std::vector<Catch>& catches) {
  Json list = Json::array();
  for (const Catch& one : catches) list.push_back(to_json(one));
  return list;
}

std::string named(const Caught& caught) {
  if (caught.red.empty()) return gap(caught);
  std::vector<std::string> names;
  for (const Catch& one : caught.red) {
    const std::string name = fmt::format("`{}`", one.name);
    const bool again = std::any_of(names.begin(), names.end(),
                                   [&](const std::string& known) { return known.starts_with(name); });
    if (!again && names.size() < kNamedMax)
      names.push_back(fmt::format("{} {}", name, wire::name_of(one.version)));
  }
  return fmt::format("{}", fmt::join(names, "<br>"));
}

}  // namespace

std::string selftest_terminal(const SelftestReport& report) {
  std::string text;
  for (const Catch& one : report.bad)
    text += fmt::format("{:<13} on the sound broker: {}: {}\n", name_of(one.verdict), one.label(), one.text);
  for (const Caught& caught : report.mutants) {
    text += fmt::format("{:<36} {:>5}  {}\n", caught.mutant, caught.red.size(),
                        caught.red.empty() ? gap(caught) : caught.red.front().label());
  }
  for (const std::string& label : report.elsewhere.unexplained)
    text += fmt::format("{} passes nowhere else, and nothing says why\n", label);
  return text + summary(report.elsewhere) + "\n" + summary(report) + "\n";
}

std::string selftest_json(const SelftestReport& report) {
  Json mutants = Json::array();
  for (const Caught& caught : report.mutants) {
    mutants.push_back({{"mutant", caught.mutant},
                       {"text", caught.text},
                       {"reached", caught.reached_count},
                       {"red", to_json(caught.red)},
                       {"changed", to_json(caught.changed)}});
  }
  const Json json = {{"format", 1},
                     {"cases", report.case_count},
                     {"caught", report.caught_count()},
                     {"bad", to_json(report.bad)},
                     {"elsewhere",
                      {{"targets", report.elsewhere.targets},
                       {"cases", report.elsewhere.case_count},
                       {"explained", report.elsewhere.explained_count},
                       {"unexplained", report.elsewhere.unexplained}}},
                     {"mutants", std::move(mutants)}};
  return json.dump(2) + "\n";
}

std::string selftest_markdown(const SelftestReport& report) {
  std::string page = fmt::format(
      "# What the cases catch\n\n"
      "Made by `mqttvet selftest --markdown docs/what-the-cases-catch.md`; do not edit. Each row is a bug "
      "that "
      "other brokers had, planted in ours\n(`mqttvet mutants --list`), and the cases that fail with it: "
      "those "
      "that few other bugs turn red come first. The broker's own\nchecks are off meanwhile. A test holds the "
      "first case of each row to what it promises.\n\n{}.\n\n"
      "| planted bug | what the broker does wrong | red | by |\n|---|---|---:|---|\n",
      summary(report));
  for (const Caught& caught : report.mutants) {
    page += fmt::format("{}{}` | {} | {} | {} |\n", kRowBegins, caught.mutant, caught.text, caught.red.size(),
                        named(caught));
  }
  page += fmt::format(
      "\n{}\n\n{}.\n`conformance/elsewhere/` has the records; "
      "`mqttvet conform --target ... --record FILE` adds to one.\n\n"
      "| cases | why they pass on none of these |\n|---|---|\n",
      kSecondPart, summary(report.elsewhere));
  for (const auto& [cases, reason] : report.elsewhere.reasons)
    page += fmt::format("| `{}` | {} |\n", cases, reason);
  return page;
}

std::vector<SelftestRow> selftest_rows(const std::string& markdown) {
  std::vector<SelftestRow> rows;
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    if (line == kSecondPart) break;
    if (!line.starts_with(kRowBegins)) continue;
    std::istringstream words(line.substr(std::string_view(kRowBegins).size()));
    SelftestRow row;
    std::getline(words, row.mutant, '`');
    std::string last = line.substr(line.rfind(" | ", line.size() - 3) + 3);
    if (last.starts_with('`')) {
      std::istringstream case_and_version(last.substr(1));
      std::getline(case_and_version, row.name, '`');
      case_and_version >> row.version;
      row.version = row.version.substr(0, row.version.find('<'));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mqttvet::reports
