// What catches which planted bug, for people and for other programs.
#pragma once

#include <string>
#include <vector>

#include "conformance/selftest/report.h"

namespace mqttvet::reports {

// One line a bug: how many cases fail, and which of them says it best.
std::string selftest_terminal(const conformance::SelftestReport& report);
std::string selftest_json(const conformance::SelftestReport& report);
// The page docs/what-the-cases-catch.md. It does not change while the verdicts don't.
std::string selftest_markdown(const conformance::SelftestReport& report);

// A row of that page's table: a bug, and the case that is named first. Empty: none catches it.
struct SelftestRow {
  std::string mutant;
  std::string name;  // of the case
  std::string version;
};
std::vector<SelftestRow> selftest_rows(const std::string& markdown);

}  // namespace mqttvet::reports
