#include "conformance/harness/suite_processes.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "conformance/harness/result_bytes.h"

namespace mqttvet::conformance {
namespace {

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);  // the parent is gone
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// From now on. Simulated time costs next to nothing: a case that takes longer has a broker that never comes
// to an end, and SIGPROF ends both.
void limit_processor_time() {
  constexpr itimerval kLimit{.it_interval = {}, .it_value = {.tv_sec = 60, .tv_usec = 0}};
  setitimer(ITIMER_PROF, &kLimit, nullptr);
}

std::string why_it_ended(int status, Subject subject) {
  const char* who = subject == Subject::client ? "client" : "simulated broker";
  if (!WIFSIGNALED(status)) return fmt::format("the {} ended its process with {}", who, WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGPROF) return fmt::format("the {} does not come to an end", who);
  return fmt::format("the {} crashed: {}", who, strsignal(WTERMSIG(status)));
}

// One child, and the instances it still has to run: first, first + step, ...
class Worker {
 public:
  Worker(const std::vector<Instance>& instances, Target& target, std::size_t first, std::size_t step)
      : instances_(instances), target_(target), next_(first), step_(step) {
    start();
  }
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  int descriptor() const { return results_; }
  bool finished() const { return results_ < 0; }

  // Reads what has come; blocks if nothing has.
  template <typename OnResult>
  void read_some(OnResult on_result) {
    char buffer[64 * 1024];
    const ssize_t count = ::read(results_, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) return ended(on_result);
    received_.append(buffer, static_cast<std::size_t>(count));
    std::uint64_t size = 0;
    while (received_.size() >= sizeof size) {
      std::memcpy(&size, received_.data(), sizeof size);
      if (received_.size() - sizeof size < size) break;
      on_result(next_, from_bytes(std::string_view(received_).substr(sizeof size, size)));
      received_.erase(0, sizeof size + size);
      next_ += step_;
      ++delivered_;
    }
  }

 private:
  void start() {
    received_.clear();
    delivered_ = 0;
    int ends[2];
    if (pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    std::fflush(nullptr);
    child_ = fork();
    if (child_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child_ == 0) {
      ::close(ends[0]);
      work(ends[1]);
    }
    ::close(ends[1]);
    results_ = ends[0];
  }

  [[noreturn]] void work(int results) {
    for (std::size_t i = next_; i < instances_.size(); i += step_) {
      const Instance& instance = instances_[i];
      limit_processor_time();
      const std::string bytes = to_bytes(run_case(*instance.one, instance.version, target_, instance.nth));
      const std::uint64_t size = bytes.size();
      write_all(results, {reinterpret_cast<const char*>(&size), sizeof size});
      write_all(results, bytes);
      if (needs_a_process(*instance.one)) break;
    }
    std::fflush(nullptr);
    _exit(0);
  }

  template <typename OnResult>
  void ended(OnResult on_result) {
    ::close(std::exchange(results_, -1));
    int status = 0;
    while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
    if (next_ >= instances_.size()) return;
    const bool as_planned = WIFEXITED(status) && WEXITSTATUS(status) == 0 && delivered_ > 0;
    if (!as_planned) {
      on_result(next_, crashed(instances_[next_], status));
      next_ += step_;
    }
    if (next_ < instances_.size()) start();
  }

  static CaseResult crashed(const Instance& instance, int status) {
    CaseResult result = result_for(*instance.one, instance.version);
    result.verdict = Verdict::fail;
    result.text = why_it_ended(status, instance.one->subject);
    return result;
  }

  void stop() {
    if (results_ >= 0) ::close(results_);
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }

  const std::vector<Instance>& instances_;
  Target& target_;
  std::size_t next_;  // whose result comes next
  std::size_t step_;
  pid_t child_ = -1;
  int results_ = -1;  // -1: it is over
  std::string received_;
  std::size_t delivered_ = 0;  // by this child
};

}  // namespace

bool needs_a_process(const Case& one) {
  return std::count(one.needs.begin(), one.needs.end(), Capability::paho) > 0;
}

void run_in_processes(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
                      const std::function<void(std::size_t index, CaseResult result)>& on_result) {
  // What is found out about a variant is found out once, here.
  for (const Instance& instance : instances) target.variant(instance.one->on);
  const std::size_t count = std::min<std::size_t>(std::max(1u, options.parallel), instances.size());
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t w = 0; w < count; ++w)
    workers.push_back(std::make_unique<Worker>(instances, target, w, count));
  bool stopped = false;
  const auto take = [&](std::size_t index, CaseResult result) {
    if (stopped) return;
    stopped = options.fail_fast && is_bad(result.verdict);
    on_result(index, std::move(result));
  };
  while (!stopped) {
    std::vector<pollfd> waiting;
    std::vector<Worker*> whose;
    for (const auto& worker : workers) {
      if (worker->finished()) continue;
      waiting.push_back({worker->descriptor(), POLLIN, 0});
      whose.push_back(worker.get());
    }
    if (waiting.empty()) return;
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) whose[i]->read_some(take);
    }
  }
}

}  // namespace mqttvet::conformance
