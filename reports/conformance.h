// A conformance suite for people and other programs: terminal, JUnit XML, JSON (docs/conformance-json.md),
// one HTML page.
#pragma once

#include <string>

#include "conformance/harness/suite_report.h"

namespace mqttvet::reports {

// "5.0 3.8 SUBSCRIBE": version and section of the result's main statement, and the section's name.
struct Section {
  std::string version;
  std::string number;
  std::string title;
  bool operator==(const Section&) const = default;
};
Section section_of(const conformance::CaseResult& result);

struct TerminalChoices {
  bool colour = false;
  bool verbose = false;  // every case with its packets, not only what went wrong
};
// Grouped by section; what is bad with its packets, its statement and the command that runs it alone.
std::string conformance_terminal(const conformance::SuiteReport& report, const TerminalChoices& choices);
// The last lines: how many of each verdict, known and fixed deviations.
std::string conformance_summary(const conformance::SuiteReport& report);

// One testsuite per section. fail: failure; inconclusive: error; unimplemented, skipped and known: skipped.
std::string conformance_junit(const conformance::SuiteReport& report);
std::string conformance_json(const conformance::SuiteReport& report);
// Needs nothing from elsewhere.
std::string conformance_html(const conformance::SuiteReport& report);

}  // namespace mqttvet::reports
