#include "conformance/harness/suite.h"

#include "conformance/harness/suite_live.h"
#include "conformance/harness/suite_processes.h"

namespace mqttvet::conformance {

bool is_bad(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::inconclusive;
}

void run_suite(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
               const std::function<void(std::size_t index, CaseResult result)>& on_result) {
  if (target.simulated()) return run_in_processes(instances, target, options, on_result);
  run_in_threads(instances, target, options, on_result);
}

}  // namespace mqttvet::conformance
