#include "reports/mutants.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/terminal.h"

namespace mqttvet::reports {
namespace {

using Json = nlohmann::ordered_json;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

bool killed(const MutantReport& report) {
  return report.hunt.code.has_value();
}

// Why a mutant lives: what it takes to kill it.
std::string gap(const sim::Hunt& hunt) {
  if (hunt.reached == 0) return "never reached: the generator has a gap";
  std::string text = fmt::format("reached in {} of {} runs: the oracles have a gap", for_people(hunt.reached),
                                 for_people(hunt.runs));
  for (const auto& [code, runs] : hunt.passed_over)
    text += fmt::format("; {} in {} runs, which doesn't count", code, for_people(runs));
  return text;
}

std::string sizes(const MutantReport& report) {
  if (!report.size_after) return "";
  return fmt::format("{} -> {}", report.size_before.value_or(0), *report.size_after);
}

// A cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::uint64_t count_killed(const std::vector<MutantReport>& reports) {
  return static_cast<std::uint64_t>(std::count_if(reports.begin(), reports.end(), killed));
}

std::string median_text(const std::vector<MutantReport>& reports) {
  const auto median = median_size(reports);
  return median ? fmt::format("; the middle one of the shrunk plans has {} operations and faults", *median)
                : "";
}

// "killed by ORD", "survived", or the catalogue's own word.
std::string fate(const CatalogueRow& row, const std::map<std::string, const MutantReport*>& by_name) {
  if (row.mutants.empty()) return row.state;
  std::string text;
  for (const std::string& mutant : row.mutants) {
    const auto found = by_name.find(mutant);
    if (!text.empty()) text += "; ";
    text += mutant + ": ";
    text += found == by_name.end()   ? "not hunted"
            : killed(*found->second) ? "killed by " + *found->second->hunt.code
                                     : "**survived**";
  }
  return text;
}

std::string catalogue_markdown(const std::vector<CatalogueRow>& catalogue,
                               const std::vector<MutantReport>& reports) {
  if (catalogue.empty()) return "";
  std::map<std::string, const MutantReport*> by_name;
  for (const MutantReport& report : reports) by_name[report.hunt.mutant] = &report;
  std::map<std::string, std::uint64_t> states;
  std::string rows;
  for (const CatalogueRow& row : catalogue) {
    ++states[row.state];
    rows += fmt::format("| {} | {} | {} | {} |\n", row.source, row.difficulty, fate(row, by_name),
                        cell(row.note));
  }
  std::string sum;
  for (const auto& [state, count] : states)
    sum += fmt::format("{}{} {}", sum.empty() ? "" : ", ", count, state);
  return fmt::format(
      "\n## Every known mistake\n\nOf {} in `broker/mutants/catalogue.csv`: {}.\n\n"
      "| source | class | what became of it | note |\n|---|---|---|---|\n{}",
      catalogue.size(), sum, rows);
}

}  // namespace

std::optional<std::size_t> median_size(const std::vector<MutantReport>& reports) {
  std::vector<std::size_t> all;
  for (const MutantReport& report : reports)
    if (report.size_after) all.push_back(*report.size_after);
  if (all.empty()) return std::nullopt;
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

std::string line(const MutantReport& report) {
  const sim::Hunt& hunt = report.hunt;
  const std::string cost =
      fmt::format("{:>5} seeds {:>6.1f} core-seconds {:>7} hits", hunt.runs, seconds(hunt.cpu), hunt.hits);
  if (!killed(report)) return fmt::format("{:<32} SURVIVED      {}  {}\n", hunt.mutant, cost, gap(hunt));
  return fmt::format("{:<32} killed by {:<9} {}  {}\n", hunt.mutant, *hunt.code, cost, sizes(report));
}

std::string summary(const std::vector<MutantReport>& reports) {
  std::string text = fmt::format("{} of {} planted bugs were killed{}\n", count_killed(reports),
                                 reports.size(), median_text(reports));
  for (const MutantReport& report : reports)
    if (!killed(report)) text += fmt::format("  {} survived: {}\n", report.hunt.mutant, gap(report.hunt));
  return text;
}

std::string mutants_markdown(const std::vector<MutantReport>& reports, const sim::HuntOptions& budget,
                             const std::vector<CatalogueRow>& catalogue) {
  std::string text = fmt::format(
      "# Planted bugs, hunted with seeds\n\n"
      "Made by `mqttvet mutants --markdown docs/mutants.md --catalogue broker/mutants/catalogue.csv`; do not "
      "edit. Each bug of "
      "`broker/mutants/mutants.inc` is switched on "
      "alone, and seeds are run\n"
      "from 1 until an oracle blames the broker: at most {} of them, or {:.0f} core-seconds. The broker's "
      "own invariants don't "
      "count. *Hits*: how often\n"
      "these runs reached the planted code. *Plan*: operations and faults of the run that killed it, and of "
      "the story that "
      "`mqttvet shrink` leaves of it.\n\n"
      "**{} of {} were killed**{}.\n\n"
      "| bug | what the broker does wrong | seen in | killed by | seeds | core-seconds | hits | plan |\n"
      "|---|---|---|---|---:|---:|---:|---|\n",
      budget.seeds_max, seconds(budget.cpu_max), count_killed(reports), reports.size(), median_text(reports));
  for (const MutantReport& report : reports) {
    const sim::Hunt& hunt = report.hunt;
    text += fmt::format("| {} | {} | {} | {} | {} | {:.1f} | {} | {} |\n", hunt.mutant, cell(report.text),
                        cell(report.origin), hunt.code.value_or("**survived**: " + gap(hunt)), hunt.runs,
                        seconds(hunt.cpu), hunt.hits, sizes(report));
  }
  return text + catalogue_markdown(catalogue, reports);
}

std::string mutants_json(const std::vector<MutantReport>& reports) {
  Json all = Json::array();
  for (const MutantReport& report : reports) {
    const sim::Hunt& hunt = report.hunt;
    Json json = {{"mutant", hunt.mutant},
                 {"text", report.text},
                 {"origin", report.origin},
                 {"killed", killed(report)},
                 {"runs", hunt.runs},
                 {"cpu_seconds", seconds(hunt.cpu)},
                 {"hits", hunt.hits},
                 {"runs_that_reached_it", hunt.reached},
                 {"findings_that_do_not_count", hunt.passed_over}};
    if (hunt.code) json["code"] = *hunt.code, json["seed"] = hunt.seed;
    if (report.size_before) json["size_before"] = *report.size_before;
    if (report.size_after) json["size_after"] = *report.size_after;
    all.push_back(std::move(json));
  }
  return Json({{"killed", count_killed(reports)}, {"mutants", all}})
             .dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace mqttvet::reports
