#include "sim/hunt/trial.h"

#include <deque>

#include "sim/hunt/verdict.h"
#include "sim/run/child.h"
#include "sim/run/sweep.h"

namespace mqttvet::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kHangAfter{20};  // of one run

}  // namespace

RunTrial::RunTrial(std::string code, const TrialOptions& options)
    : code_(std::move(code)), options_(options) {}

bool RunTrial::gave_up() const {
  if (count_ >= options_.candidates_max || (options_.interrupted && options_.interrupted())) return true;
  return options_.time_budget && begun_ && Clock::now() - *begun_ >= *options_.time_budget;
}

// In a child process, which forks another: two runs must not see each other's guests.
RunResult RunTrial::judge(const Plan& plan) const {
  RunResult failing = run_alone([&] { return run(plan, options_.running); }, kHangAfter);
  if (options_.running.mutants.empty() || !has_code(failing, code_)) return failing;
  RunOptions without = options_.running;
  without.mutants.clear();
  return run(plan, without).passed() ? failing : RunResult{};
}

std::optional<Failing> RunTrial::operator()(const std::function<std::optional<Failing>()>& next) {
  if (!begun_) begun_ = Clock::now();
  std::optional<Failing> found;
  std::deque<Failing> running;
  SweepOptions sweeping;
  sweeping.parallel = options_.parallel;
  sweeping.hang_after = 3 * kHangAfter;
  sweeping.interrupted = [&] { return found || gave_up(); };
  sweep(
      [&]() -> std::optional<SweepJob> {
        std::optional<Failing> candidate = next();
        if (!candidate) return std::nullopt;
        ++count_;
        running.push_back(std::move(*candidate));
        return SweepJob{{}, {}, 0, [this, &plan = running.back().plan] { return judge(plan); }};
      },
      sweeping,
      [&](const RunResult& result) {
        if (!found && has_code(result, code_)) found = std::move(running.front());
        running.pop_front();
      });
  return found;
}

}  // namespace mqttvet::sim
