#include "sim/run/sweep.h"

#include <poll.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "sim/run/child.h"

namespace mqttvet::sim {
namespace {

using Clock = std::chrono::steady_clock;

class Sweep {
 public:
  Sweep(const std::function<std::optional<SweepJob>()>& next, const SweepOptions& options,
        const std::function<void(const RunResult&)>& on_result)
      : next_(next), options_(options), on_result_(on_result), begun_(Clock::now()) {}

  void run() {
    while (true) {
      start_jobs();
      if (running_.empty()) return;
      wait_for_something();
      collect();
    }
  }

 private:
  struct Running {
    std::size_t number;
    SweepJob job;
    std::unique_ptr<Child> child;
  };

  bool may_start() const {
    if (options_.interrupted && options_.interrupted()) return false;
    return !options_.time_budget || Clock::now() - begun_ < *options_.time_budget;
  }

  void start_jobs() {
    while (!exhausted_ && running_.size() < options_.parallel && may_start()) {
      std::optional<SweepJob> job = next_();
      if (!job) {
        exhausted_ = true;
        return;
      }
      Running running{started_++, std::move(*job), nullptr};
      running.child = std::make_unique<Child>(running.job.run, Clock::now());
      running_.push_back(std::move(running));
    }
  }

  void wait_for_something() {
    std::vector<pollfd> descriptors;
    for (const Running& running : running_) {
      for (int descriptor : {running.child->result_descriptor(), running.child->error_descriptor()}) {
        if (descriptor >= 0) descriptors.push_back({descriptor, POLLIN, 0});
      }
    }
    poll(descriptors.data(), descriptors.size(), 200);  // so that hung children and interrupts are seen
  }

  void collect() {
    for (Running& running : running_) {
      const auto age = Clock::now() - running.child->started();
      if (!running.child->read_some()) {
        finish(running, running.child->collect());
      } else if (age > options_.hang_after) {
        finish(running, running.child->kill_hung(age));
      }
    }
    std::erase_if(running_, [](const Running& running) { return running.child == nullptr; });
  }

  void finish(Running& running, RunResult result) {
    running.child.reset();
    result.name = running.job.name;
    result.replay = running.job.replay;
    result.seed = running.job.seed;
    if (running.job.is_story) {
      const auto crash = std::find_if(result.client_findings.begin(), result.client_findings.end(),
                                      [](const Finding& finding) { return finding.code == "crash"; });
      if (crash != result.client_findings.end()) result.findings.push_back(*crash);
    }
    finished_.emplace(running.number, std::move(result));
    while (!finished_.empty() && finished_.begin()->first == reported_) {
      on_result_(finished_.begin()->second);
      finished_.erase(finished_.begin());
      ++reported_;
    }
  }

  const std::function<std::optional<SweepJob>()>& next_;
  const SweepOptions& options_;
  const std::function<void(const RunResult&)>& on_result_;
  Clock::time_point begun_;
  bool exhausted_ = false;
  std::size_t started_ = 0;
  std::size_t reported_ = 0;
  std::vector<Running> running_;
  std::map<std::size_t, RunResult> finished_;  // waiting for an earlier one
};

}  // namespace

void sweep(const std::function<std::optional<SweepJob>()>& next, const SweepOptions& options,
           const std::function<void(const RunResult&)>& on_result) {
  Sweep(next, options, on_result).run();
}

}  // namespace mqttvet::sim
