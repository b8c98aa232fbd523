#include "cli/sim_jobs.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "sim/run/divergence.h"
#include "sim/run/perturb.h"

namespace mqttvet::cli {
namespace {

bool parse_whole(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::optional<SeedRange> parse_seeds(const std::string& text) {
  SeedRange range;
  const std::size_t dots = text.find("..");
  if (!parse_whole(text.substr(0, dots), range.first)) return std::nullopt;
  if (dots == std::string::npos) {
    range.last = range.first;
  } else if (!parse_whole(text.substr(dots + 2), range.last) || range.last < range.first) {
    return std::nullopt;
  }
  return range;
}

std::optional<Shard> parse_shard(const std::string& text) {
  Shard shard;
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || !parse_whole(text.substr(0, slash), shard.index) ||
      !parse_whole(text.substr(slash + 1), shard.count) || shard.index < 1 || shard.index > shard.count) {
    return std::nullopt;
  }
  return shard;
}

SimJobs::SimJobs(std::vector<Subject> scenarios, SeedRange seeds, Shard shard, bool twice,
                 const RunChoices& choices, const sim::RunOptions& options)
    : seeds_(seeds), shard_(shard), twice_(twice), choices_(choices), options_(options) {
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    if (shard_.has(i)) scenarios_.push_back(std::make_shared<Subject>(std::move(scenarios[i])));
  }
}

std::optional<sim::SweepJob> SimJobs::next() {
  if (twice_ && again_) return std::exchange(again_, std::nullopt);
  std::optional<sim::SweepJob> job = next_subject();
  if (twice_ && job) {
    again_ = job;
    again_->run = [run = job->run] {
      sim::perturb_process();
      return run();
    };
  }
  return job;
}

std::optional<std::uint64_t> SimJobs::count() const {
  if (seeds_.last == kNoEnd) return std::nullopt;
  std::uint64_t count = scenarios_.size();
  if (seeds_.last >= seeds_.first) count += (seeds_.last - seeds_.first) / shard_.count + 1;
  return count;
}

sim::Plan SimJobs::plan_of(const sim::RunResult& result) const {
  for (const auto& scenario : scenarios_)
    if (scenario->argument + choices_.arguments() == result.replay) return scenario->plan;
  return subject_of_seed(result.seed, choices_).plan;
}

std::string SimJobs::divergence(const sim::RunResult& result) const {
  const sim::Plan plan = plan_of(result);
  return sim::first_divergence([&](const auto& listen) {
    sim::RunOptions listening = options_;
    listening.listen = listen;
    sim::run(plan, listening);
  });
}

std::optional<sim::SweepJob> SimJobs::next_subject() {
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

sim::SweepJob SimJobs::job(std::string name, std::string argument, std::uint64_t seed,
                           std::function<sim::Plan()> plan) {
  return {std::move(name), argument + choices_.arguments(), seed, [plan = std::move(plan), this] {
            const auto begun = std::chrono::steady_clock::now();
            sim::RunResult result = sim::run(plan(), options_);
            result.wall = std::chrono::steady_clock::now() - begun;
            return result;
          }};
}

}  // namespace mqttvet::cli
