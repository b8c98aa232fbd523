#include "conformance/harness/suite.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "conformance/harness/suite_processes.h"

namespace mqttvet::conformance {
namespace {

// Something disturbs all connections, so nothing else may run.
bool is_alone(const Case& one) {
  for (const Capability need : one.needs) {
    if (need == Capability::restart || need == Capability::kill) return true;
  }
  return one.alone;
}

bool has_tag(const Case& one, std::string_view tag) {
  for (const std::string& has : one.tags) {
    if (has == tag) return true;
  }
  return false;
}

CaseResult not_run(const Instance& instance, std::string why) {
  CaseResult result = result_for(*instance.one, instance.version);
  result.verdict = Verdict::inconclusive;
  result.text = std::move(why);
  return result;
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
    CaseResult result = run_case(*instance.one, instance.version, target_, instance.nth);
    if (result.target_silent) look_for_life();
    report(index, std::move(result));
  }

  // After a time-out of CONNECT: is that case special, or is the target gone?
  void look_for_life() {
    const std::lock_guard lock(life_);
    if (gone_ || looked_ >= 3) return;
    ++looked_;
    if (!answers(target_)) gone_ = true;
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
  std::atomic<bool> gone_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

bool is_bad(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::inconclusive;
}

void run_suite(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
               const std::function<void(std::size_t index, CaseResult result)>& on_result) {
  if (target.simulated()) return run_in_processes(instances, target, options, on_result);
  LiveSuite(instances, target, options, on_result).run();
}

}  // namespace mqttvet::conformance
