#include "cli/sim_command.h"

#include <fmt/format.h>

#include <utility>

#include "cli/shrink_command.h"
#include "cli/sim_jobs.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/terminal.h"
#include "sim/hunt/verdict.h"
#include "sim/plan/duration.h"
#include "sim/run/divergence.h"
#include "sim/run/sweep.h"

namespace mqttvet::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSeedsByDefault = 100;
// Of a failure that is made small on the way; `mqttvet shrink` takes its time.
constexpr std::chrono::seconds kShrinkingMax{30};

// Takes the results as they come, tells the failures, and keeps what the reports need.
class Account {
 public:
  Account(bool quiet, bool verbose, bool keep, reports::Progress& progress)
      : quiet_(quiet), verbose_(verbose), keep_(keep), progress_(progress) {}

  void enter(const sim::RunResult& run) {
    summary.add(run);
    hashes += fmt::format("{} {:016x}\n", run.name.starts_with("seed ") ? run.name.substr(5) : run.replay,
                          run.hash);
    if (keep_) runs.push_back(run);
    if (!shrinkable && run.name.starts_with("seed ") && sim::judged(run)) shrinkable = run;
    if (!run.passed() || verbose_) {
      progress_.clear();
      fmt::print("{}", run.passed() ? reports::success(run) : reports::failure(run, quiet_ ? 1 : 5));
      std::fflush(stdout);
    }
    progress_.update(summary);
  }

  sim::Summary summary;
  std::vector<sim::RunResult> runs;  // empty unless they are to be kept
  std::string hashes;
  std::optional<sim::RunResult> shrinkable;  // the first seed whose run an oracle found wrong

 private:
  bool quiet_;
  bool verbose_;
  bool keep_;
  reports::Progress& progress_;
};

// Of two runs of one plan; nullopt: they are the same.
std::optional<sim::Finding> difference(const sim::RunResult& one, const sim::RunResult& other) {
  if (one.hash == other.hash && one.findings == other.findings) return std::nullopt;
  sim::Finding finding;
  finding.code = "determinism";
  finding.text = fmt::format("two runs differ: hash {:016x} after {} events, {:016x} after {}", one.hash,
                             one.events, other.hash, other.events);
  return finding;
}

}  // namespace

SimCommand::SimCommand(CLI::App& app)
    : command_(
          app.add_subcommand("sim", "Run scenarios and seeds in the simulated world, and judge each run")) {
  command_
      ->add_option("--seeds", seeds_,
                   fmt::format("Seeds to run; default 1..{} if no scenario is given", kSeedsByDefault))
      ->type_name("A..B");
  command_->add_option("--scenario", scenarios_, "Scenario file, or a folder of them; may be repeated")
      ->type_name("FILE|DIR");
  command_
      ->add_option("--time-budget", time_budget_,
                   "Begin no run after this much real time; seeds go on from 1 until then")
      ->type_name("60s");
  command_->add_option("--jobs", jobs_, "Runs at the same time; default: one per processor")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command_->add_option("--shard", shard_, "Run only every N-th, beginning with the I-th")->type_name("I/N");
  command_->add_flag("--twice", twice_,
                     "Run each twice, the second time with other addresses and bytes in fresh memory, and "
                     "compare the traces");
  command_->add_flag("--nightly", nightly_,
                     "Also fail if a kind of fault was never effective, or a situation never met");
  command_->add_flag("--no-shrink", no_shrink_,
                     "Do not make the first seed small that an oracle found wrong");
  command_->add_option("--hashes", hashes_, "Write a line 'SEED HASH' per run")->type_name("FILE");
  command_->add_option("--json", json_, "Write everything as JSON")->type_name("FILE");
  command_->add_option("--junit", junit_, "Write JUnit XML")->type_name("FILE");
  auto* quiet = command_->add_flag("-q,--quiet", quiet_, "Only failures, and one line at the end");
  command_->add_flag("-v,--verbose", verbose_, "A line for each run")->excludes(quiet);
  choices_.declare(*command_);
  command_->footer(
      "Examples:\n"
      "  mqttvet sim --seeds 1..500\n"
      "  mqttvet sim --scenario scenarios --time-budget 30s\n"
      "  mqttvet sim --seeds 1..10000 --shard 2/8 --junit junit.xml --hashes hashes.txt\n"
      "  mqttvet sim --time-budget 20m --nightly\n"
      "  mqttvet sim --scenario scenarios/window_of_one.yaml --mutant B001");
}

std::optional<SimCommand::Order> SimCommand::order() const {
  Order order;
  if (!seeds_.empty()) {
    const auto range = parse_seeds(seeds_);
    if (!range)
      return complain(fmt::format("--seeds: '{}'; expected A..B with A at most B, or one seed", seeds_)),
             std::nullopt;
    order.seeds = *range;
  } else if (!time_budget_.empty()) {
    order.seeds.last = kNoEnd;
  } else if (scenarios_.empty()) {
    order.seeds.last = kSeedsByDefault;
  }
  order.sweeping.parallel = jobs_ > 0 ? jobs_ : available_processors();
  order.sweeping.interrupted = [] { return was_interrupted(); };
  if (!time_budget_.empty()) {
    const auto budget = sim::parse_duration(time_budget_);
    if (!budget || *budget <= sim::Duration{0})
      return complain(
                 fmt::format("--time-budget: '{}'; expected a duration such as 60s or 5min", time_budget_)),
             std::nullopt;
    order.sweeping.time_budget = *budget;
  }
  const auto shard = shard_.empty() ? Shard{} : parse_shard(shard_);
  if (!shard)
    return complain(fmt::format("--shard: '{}'; expected I/N with I from 1 to N", shard_)), std::nullopt;
  order.shard = *shard;
  return order;
}

std::optional<std::vector<Subject>> SimCommand::read_scenarios() const {
  std::vector<Subject> scenarios;
  bool all_read = true;
  for (const std::string& path : scenarios_) {
    const auto files = scenario_files(path);
    if (!files) return std::nullopt;
    for (const std::string& file : *files) {
      auto subject = subject_of_file(file);
      all_read = all_read && subject;
      if (subject) scenarios.push_back(std::move(*subject));
    }
  }
  if (!all_read) return std::nullopt;
  return scenarios;
}

// What is wrong, and the smallest story that shows it.
void SimCommand::shrink(const sim::RunResult& failed, const sim::Plan& plan, const sim::RunOptions& options,
                        unsigned parallel) const {
  fmt::print("\nmaking {} small; --no-shrink leaves that out\n", failed.name);
  std::fflush(stdout);
  sim::TrialOptions trying;
  trying.parallel = parallel;
  trying.time_budget = kShrinkingMax;
  trying.interrupted = [] { return was_interrupted(); };
  trying.running = options;
  const sim::Reproducer made = sim::reproduce(plan, *sim::judged(failed), trying);
  fmt::print("{}{}keep it: mqttvet shrink {} --out FILE\n", shrinking_in_words(made, ""),
             sim::scenario_text(made), failed.replay);
}

int SimCommand::run() {
  const auto options = choices_.options();
  if (!options) return kUsage;
  const auto order = this->order();
  if (!order) return kUsage;
  auto scenarios = read_scenarios();
  if (!scenarios) return kUsage;
  // Said now, and not after an hour of work.
  for (const std::string& path : {hashes_, json_, junit_}) {
    if (!path.empty() && !write_file(path, "")) return kUsage;
  }
  if (!prepare_guests()) return kNotStarted;
  heed_interrupts();

  SimJobs jobs(std::move(*scenarios), order->seeds, order->shard, twice_, choices_, *options);
  reports::Progress progress(stderr, quiet_, jobs.count(), order->sweeping.time_budget);
  Account account(quiet_, verbose_, !json_.empty() || !junit_.empty(), progress);
  std::optional<sim::RunResult> first;  // of two
  const auto begun = Clock::now();
  sim::sweep([&] { return jobs.next(); }, order->sweeping,
             [&](const sim::RunResult& result) {
               if (!twice_) return account.enter(result);
               if (!first) return void(first = result);
               sim::RunResult run = std::exchange(first, std::nullopt).value();
               if (auto finding = difference(run, result)) {
                 finding->details = {jobs.divergence(run)};
                 run.findings.push_back(std::move(*finding));
               }
               account.enter(run);
             });
  progress.clear();
  account.summary.wall = Clock::now() - begun;
  const std::string summary = reports::summary(account.summary);
  fmt::print("{}", quiet_ ? summary.substr(0, summary.find('\n') + 1) : summary);
  const std::string gaps = nightly_ ? reports::gaps(account.summary) : "";
  fmt::print("{}", gaps);
  if (account.shrinkable && !no_shrink_ && !quiet_)
    shrink(*account.shrinkable, jobs.plan_of(*account.shrinkable), *options, order->sweeping.parallel);

  bool written = hashes_.empty() || write_file(hashes_, account.hashes);
  written = (json_.empty() || write_file(json_, reports::json(account.runs, account.summary))) && written;
  written = (junit_.empty() || write_file(junit_, reports::junit(account.runs, account.summary))) && written;
  if (!written) return kUsage;
  if (was_interrupted()) return complain("interrupted; what was not begun was left out"), kFailed;
  return account.summary.failed == 0 && gaps.empty() ? kPassed : kFailed;
}

}  // namespace mqttvet::cli
