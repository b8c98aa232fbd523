#include "cli/conform_command.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <map>

#include "broker/core/mutants.h"
#include "conformance/harness/runner.h"
#include "conformance/target_sim/sim_target.h"
#include "reports/escape.h"

namespace mqttvet::cli {
namespace {

using namespace conformance;

constexpr wire::Version kVersions[] = {wire::Version::v3_1, wire::Version::v3_1_1, wire::Version::v5_0};

bool selected(const Case& one, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return true;
  for (const std::string& pattern : patterns) {
    if (fnmatch(pattern.c_str(), one.name.c_str(), 0) == 0 || one.name.starts_with(pattern)) return true;
  }
  return false;
}

void print(const CaseResult& result, bool verbose) {
  fmt::print("{:<14} {} [{}]{}{}\n", name_of(result.verdict), result.name, wire::name_of(result.version),
             result.text.empty() ? "" : ": ", reports::for_terminal(result.text));
  if (!verbose && result.verdict != Verdict::fail && result.verdict != Verdict::inconclusive) return;
  fmt::print("{}", to_text(result.transcript));
}

}  // namespace

ConformCommand::ConformCommand(CLI::App& app)
    : command_(app.add_subcommand("conform", "What the standard says, as cases, against one broker")) {
  command_->add_option("cases", patterns_, "Names, beginnings of names or globs; default: all");
  command_->add_flag("--list", list_, "Name the cases, run nothing");
  command_
      ->add_option("--mutant", mutants_, "Switch a planted bug of the simulated broker on; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command_->add_flag("-v,--verbose", verbose_, "Every packet of every case");
}

int ConformCommand::run() {
  for (const std::string& mutant : mutants_) {
    const auto found = core::find_mutant(mutant);
    if (!found) {
      complain(fmt::format("--mutant: unknown '{}'; expected one of `mqttvet mutants --list`", mutant));
      return kUsage;
    }
    core::switch_on(*found);
  }
  const auto target = make_sim_target();
  std::map<Verdict, int> counts;
  for (const Case& one : all_cases()) {
    if (!selected(one, patterns_)) continue;
    for (const wire::Version version : kVersions) {
      if (!contains(one.versions, version)) continue;
      if (list_) {
        fmt::print("{} [{}]\n", one.name, wire::name_of(version));
        continue;
      }
      const CaseResult result = run_case(one, version, *target);
      ++counts[result.verdict];
      print(result, verbose_);
    }
  }
  for (const auto& [verdict, count] : counts) fmt::print("{} {}  ", count, name_of(verdict));
  fmt::print("\n");
  return counts[Verdict::fail] + counts[Verdict::inconclusive] > 0 ? kFailed : kPassed;
}

}  // namespace mqttvet::cli
