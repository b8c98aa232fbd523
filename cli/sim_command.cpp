#include "cli/sim_command.h"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>

#include <charconv>
#include <limits>
#include <memory>

#include "reports/json.h"
#include "reports/junit.h"
#include "reports/terminal.h"
#include "sim/plan/duration.h"
#include "sim/run/divergence.h"
#include "sim/run/sweep.h"

namespace mqttvet::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSeedsByDefault = 100;
constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

volatile sig_atomic_t interrupted = 0;
void interrupt(int) {
  interrupted = 1;
}

unsigned available_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

bool parse_whole(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

struct Range {
  std::uint64_t first = 1;
  std::uint64_t last = 0;  // below first: empty
};

// "1..500" or "42"
std::optional<Range> parse_seeds(const std::string& text) {
  Range range;
  const std::size_t dots = text.find("..");
  if (!parse_whole(text.substr(0, dots), range.first)) return std::nullopt;
  if (dots == std::string::npos) {
    range.last = range.first;
  } else if (!parse_whole(text.substr(dots + 2), range.last) || range.last < range.first) {
    return std::nullopt;
  }
  return range;
}

// Every N-th job, beginning with the I-th.
struct Shard {
  std::uint64_t index = 1;
  std::uint64_t count = 1;
  bool has(std::uint64_t job) const { return job % count == index - 1; }
};

std::optional<Shard> parse_shard(const std::string& text) {
  Shard shard;
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || !parse_whole(text.substr(0, slash), shard.index) ||
      !parse_whole(text.substr(slash + 1), shard.count) || shard.index < 1 || shard.index > shard.count) {
    return std::nullopt;
  }
  return shard;
}

// What is to be run, one after the other: the scenarios of the shard, then its seeds; each once or twice.
class Jobs {
 public:
  Jobs(std::vector<Subject> scenarios, Range seeds, Shard shard, bool twice, const RunChoices& choices,
       const sim::RunOptions& options)
      : seeds_(seeds), shard_(shard), twice_(twice), choices_(choices), options_(options) {
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      if (shard_.has(i)) scenarios_.push_back(std::make_shared<Subject>(std::move(scenarios[i])));
    }
  }

  std::optional<sim::SweepJob> next() {
    if (twice_ && again_) return std::exchange(again_, std::nullopt);
    std::optional<sim::SweepJob> job = next_subject();
    if (twice_) again_ = job;
    return job;
  }

  // nullopt: no end.
  std::optional<std::uint64_t> count() const {
    if (seeds_.last == kNoEnd) return std::nullopt;
    std::uint64_t count = scenarios_.size();
    if (seeds_.last >= seeds_.first) count += (seeds_.last - seeds_.first) / shard_.count + 1;
    return count;
  }

 private:
  std::optional<sim::SweepJob> next_subject() {
    if (next_scenario_ < scenarios_.size()) {
      const auto subject = scenarios_[next_scenario_++];
      sim::SweepJob story =
          job(subject->plan.name, subject->argument, subject->plan.seed, [subject] { return subject->plan; });
      story.is_story = true;
      return story;
    }
    while (seeds_.last >= seeds_.first && !seeds_over_) {
      const std::uint64_t seed = seeds_.first;
      seeds_over_ = seeds_.first == seeds_.last;
      ++seeds_.first;
      if (!shard_.has(seed)) continue;
      return job(fmt::format("seed {}", seed), std::to_string(seed), seed,
                 [seed, this] { return subject_of_seed(seed, choices_).plan; });
    }
    return std::nullopt;
  }

  sim::SweepJob job(std::string name, std::string argument, std::uint64_t seed,
                    std::function<sim::Plan()> plan) {
    return {std::move(name), argument + choices_.arguments(), seed, [plan = std::move(plan), this] {
              const auto begun = Clock::now();
              sim::RunResult result = sim::run(plan(), options_);
              result.wall = Clock::now() - begun;
              return result;
            }};
  }

  std::vector<std::shared_ptr<Subject>> scenarios_;
  std::size_t next_scenario_ = 0;
  Range seeds_;
  bool seeds_over_ = false;
  Shard shard_;
  bool twice_;
  std::optional<sim::SweepJob> again_;
  const RunChoices& choices_;
  const sim::RunOptions& options_;
};

// Takes the results as they come, tells the failures, and keeps what the reports need.
class Account {
 public:
  Account(bool quiet, bool verbose, bool twice, bool keep, reports::Progress& progress)
      : quiet_(quiet), verbose_(verbose), twice_(twice), keep_(keep), progress_(progress) {}

  void take(const sim::RunResult& result) {
    if (!twice_) return enter(result);
    if (!first_) {
      first_ = result;
      return;
    }
    sim::RunResult run = std::exchange(first_, std::nullopt).value();
    if (run.hash != result.hash || run.findings != result.findings) {
      sim::Finding finding;
      finding.code = "determinism";
      finding.text = fmt::format("two runs differ: hash {:016x} after {} events, {:016x} after {}", run.hash,
                                 run.events, result.hash, result.events);
      run.findings.push_back(std::move(finding));
    }
    enter(run);
  }

  sim::Summary summary;
  std::vector<sim::RunResult> runs;  // empty unless they are to be kept
  std::string hashes;

 private:
  void enter(const sim::RunResult& run) {
    summary.add(run);
    hashes += fmt::format("{} {:016x}\n", run.name.starts_with("seed ") ? run.name.substr(5) : run.replay,
                          run.hash);
    if (keep_) runs.push_back(run);
    if (!run.passed() || verbose_) {
      progress_.clear();
      fmt::print("{}", run.passed() ? reports::success(run) : reports::failure(run, quiet_ ? 1 : 5));
      std::fflush(stdout);
    }
    progress_.update(summary);
  }

  bool quiet_;
  bool verbose_;
  bool twice_;
  bool keep_;
  reports::Progress& progress_;
  std::optional<sim::RunResult> first_;
};

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
  command_->add_flag("--twice", twice_, "Run each twice and compare the hashes of the traces");
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
      "  mqttvet sim --scenario scenarios/window_of_one.yaml --mutant B001");
}

int SimCommand::run() {
  const auto options = choices_.options();
  if (!options) return kUsage;
  Range seeds;
  if (!seeds_.empty()) {
    const auto range = parse_seeds(seeds_);
    if (!range)
      return complain(fmt::format("--seeds: '{}'; expected A..B with A at most B, or one seed", seeds_)),
             kUsage;
    seeds = *range;
  } else if (!time_budget_.empty()) {
    seeds.last = kNoEnd;
  } else if (scenarios_.empty()) {
    seeds.last = kSeedsByDefault;
  }
  sim::SweepOptions sweeping;
  sweeping.parallel = jobs_ > 0 ? jobs_ : available_processors();
  sweeping.interrupted = [] { return interrupted != 0; };
  if (!time_budget_.empty()) {
    const auto budget = sim::parse_duration(time_budget_);
    if (!budget || *budget <= sim::Duration{0}) {
      return complain(
                 fmt::format("--time-budget: '{}'; expected a duration such as 60s or 5min", time_budget_)),
             kUsage;
    }
    sweeping.time_budget = *budget;
  }
  const auto shard = shard_.empty() ? Shard{} : parse_shard(shard_);
  if (!shard) return complain(fmt::format("--shard: '{}'; expected I/N with I from 1 to N", shard_)), kUsage;
  std::vector<Subject> scenarios;
  bool all_read = true;
  for (const std::string& path : scenarios_) {
    const auto files = scenario_files(path);
    if (!files) return kUsage;
    for (const std::string& file : *files) {
      auto subject = subject_of_file(file);
      all_read = all_read && subject;
      if (subject) scenarios.push_back(std::move(*subject));
    }
  }
  if (!all_read) return kUsage;
  // Said now, and not after an hour of work.
  for (const std::string& path : {hashes_, json_, junit_}) {
    if (!path.empty() && !write_file(path, "")) return kUsage;
  }
  if (!prepare_guests()) return kNotStarted;
  signal(SIGINT, interrupt);
  signal(SIGTERM, interrupt);

  Jobs jobs(std::move(scenarios), seeds, *shard, twice_, choices_, *options);
  reports::Progress progress(stderr, quiet_, jobs.count(), sweeping.time_budget);
  Account account(quiet_, verbose_, twice_, !json_.empty() || !junit_.empty(), progress);
  const auto begun = Clock::now();
  sim::sweep([&] { return jobs.next(); }, sweeping,
             [&](const sim::RunResult& result) { account.take(result); });
  progress.clear();
  account.summary.wall = Clock::now() - begun;
  const std::string summary = reports::summary(account.summary);
  fmt::print("{}", quiet_ ? summary.substr(0, summary.find('\n') + 1) : summary);

  bool written = hashes_.empty() || write_file(hashes_, account.hashes);
  written = (json_.empty() || write_file(json_, reports::json(account.runs, account.summary))) && written;
  written = (junit_.empty() || write_file(junit_, reports::junit(account.runs, account.summary))) && written;
  if (!written) return kUsage;
  if (interrupted) return complain("interrupted; what was not begun was left out"), kFailed;
  return account.summary.failed == 0 ? kPassed : kFailed;
}

}  // namespace mqttvet::cli
