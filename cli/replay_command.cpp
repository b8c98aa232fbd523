#include "cli/replay_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include "reports/escape.h"
#include "reports/terminal.h"
#include "sim/plan/names.h"
#include "sim/plan/write_plan.h"
#include "sim/run/divergence.h"
#include "sim/run/sweep.h"

namespace mqttvet::cli {
namespace {

double seconds(sim::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// The plan as a person reads it, before its run.
void print_story(const sim::Plan& plan) {
  fmt::print("{}\n", reports::for_terminal(plan.name));
  if (!plan.about.empty()) fmt::print("  {}\n", reports::for_terminal(plan.about));
  for (const std::string& statement : plan.statements) fmt::print("  enforces {}\n", statement);
  for (const auto& [key, value] : plan.broker.config) fmt::print("  broker   {} = {}\n", key, value);
  for (const std::string& mutant : plan.broker.mutants) fmt::print("  mutant   {}\n", mutant);
  for (const sim::ClientPlan& client : plan.clients) {
    fmt::print("  client   {}, {}, MQTT {}{}\n", client.name, name_of(client.driver), name_of(client.version),
               client.clean_start ? ", clean start" : "");
  }
  for (const sim::Step& step : plan.steps) {
    fmt::print("  step {:<3} {}\n", step.id, reports::for_terminal(write_step(step)));
    for (const sim::Fault& fault : plan.faults) {
      if (fault.after_step == step.id) fmt::print("  fault    {}\n", write_fault(fault));
    }
  }
  for (const sim::Fault& fault : plan.faults) {
    if (!fault.after_step || fault.after_step == 0) fmt::print("  fault    {}\n", write_fault(fault));
  }
  fmt::print("\n");
}

void print_entry(const sim::Trace::Entry& entry, bool events) {
  if (!entry.is_line && !events) return;
  const std::string who = entry.is_line && entry.who != "story" ? "" : entry.who + "  ";
  fmt::print("{:>14.6f}  {}{}\n", seconds(entry.at), reports::for_terminal(who),
             reports::for_terminal(entry.text));
}

}  // namespace

ReplayCommand::ReplayCommand(CLI::App& app)
    : command_(app.add_subcommand("replay", "Run one seed or one scenario again, and tell what happened")) {
  command_->add_option("subject", subject_, "A seed, or a scenario file")->type_name("SEED|FILE")->required();
  command_->add_flag("--trace", trace_, "Every packet, with its time");
  command_->add_flag("--events", events_, "Every event of the world, too");
  command_->add_flag("--twice", twice_, "Run it twice, and name the first event that differs");
  command_->add_option("--save", save_, "Write the plan as a scenario file")->type_name("FILE");
  command_->add_flag("-q,--quiet", quiet_, "Only the outcome");
  choices_.declare(*command_);
  command_->footer(
      "Examples:\n"
      "  mqttvet replay 42 --trace\n"
      "  mqttvet replay scenarios/emqttd_walk.yaml --trace\n"
      "  mqttvet replay 42 --save scenarios/regressions/lost_pubrel.yaml");
}

int ReplayCommand::run() {
  auto options = choices_.options();
  if (!options) return kUsage;
  std::optional<Subject> subject;
  if (const auto seed = as_seed(subject_)) {
    subject = subject_of_seed(*seed, choices_);
  } else {
    subject = subject_of_file(subject_);
  }
  if (!subject) return kUsage;
  if (!save_.empty() && !write_file(save_, sim::write_plan(subject->plan))) return kUsage;
  if (!quiet_) print_story(subject->plan);
  if (!prepare_guests()) return kNotStarted;

  const auto job = [&](const std::function<void(const sim::Trace::Entry&)>& listen) {
    sim::RunOptions with_listener = *options;
    with_listener.listen = listen;
    const auto begun = std::chrono::steady_clock::now();
    sim::RunResult result = sim::run(subject->plan, with_listener);
    result.wall = std::chrono::steady_clock::now() - begun;
    return result;
  };
  const bool events = events_;
  std::function<void(const sim::Trace::Entry&)> print;
  if (trace_ || events_) print = [events](const sim::Trace::Entry& entry) { print_entry(entry, events); };
  int begun = 0;
  sim::RunResult result;
  sim::sweep(
      [&]() -> std::optional<sim::SweepJob> {
        if (begun++ > 0) return std::nullopt;
        return sim::SweepJob{subject->plan.name, subject->argument + choices_.arguments(), subject->plan.seed,
                             [&] { return job(print); }};
      },
      {}, [&](const sim::RunResult& run) { result = run; });
  if (trace_ || events_) fmt::print("\n");
  fmt::print("{}", result.passed() ? reports::success(result) : reports::failure(result));
  if (result.passed()) {
    for (const sim::Finding& finding : result.client_findings) {
      fmt::print("  the client's fault: {}\n", reports::headline(finding));
    }
  }
  if (!quiet_) {
    sim::Summary summary;
    summary.add(result);
    summary.wall = result.wall;
    fmt::print("{}", reports::summary(summary));
  }
  std::fflush(stdout);
  if (!twice_) return result.passed() ? kPassed : kFailed;

  const std::string difference = sim::first_divergence([&](const auto& listen) { job(listen); });
  fmt::print("twice: {}\n", reports::for_terminal(difference));
  const bool same = difference.ends_with("the same");
  return result.passed() && same ? kPassed : kFailed;
}

}  // namespace mqttvet::cli
