#include "cli/selftest_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "conformance/elsewhere/elsewhere.h"
#include "conformance/harness/selection.h"
#include "reports/selftest.h"

namespace mqttvet::cli {
namespace {

using namespace conformance;

// nullopt: there is no such case any more.
std::optional<Instance> instance_of(const reports::SelftestRow& row) {
  const auto version = version_from(row.version);
  for (const Case& one : all_cases()) {
    if (version && one.name == row.name && contains(one.versions, *version)) return Instance{&one, *version};
  }
  return std::nullopt;
}

ElsewhereSummary elsewhere(const std::vector<Instance>& instances) {
  ElsewhereSummary summary;
  for (const OtherTarget& target : other_targets()) summary.targets[target.name] = 0;
  for (const Instance& instance : instances) {
    const std::vector<std::string> targets = passes_elsewhere(*instance.one, instance.version);
    for (const std::string& target : targets) ++summary.targets[target];
    if (!targets.empty()) ++summary.case_count;
  }
  for (const Instance& instance : without_another_target(instances)) {
    summary.unexplained.push_back(fmt::format("{} {}", instance.one->name, wire::name_of(instance.version)));
  }
  summary.explained_count = instances.size() - summary.case_count - summary.unexplained.size();
  for (const OnlyHere& row : only_here()) summary.reasons.emplace_back(row.cases, row.reason);
  return summary;
}

}  // namespace

SelftestCommand::SelftestCommand(CLI::App& app)
    : command_(app.add_subcommand("selftest", "Which case of the suite catches which planted bug")) {
  CLI::App& command = *command_;
  command.add_option("mutants", mutants_, "Planted bugs of `mqttvet mutants --list`; default: all")
      ->type_name("MUTANT");
  command.add_option("--cases", patterns_, "Only these cases; may be repeated")
      ->type_name("ID|SECTION|GLOB")
      ->allow_extra_args(false);
  command.add_option("--jobs", jobs_, "So many at once; default: the processors");
  command.add_option("--json", json_, "Write every case that catches something, as JSON")->type_name("FILE");
  command.add_option("--markdown", markdown_, "Write the page docs/what-the-cases-catch.md")
      ->type_name("FILE");
  command.add_option("--check", check_, "Only run what such a page promises: its first case for each bug")
      ->type_name("FILE");
  command.add_flag("-q,--quiet", quiet_, "Only the summary");
  command.footer(
      "Exit status 1: a planted bug turns no case red, or a promise is broken.\n"
      "Examples:\n"
      "  mqttvet selftest                                            all of them: some minutes\n"
      "  mqttvet selftest B023 --json b023.json                      every case that one of them turns red\n"
      "  mqttvet selftest --markdown docs/what-the-cases-catch.md    the page anew\n"
      "  mqttvet selftest --check docs/what-the-cases-catch.md       does it still hold? some seconds");
}

std::optional<std::vector<core::Mutant>> SelftestCommand::mutants() const {
  std::vector<core::Mutant> chosen;
  for (const std::string& name : mutants_) {
    const auto found = core::find_mutant(name);
    if (!found) {
      complain(fmt::format("unknown planted bug '{}'; expected one of `mqttvet mutants --list`", name));
      return std::nullopt;
    }
    chosen.push_back(*found);
  }
  if (mutants_.empty()) {
    for (const core::MutantInfo& info : core::kMutants) chosen.push_back(info.mutant);
  }
  return chosen;
}

int SelftestCommand::check() const {
  const auto page = read_file(check_);
  if (!page) {
    complain(fmt::format("--check: cannot read {}", check_));
    return kUsage;
  }
  bool kept = true;
  const auto break_it = [&](const std::string& why) {
    fmt::print("{}: {}\n", check_, why);
    kept = false;
  };
  std::set<std::string> listed;
  std::vector<Promise> promises;
  for (const reports::SelftestRow& row : reports::selftest_rows(*page)) {
    listed.insert(row.mutant);
    const auto mutant = core::find_mutant(row.mutant);
    const auto instance = instance_of(row);
    if (!mutant) {
      break_it(fmt::format("{} is not planted any more", row.mutant));
    } else if (!row.name.empty() && !instance) {
      break_it(fmt::format("there is no case {} {} any more", row.name, row.version));
    } else if (instance) {
      promises.push_back({*mutant, *instance});
    }
  }
  // Who plants a bug need not write the page anew in the same breath.
  for (const core::MutantInfo& info : core::kMutants) {
    if (!listed.contains(std::string(info.name)))
      fmt::print("{}: {} is not there yet\n", check_, info.name);
  }
  for (const Promise& broken : broken_promises(promises)) {
    break_it(fmt::format("{} passes with {}", broken.instance.one->name,
                         core::kMutants[static_cast<std::size_t>(broken.mutant)].name));
  }
  if (kept)
    fmt::print("{}: {} promises kept\n", check_, promises.size());
  else
    fmt::print("{}: `mqttvet selftest --markdown {}` writes it anew\n", check_, check_);
  return kept ? kPassed : kFailed;
}

int SelftestCommand::run() {
  if (!check_.empty()) return check();
  const auto chosen = mutants();
  if (!chosen) return kUsage;
    Selection selection;
  selection.subject = conformance::Subject::broker;
  selection.patterns = patterns_;
  const std::vector<Instance> instances = select(all_cases(), selection);
  if (instances.empty()) {
    complain("--cases: no case is so named; `mqttvet conform --list` names them");
    return kUsage;
  }
  const bool progress = !quiet_ && isatty(STDERR_FILENO) == 1;
  SelftestReport report =
      run_selftest(instances, *chosen, jobs_ > 0 ? jobs_ : std::max(1U, std::thread::hardware_concurrency()),
                   [&](std::string_view what) {
                     if (progress) fmt::print(stderr, "\r\x1b[K{}", what);
                   });
  if (progress) fmt::print(stderr, "\r\x1b[K");
  report.elsewhere = elsewhere(instances);
  const std::string text = reports::selftest_terminal(report);
  fmt::print("{}", quiet_ ? text.substr(text.rfind('\n', text.size() - 2) + 1) : text);
  if (!json_.empty() && !write_file(json_, reports::selftest_json(report))) return kUsage;
  if (!markdown_.empty() && !write_file(markdown_, reports::selftest_markdown(report))) return kUsage;
  return report.caught_count() == report.mutants.size() && report.bad.empty() &&
                 report.elsewhere.unexplained.empty()
             ? kPassed
             : kFailed;
}

}  // namespace mqttvet::cli
