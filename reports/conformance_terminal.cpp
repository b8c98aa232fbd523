#include <fmt/format.h>

#include <array>

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

// Headings of the standard, as short as it gets.
constexpr std::array kTitles = {
    std::pair{"1.5", "Data representation"},
    std::pair{"2.1", "Fixed header"},
    std::pair{"2.2", "Variable header"},
    std::pair{"2.3", "Packet identifier"},
    std::pair{"3.1", "CONNECT"},
    std::pair{"3.2", "CONNACK"},
    std::pair{"3.3", "PUBLISH"},
    std::pair{"3.4", "PUBACK"},
    std::pair{"3.5", "PUBREC"},
    std::pair{"3.6", "PUBREL"},
    std::pair{"3.7", "PUBCOMP"},
    std::pair{"3.8", "SUBSCRIBE"},
    std::pair{"3.9", "SUBACK"},
    std::pair{"3.10", "UNSUBSCRIBE"},
    std::pair{"3.11", "UNSUBACK"},
    std::pair{"3.12", "PINGREQ"},
    std::pair{"3.13", "PINGRESP"},
    std::pair{"3.14", "DISCONNECT"},
    std::pair{"3.15", "AUTH"},
    std::pair{"4.1", "Session State"},
    std::pair{"4.2", "Network connections"},
    std::pair{"4.3", "Quality of Service"},
    std::pair{"4.4", "Delivery retry"},
    std::pair{"4.5", "Message receipt"},
    std::pair{"4.6", "Message ordering"},
    std::pair{"4.7", "Topic names and filters"},
    std::pair{"4.8", "Subscriptions"},
    std::pair{"4.9", "Flow control"},
    std::pair{"4.10", "Request and response"},
    std::pair{"4.11", "Server redirection"},
    std::pair{"4.12", "Enhanced authentication"},
    std::pair{"4.13", "Handling errors"},
};

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "\x1b[32m";
    case Verdict::fail:
    case Verdict::inconclusive:
      return "\x1b[31m";
    case Verdict::non_strict:
      return "\x1b[33m";
    case Verdict::unimplemented:
    case Verdict::skipped:
      break;
  }
  return "\x1b[2m";
}

class Page {
 public:
  Page(const SuiteReport& report, const TerminalChoices& choices) : report_(report), choices_(choices) {}

  std::string text() {
    for (std::size_t i = 0; i < report_.results.size();) i = add_section(i);
    return std::move(text_);
  }

 private:
  // Of the results that follow each other in one section; returns the first behind it.
  std::size_t add_section(std::size_t begin) {
    const Section section = section_of(report_.results[begin]);
    std::size_t end = begin;
    std::map<Verdict, int> counts;
    while (end < report_.results.size() && section_of(report_.results[end]) == section)
      ++counts[report_.results[end++].verdict];
    std::string tally;
    for (const auto& [verdict, count] : counts)
      tally += fmt::format("  {}", coloured(verdict, fmt::format("{} {}", count, name_of(verdict))));
    text_ +=
        fmt::format("MQTT {:<5} {:<5} {:<24}{}\n", section.version, section.number, section.title, tally);
    for (std::size_t i = begin; i < end; ++i) {
      const CaseResult& result = report_.results[i];
      if (choices_.verbose || result.verdict != Verdict::pass) add_case(result);
    }
    return end;
  }

  void add_case(const CaseResult& result) {
    const bool bad = conformance::is_bad(result.verdict);
    text_ +=
        fmt::format("    {} {} [{}]{}{}\n", coloured(result.verdict, name_of(result.verdict)), result.name,
                    name_of(result.version), result.text.empty() ? "" : ": ", for_terminal(result.text));
    for (std::size_t i = 1; i < result.remarks.size(); ++i)
      text_ += fmt::format("        also {}\n", for_terminal(result.remarks[i]));
    if (!result.known.empty()) text_ += fmt::format("        known: {}\n", for_terminal(result.known));
    if (!choices_.verbose && (!bad || !result.known.empty())) return;
    if (bad) {
      for (const std::string& id : result.statements) {
        if (const auto* statement = conformance::find_statement(id))
          text_ += fmt::format("        {}: {} ({})\n", id, statement->summary, statement->keyword);
      }
    }
    for (const auto& [what, how] : result.behaviours)
      text_ += fmt::format("        {}: {}\n", for_terminal(what), for_terminal(how));
    std::string_view lines;
    const std::string transcript = conformance::to_text(result.transcript);
    for (lines = transcript; !lines.empty(); lines.remove_prefix(lines.find('\n') + 1))
      text_ += "      " + for_terminal(lines.substr(0, lines.find('\n'))) + "\n";
    if (bad) text_ += fmt::format("        {}\n", conformance::command_for(report_, result));
  }

  std::string coloured(Verdict verdict, std::string_view text) const {
    return choices_.colour ? fmt::format("{}{}\x1b[0m", colour_of(verdict), text) : std::string(text);
  }

  const SuiteReport& report_;
  const TerminalChoices& choices_;
  std::string text_;
};

}  // namespace

Section section_of(const CaseResult& result) {
  // The name's section: cases stand together by it, whatever the version.
  const std::size_t dash = result.name.find('-');
  const std::size_t dot = result.name.find('.', dash);
  const std::size_t end = result.name.find_first_of(".-/", dot + 1);
  const std::string prefix = result.name.substr(0, dash);
  Section section{prefix == "MQTT5"     ? "5.0"
                  : prefix == "MQTT311" ? "3.1.1"
                                        : "3.1",
                  result.name.substr(dash + 1, end - dash - 1), ""};
  for (const auto& [number, title] : kTitles) {
    if (section.number == number) section.title = title;
  }
  if (section.number.starts_with("6.")) section.title = "WebSocket";
  return section;
}

std::string conformance_terminal(const SuiteReport& report, const TerminalChoices& choices) {
  return Page(report, choices).text();
}

std::string conformance_summary(const SuiteReport& report) {
  std::string text;
  for (const conformance::KnownDeviation& fixed : report.fixed) {
    text += fmt::format("fixed, but still listed as known: {} ({}), line {}\n", fixed.pattern,
                        for_terminal(fixed.reason), fixed.line);
  }
  text += for_terminal(report.target) + ":";
  for (const auto& [verdict, count] : report.counts())
    text += fmt::format(" {} {},", count, name_of(verdict));
  if (const int known = report.known_count(); known > 0) text += fmt::format(" {} of these known,", known);
  return text + " in " + for_people(report.wall) + "\n";
}

}  // namespace mqttvet::reports
