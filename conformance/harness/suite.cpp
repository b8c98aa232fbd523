#include "conformance/harness/suite.h"

#include <algorithm>

#include "conformance/harness/suite_live.h"
#include "conformance/harness/suite_processes.h"

namespace mqttvet::conformance {
namespace {

// Each process has one thread that waits for the target, and the library's.
constexpr unsigned kProcessesMax = 16;

}  // namespace

bool is_bad(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::inconclusive;
}

void run_suite(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
               const std::function<void(std::size_t index, CaseResult result)>& on_result) {
  if (target.simulated()) return run_in_processes(instances, target, options, on_result);
  // A client library that crashes is a verdict: in processes of their own, before there are threads.
  enum : std::size_t { in_processes, alone_in_processes, in_threads, kinds };
  std::vector<std::size_t> indices[kinds];
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const Case& one = *instances[i].one;
    indices[!needs_a_process(one) ? in_threads
            : is_alone(one)       ? alone_in_processes
                                  : in_processes]
        .push_back(i);
  }
  bool stopped = false;
  for (std::size_t kind = 0; kind < kinds && !stopped; ++kind) {
    std::vector<Instance> some;
    for (const std::size_t index : indices[kind]) some.push_back(instances[index]);
    const auto tell = [&](std::size_t index, CaseResult result) {
      stopped = stopped || (options.fail_fast && is_bad(result.verdict));
      on_result(indices[kind][index], std::move(result));
    };
    SuiteOptions its_options = options;
    if (kind == in_processes) its_options.parallel = std::min(options.parallel, kProcessesMax);
    if (kind == alone_in_processes) its_options.parallel = 1;
    if (kind == in_threads) {
      run_in_threads(some, target, its_options, tell);
    } else {
      run_in_processes(some, target, its_options, tell);
    }
  }
}

}  // namespace mqttvet::conformance
