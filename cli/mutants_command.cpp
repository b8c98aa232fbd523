#include "cli/mutants_command.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "broker/core/mutants.h"
#include "sim/hunt/reproducer.h"
#include "sim/plan/generate.h"

namespace mqttvet::cli {
namespace {

// "B015", "B015_pid_collision_at_wrap", "E_*"
bool matches(const core::MutantInfo& mutant, const std::string& pattern) {
  return core::find_mutant(pattern) == mutant.mutant ||
         fnmatch(pattern.c_str(), std::string(mutant.name).c_str(), 0) == 0;
}

// In the order of the list. nullopt: a pattern fits none; said so.
std::optional<std::vector<core::MutantInfo>> selected(const std::vector<std::string>& patterns) {
  const auto begin = std::begin(core::kMutants), end = std::end(core::kMutants);
  for (const std::string& pattern : patterns) {
    if (std::none_of(begin, end, [&](const auto& mutant) { return matches(mutant, pattern); }))
      return complain(
                 fmt::format("unknown mutant '{}'; expected one of `mqttvet mutants --list`, or a pattern "
                             "such as 'E_*'",
                             pattern)),
             std::nullopt;
  }
  std::vector<core::MutantInfo> chosen;
  std::copy_if(begin, end, std::back_inserter(chosen), [&](const core::MutantInfo& mutant) {
    return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
             return matches(mutant, pattern);
           });
  });
  return chosen;
}

}  // namespace

MutantsCommand::MutantsCommand(CLI::App& app)
    : command_(
          app.add_subcommand("mutants", "Hunt the bugs planted in the broker with seeds: who finds each?")) {
  command_->add_option("mutants", patterns_, "Only these: names, ids or patterns; default: all")
      ->type_name("ID|GLOB");
  command_->add_flag("--list", list_, "Name them, with what they do and where they were seen, and hunt none");
  command_->add_option("--seeds", hunting_.seeds_max, "Of each at most so many seeds, from 1")
      ->type_name("N")
      ->capture_default_str();
  command_->add_option("--seconds", seconds_, "Of each at most so much processor time")
      ->type_name("S")
      ->capture_default_str();
  command_->add_option("--jobs", jobs_, "Runs at the same time; default: one per processor")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command_->add_flag("--no-shrink", no_shrink_, "Do not make the plans small that killed one");
  command_->add_option("--shrink-seconds", shrinking_seconds_, "Real time for each of them")
      ->type_name("S")
      ->capture_default_str();
  command_->add_option("--save", save_, "Write each shrunk plan into this folder, as MUTANT.yaml")
      ->type_name("DIR");
  command_->add_option("--json", json_, "Write everything as JSON")->type_name("FILE");
  command_->add_option("--markdown", markdown_, "Write the page of the documentation")->type_name("FILE");
  command_
      ->add_option("--catalogue", catalogue_, "With --markdown: also what became of each row of this file")
      ->type_name("FILE");
  command_->footer(
      "Examples:\n"
      "  mqttvet mutants --list\n"
      "  mqttvet mutants B039 'E_*' --no-shrink\n"
      "  mqttvet mutants --markdown docs/mutants.md --catalogue broker/mutants/catalogue.csv\n"
      "Exit status: 0 all were killed, 1 some survived");
}

void MutantsCommand::list() const {
  const auto chosen = selected(patterns_);
  if (!chosen) return;
  for (const core::MutantInfo& mutant : *chosen)
    fmt::print("{}\n    {} [{}]\n", mutant.name, mutant.text, mutant.origin);
}

void MutantsCommand::hunt(reports::MutantReport& report) const {
  report.hunt = sim::hunt(
      report.hunt.mutant, [](std::uint64_t seed) { return sim::generate(seed); }, hunting_);
  if (!report.hunt.code || no_shrink_) return;
  sim::TrialOptions trying;
  trying.parallel = hunting_.parallel;
  trying.interrupted = hunting_.interrupted;
  trying.time_budget = std::chrono::seconds(shrinking_seconds_);
  trying.running.mutants = {report.hunt.mutant};
  const sim::Reproducer made = sim::reproduce(sim::generate(report.hunt.seed), *report.hunt.code, trying);
  report.size_before = made.size_before;
  report.size_after = made.size_after;
  if (!save_.empty()) write_file(save_ + "/" + report.hunt.mutant + ".yaml", sim::scenario_text(made));
}

std::optional<std::vector<reports::CatalogueRow>> MutantsCommand::read_catalogue() const {
  if (catalogue_.empty()) return std::vector<reports::CatalogueRow>{};
  std::ifstream file(catalogue_);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || text.empty())
    return complain(fmt::format("--catalogue: {} cannot be read; expected a file such as "
                                "broker/mutants/catalogue.csv",
                                catalogue_)),
           std::nullopt;
  return reports::parse_catalogue(text);
}

bool MutantsCommand::write_reports(const std::vector<reports::MutantReport>& all,
                                   const std::vector<reports::CatalogueRow>& catalogue) const {
  bool written = json_.empty() || write_file(json_, reports::mutants_json(all));
  return (markdown_.empty() || write_file(markdown_, reports::mutants_markdown(all, hunting_, catalogue))) &&
         written;
}

int MutantsCommand::run() {
  const auto chosen = selected(patterns_);
  if (!chosen) return kUsage;
  if (list_) return list(), kPassed;
  const auto catalogue = read_catalogue();
  if (!catalogue) return kUsage;
  for (const std::string& path : {json_, markdown_})
    if (!path.empty() && !write_file(path, "")) return kUsage;
  if (!prepare_guests()) return kNotStarted;
  heed_interrupts();
  hunting_.cpu_max = std::chrono::seconds(seconds_);
  hunting_.parallel = jobs_ > 0 ? jobs_ : available_processors();
  hunting_.interrupted = [] { return was_interrupted(); };

  std::vector<reports::MutantReport> all;
  for (const core::MutantInfo& mutant : *chosen) {
    reports::MutantReport report{std::string(mutant.origin), std::string(mutant.text), {}, {}, {}};
    report.hunt.mutant = mutant.name;
    hunt(report);
    if (was_interrupted()) break;
    fmt::print("{}", reports::line(report));
    std::fflush(stdout);
    all.push_back(std::move(report));
  }
  fmt::print("\n{}", reports::summary(all));
  if (!write_reports(all, *catalogue)) return kUsage;
  if (was_interrupted()) return complain("interrupted; the mutants after that were left out"), kFailed;
  const bool all_killed =
      std::all_of(all.begin(), all.end(), [](const auto& report) { return report.hunt.code.has_value(); });
  return all_killed ? kPassed : kFailed;
}

}  // namespace mqttvet::cli
