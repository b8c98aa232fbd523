#include <fmt/format.h>

#include "conformance/harness/suite.h"
#include "conformance/statements/statements.h"
#include "reports/conformance.h"
#include "reports/escape.h"
#include "reports/terminal.h"

namespace mqttvet::reports {
namespace {

using conformance::CaseResult;
using conformance::SuiteReport;
using conformance::Verdict;

constexpr const char* kStyle = R"(
:root{color-scheme:light dark}
body{font:15px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}
.tally span{margin-right:1rem}
details{border-left:.3rem solid #8888;margin:.15rem 0;padding:.1rem .6rem}
summary{cursor:pointer}code,pre{font:12.5px/1.4 ui-monospace,monospace}
pre{overflow-x:auto;background:#8881;padding:.6rem}
.pass{border-color:#2a9d4a}.fail,.inconclusive{border-color:#d62f3a}.non-strict{border-color:#d99a1c}
b.pass{color:#2a9d4a}b.fail,b.inconclusive{color:#d62f3a}b.non-strict{color:#b57a00}
)";

// Hides what is not wanted; everything is there without it.
constexpr const char* kScript = R"(
const boxes=document.querySelectorAll('.tally input');
function show(){const off=new Set([...boxes].filter(b=>!b.checked).map(b=>b.value));
document.querySelectorAll('details').forEach(d=>d.hidden=off.has(d.className))}
boxes.forEach(b=>b.addEventListener('change',show));show();
)";

std::string escaped_lines(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    safe += for_xml(text.substr(0, end)) + "\n";
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return safe;
}

std::string tally(const SuiteReport& report) {
  std::string html = "<p class=\"tally\">";
  for (const auto& [verdict, count] : report.counts()) {
    const bool shown = verdict != Verdict::pass && verdict != Verdict::skipped;
    html += fmt::format(
        "<span><label><input type=\"checkbox\" value=\"{0}\"{1}> <b class=\"{0}\">{2} {0}</b></label></span>",
        name_of(verdict), shown ? " checked" : "", count);
  }
  return html + "</p>\n";
}

std::string case_html(const SuiteReport& report, const CaseResult& result) {
  std::string html = fmt::format(
      "<details class=\"{0}\"><summary><b class=\"{0}\">{0}</b> {1} <small>{2}</small> {3}</summary>\n",
      name_of(result.verdict), for_xml(result.name), name_of(result.version), for_xml(result.text));
  for (const std::string& id : result.statements) {
    if (const auto* statement = conformance::find_statement(id))
      html += fmt::format("<p><b>{}</b> ({}, section {}): {}</p>\n", id, for_xml(statement->keyword),
                          for_xml(statement->section), for_xml(statement->summary));
  }
  for (const std::string& remark : result.remarks)
    html += fmt::format("<p>non-strict: {}</p>\n", for_xml(remark));
  if (!result.known.empty()) html += fmt::format("<p>known: {}</p>\n", for_xml(result.known));
  for (const auto& [what, how] : result.behaviours)
    html += fmt::format("<p>{}: <b>{}</b></p>\n", for_xml(what), for_xml(how));
  if (!result.transcript.empty())
    html += "<pre>" + escaped_lines(conformance::to_text(result.transcript)) + "</pre>\n";
  html +=
      fmt::format("<p><code>{}</code></p>\n</details>\n", for_xml(conformance::command_for(report, result)));
  return html;
}

}  // namespace

std::string conformance_html(const SuiteReport& report) {
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>mqttvet conform {0}</title><style>{1}</style></head>\n<body>\n"
      "<h1>MQTT conformance of {0}</h1>\n<p>mqttvet {2}, {3} runs of cases in {4}</p>\n",
      for_xml(report.target), kStyle, for_xml(report.version_of_mqttvet), report.results.size(),
      for_people(report.wall));
  html += tally(report);
  for (const auto& fixed : report.fixed)
    html += fmt::format("<p>fixed, but still listed as known: {} ({})</p>\n", for_xml(fixed.pattern),
                        for_xml(fixed.reason));
  Section current;
  for (const CaseResult& result : report.results) {
    if (const Section section = section_of(result); section != current) {
      current = section;
      html +=
          fmt::format("<h2>MQTT {} &middot; {} {}</h2>\n", current.version, current.number, current.title);
    }
    html += case_html(report, result);
  }
  return html + fmt::format("<script>{}</script>\n</body></html>\n", kScript);
}

}  // namespace mqttvet::reports
