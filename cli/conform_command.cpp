#include "cli/conform_command.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <map>

#include "broker/core/mutants.h"
#include "conformance/harness/probe.h"
#include "conformance/harness/suite.h"
#include "conformance/target_live/live_target.h"
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
  command_->add_option("--target", target_, "What is tested")
      ->type_name("sim|mqtt://HOST:PORT|mqtts://|ws://|wss://")
      ->capture_default_str();
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
  std::vector<Instance> instances;
  for (const Case& one : all_cases()) {
    if (!selected(one, patterns_)) continue;
    for (const wire::Version version : kVersions) {
      if (contains(one.versions, version)) instances.push_back({&one, version, 0});
    }
  }
  if (list_) {
    for (const Instance& instance : instances)
      fmt::print("{} [{}]\n", instance.one->name, wire::name_of(instance.version));
    return kPassed;
  }
  const std::unique_ptr<Target> target = make_target();
  if (!target) return kUsage;
  if (const std::string why = probe(*target); !why.empty()) {
    complain(fmt::format("{}: {}", target->name(), why));
    return kNotStarted;
  }
  SuiteOptions options;
  options.parallel = target->simulated() ? 2 : 48;
  std::vector<std::optional<CaseResult>> results(instances.size());
  run_suite(instances, *target, options,
            [&](std::size_t index, CaseResult result) { results[index] = std::move(result); });
  std::map<Verdict, int> counts;
  for (const auto& result : results) {
    if (!result) continue;
    ++counts[result->verdict];
    print(*result, verbose_);
  }
  for (const auto& [verdict, count] : counts) fmt::print("{} {}  ", count, name_of(verdict));
  fmt::print("\n");
  return counts[Verdict::fail] + counts[Verdict::inconclusive] > 0 ? kFailed : kPassed;
}

std::unique_ptr<Target> ConformCommand::make_target() const {
  if (target_ == "sim") return make_sim_target();
  try {
    LiveOptions live;
    live.name = target_;
    live.url = parse_url(target_);
    live.facts.pace = live_pace();
    live.facts.credentials = live.url.credentials;
    return make_live_target(std::move(live));
  } catch (const std::exception& error) {
    complain(fmt::format("--target: {}", error.what()));
    return nullptr;
  }
}

}  // namespace mqttvet::cli
