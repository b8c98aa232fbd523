#include <fmt/format.h>

#include "conformance/harness/suite.h"
#include "reports/conformance.h"
#include "reports/escape.h"

namespace mqttvet::reports {
namespace {

using conformance::CaseResult;
using conformance::SuiteReport;
using conformance::Verdict;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// Line by line, for for_xml() would turn line feeds into text.
std::string lines_for_xml(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    safe += for_xml(text.substr(0, end)) + "\n";
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return safe;
}

struct Suite {
  std::string cases;
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
  double time = 0;
};

void add(Suite& suite, const SuiteReport& report, const CaseResult& result) {
  const Section section = section_of(result);
  ++suite.tests;
  suite.time += seconds(result.took);
  suite.cases +=
      fmt::format("<testcase classname=\"mqttvet.{}.{}\" name=\"{} [{}]\" time=\"{:.3f}\"", section.version,
                  section.number, for_xml(result.name), name_of(result.version), seconds(result.took));
  const bool bad = conformance::is_bad(result.verdict);
  if (result.verdict == Verdict::pass) {
    suite.cases += "/>\n";
  } else if (result.verdict == Verdict::non_strict) {
    suite.cases +=
        fmt::format(">\n<system-out>non-strict: {}</system-out>\n</testcase>\n", for_xml(result.text));
  } else if (!bad || !result.known.empty()) {
    ++suite.skipped;
    const std::string why =
        result.known.empty() ? result.text : fmt::format("known: {} ({})", result.known, result.text);
    suite.cases +=
        fmt::format(">\n<skipped message=\"{}: {}\"/>\n</testcase>\n", name_of(result.verdict), for_xml(why));
  } else {
    const bool failed = result.verdict == Verdict::fail;
    ++(failed ? suite.failures : suite.errors);
    const char* element = failed ? "failure" : "error";
    suite.cases += fmt::format(">\n<{0} type=\"{1}\" message=\"{2}\">{3}{4}\n</{0}>\n</testcase>\n", element,
                               name_of(result.verdict), for_xml(result.text),
                               lines_for_xml(conformance::to_text(result.transcript)),
                               for_xml(conformance::command_for(report, result)));
  }
}

}  // namespace

std::string conformance_junit(const SuiteReport& report) {
  std::vector<std::pair<Section, Suite>> suites;
  Suite all;
  for (const CaseResult& result : report.results) {
    const Section section = section_of(result);
    if (suites.empty() || suites.back().first != section) suites.emplace_back(section, Suite{});
    add(suites.back().second, report, result);
  }
  std::string body;
  for (const auto& [section, suite] : suites) {
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
    all.skipped += suite.skipped;
    body += fmt::format(
        "<testsuite name=\"MQTT {} {} {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
        "time=\"{:.3f}\">\n{}</testsuite>\n",
        section.version, section.number, section.title, suite.tests, suite.failures, suite.errors,
        suite.skipped, suite.time, suite.cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mqttvet conform {}\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n{}</testsuites>\n",
      for_xml(report.target), all.tests, all.failures, all.errors, all.skipped, seconds(report.wall), body);
}

}  // namespace mqttvet::reports
