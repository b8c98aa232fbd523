#include "reports/junit.h"

#include <fmt/format.h>

#include <chrono>

#include "reports/escape.h"
#include "reports/terminal.h"

namespace mqttvet::reports {
namespace {

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string body_of(const sim::RunResult& run) {
  std::string text;
  for (const sim::Finding& finding : run.findings) {
    text += for_xml(headline(finding)) + "\n";
    for (const std::string& detail : finding.details) text += "    " + for_xml(detail) + "\n";
  }
  return text + "mqttvet replay " + for_xml(run.replay) + "\n";
}

}  // namespace

std::string junit(const std::vector<sim::RunResult>& runs, const sim::Summary& summary) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format(
      "<testsuites><testsuite name=\"mqttvet sim\" tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n",
      summary.runs, summary.failed, seconds(summary.wall));
  for (const sim::RunResult& run : runs) {
    xml += fmt::format("<testcase classname=\"mqttvet.sim\" name=\"{}\" time=\"{:.3f}\"", for_xml(run.name),
                       seconds(run.wall));
    if (run.passed()) {
      xml += "/>\n";
      continue;
    }
    xml += fmt::format(">\n<failure type=\"{}\" message=\"{}\">{}</failure>\n</testcase>\n",
                       for_xml(run.findings.front().code), for_xml(headline(run.findings.front())),
                       body_of(run));
  }
  return xml + "</testsuite></testsuites>\n";
}

}  // namespace mqttvet::reports
