#include "conformance/harness/suite_live.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "conformance/harness/client.h"

namespace mqttvet::conformance {

bool is_alone(const Case& one) {
  for (const Capability need : one.needs) {
    if (need == Capability::restart || need == Capability::kill) return true;
  }
  return one.alone;
}

namespace {

bool has_tag(const Case& one, std::string_view tag) {
  return std::find(one.tags.begin(), one.tags.end(), tag) != one.tags.end();
}

CaseResult not_run(const Instance& instance, std::string why) {
  CaseResult result = result_for(*instance.one, instance.version);
  result.verdict = Verdict::inconclusive;
  result.text = std::move(why);
  return result;
}

// Each may cost a time-out.
constexpr int kLooksMax = 3;

// A network connection to it can be had.
bool listens(Target& target) {
  const std::unique_ptr<Venue> venue = target.open(0);
  Run run(wire::Version::v3_1_1, target.facts(), *venue, unique_token(target));
  try {
    run.client().open();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

// The threads of a live suite, and what they share.
class LiveSuite {
 public:
  LiveSuite(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
            const std::function<void(std::size_t, CaseResult)>& on_result)
      : instances_(instances), target_(target), options_(options), on_result_(on_result) {}

  void run() {
    // What takes long begins first, so that nobody waits for it at the end.
    std::vector<std::size_t> together[2];
    std::vector<std::size_t> alone;
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      const Case& one = *instances_[i].one;
      (is_alone(one) ? alone : together[has_tag(one, "timer") ? 0 : 1]).push_back(i);
    }
    together[0].insert(together[0].end(), together[1].begin(), together[1].end());
    run_all(together[0], std::max(1u, options_.parallel));
    run_all(alone, 1);
    run_again();
  }

 private:
  void run_all(const std::vector<std::size_t>& order, unsigned parallel) {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t at = next++; at < order.size(); at = next++) run_one(order[at]);
    };
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < parallel && i < order.size(); ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
  }

  void run_one(std::size_t index) {
    const Instance& instance = instances_[index];
    if (stopped_) return;
    if (gone_) return report(index, not_run(instance, "not run: the target answers nobody any more"));
    const unsigned lives_before = lives_;
    CaseResult result = run_case(*instance.one, instance.version, target_, instance.nth);
    if (is_bad(result.verdict) && was_lost(lives_before, result)) return suspect(index, std::move(result));
    report(index, std::move(result));
  }

  // Whether the target has died since; then it lives again.
  bool was_lost(unsigned lives_before, const CaseResult& result) {
    const std::lock_guard lock(life_);
    if (lives_ != lives_before) return true;
    if (gone_ || is_there(result)) return false;
    try {
      if (target_.start()) {
        ++lives_;
        return true;
      }
    } catch (const std::exception&) {
      // It stays as it is.
    }
    gone_ = true;
    return false;
  }

  bool is_there(const CaseResult& result) {
    if (!result.target_silent) return listens(target_);
    // A time-out of CONNECT: is that case special, or is the target gone?
    return looked_++ >= kLooksMax || answers(target_);
  }

  void suspect(std::size_t index, CaseResult result) {
    const std::lock_guard lock(reporting_);
    suspects_.emplace_back(index, std::move(result));
  }

  // The cases beside which the target has died, one after the other.
  void run_again() {
    bool found = false;
    for (auto& [index, first] : suspects_) {
      const Instance& instance = instances_[index];
      if (stopped_ || gone_) {
        report(index, std::move(first));
        continue;
      }
      const unsigned lives_before = lives_;
      CaseResult result = run_case(*instance.one, instance.version, target_, instance.nth);
      if (is_bad(result.verdict) && (was_lost(lives_before, result) || gone_)) {
        found = true;
        result.verdict = Verdict::fail;
        result.text = "the target died of this case: " + result.text;
      }
      // Nobody to blame: the first to notice tells.
      if (!found && index == suspects_.back().first) {
        result.verdict = Verdict::fail;
        result.text = fmt::format(
            "the target died while {} cases ran side by side, and of none of them alone", suspects_.size());
      }
      report(index, std::move(result));
    }
  }

  void report(std::size_t index, CaseResult result) {
    const std::lock_guard lock(reporting_);
    if (options_.fail_fast && is_bad(result.verdict)) stopped_ = true;
    on_result_(index, std::move(result));
  }

  const std::vector<Instance>& instances_;
  Target& target_;
  const SuiteOptions& options_;
  const std::function<void(std::size_t, CaseResult)>& on_result_;
  std::mutex reporting_;
  std::mutex life_;
  int looked_ = 0;
  std::atomic<unsigned> lives_ = 1;  // of the target, as far as is known
  std::vector<std::pair<std::size_t, CaseResult>> suspects_;
  std::atomic<bool> gone_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

void run_in_threads(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
                    const std::function<void(std::size_t index, CaseResult result)>& on_result) {
  LiveSuite(instances, target, options, on_result).run();
}

}  // namespace mqttvet::conformance
