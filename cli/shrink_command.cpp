#include "cli/shrink_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/terminal.h"
#include "sim/hunt/reproducer.h"
#include "sim/hunt/verdict.h"
#include "sim/plan/duration.h"
#include "sim/run/child.h"

namespace mqttvet::cli {
namespace {

constexpr std::chrono::minutes kHangAfter{5};

// Which finding the smaller plans must still show; nullopt: said why there is none.
std::optional<std::string> code_to_keep(const sim::RunResult& result, const std::string& wanted,
                                        bool with_mutants, const std::string& subject) {
  if (result.passed())
    return complain(fmt::format("{} passes; expected a run that fails", subject)), std::nullopt;
  if (!wanted.empty() && !sim::has_code(result, wanted)) {
    return complain(fmt::format("--code: {} has no finding of '{}'; expected one it has, such as {}", subject,
                                wanted, result.findings.front().code)),
           std::nullopt;
  }
  const std::string code =
      !wanted.empty() ? wanted : sim::judged(result).value_or(result.findings.front().code);
  if (!with_mutants && (code == "expectation" || code == "step")) {
    return complain(
               fmt::format("{} fails by what its steps say ({}), which any smaller story would too; expected "
                           "a finding of an oracle, or --mutant",
                           subject, code)),
           std::nullopt;
  }
  return code;
}

}  // namespace

ShrinkCommand::ShrinkCommand(CLI::App& app)
    : command_(
          app.add_subcommand("shrink", "Make a failing run small: a scenario from which nothing can go")) {
  command_->add_option("subject", subject_, "A seed, or a scenario file")->type_name("SEED|FILE")->required();
  command_->add_option("-o,--out", out_, "Write the scenario there; default: to the terminal")
      ->type_name("FILE");
  command_->add_option("--code", code_, "The finding to keep; default: the first oracle's")
      ->type_name("CODE");
  command_->add_option("--runs", candidates_, "Try at most so many smaller plans")->capture_default_str();
  command_->add_option("--time-budget", time_budget_, "Stop after this much real time")->type_name("60s");
  command_->add_option("--jobs", jobs_, "Runs at the same time; default: one per processor")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command_->add_flag("-q,--quiet", quiet_, "Only the scenario");
  choices_.declare(*command_);
  command_->footer(
      "Every smaller plan is run: the same oracle must blame the broker, and with --mutant the run must "
      "pass\n"
      "without it.\n"
      "Examples:\n"
      "  mqttvet shrink 42 --out scenarios/regressions/lost_pubrel.yaml\n"
      "  mqttvet shrink 3 --mutant B039");
}

int ShrinkCommand::run() {
  auto options = choices_.options();
  if (!options) return kUsage;
  sim::TrialOptions trying;
  trying.parallel = jobs_ > 0 ? jobs_ : available_processors();
  trying.candidates_max = candidates_;
  trying.interrupted = [] { return was_interrupted(); };
  if (!time_budget_.empty()) {
    trying.time_budget = sim::parse_duration(time_budget_);
    if (!trying.time_budget || *trying.time_budget <= sim::Duration{0})
      return complain(
                 fmt::format("--time-budget: '{}'; expected a duration such as 60s or 5min", time_budget_)),
             kUsage;
  }
  std::optional<Subject> subject;
  if (const auto seed = as_seed(subject_)) {
    subject = subject_of_seed(*seed, choices_);
  } else {
    subject = subject_of_file(subject_);
  }
  if (!subject || (!out_.empty() && !write_file(out_, ""))) return kUsage;
  if (!prepare_guests()) return kNotStarted;
  heed_interrupts();

  const sim::RunResult result = sim::run_alone([&] { return sim::run(subject->plan, *options); }, kHangAfter);
  const bool with_mutants = !options->mutants.empty() || !subject->plan.broker.mutants.empty();
  const auto code = code_to_keep(result, code_, with_mutants, subject->plan.name);
  if (!code) return kUsage;
  trying.running = *options;
  const sim::Reproducer made = sim::reproduce(subject->plan, *code, trying);
  const std::string text = sim::scenario_text(made);
  if (out_.empty()) {
    fmt::print("{}", text);
  } else if (!write_file(out_, text)) {
    return kUsage;
  }
  if (!quiet_) fmt::print(stderr, "{}", shrinking_in_words(made, out_));
  return kPassed;
}

std::string shrinking_in_words(const sim::Reproducer& made, const std::string& file) {
  std::string text = fmt::format("{}: {} operations and faults became {}, {} runs tried{}\n", made.code,
                                 made.size_before, made.size_after, reports::for_people(made.candidates),
                                 made.is_minimal ? "" : "; more might go with a larger budget");
  if (file.empty()) return text;
  text += "replay it: mqttvet replay " + file;
  for (const std::string& mutant : made.mutants) text += " --mutant " + mutant;
  return text + "\n";
}

}  // namespace mqttvet::cli
