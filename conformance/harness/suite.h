// Many cases against one target, several at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "conformance/harness/case.h"
#include "conformance/harness/runner.h"

namespace mqttvet::conformance {

// One thing to run.
struct Instance {
  const Case* one = nullptr;
  wire::Version version = wire::Version::v5_0;
  std::uint64_t nth = 0;  // of --repeat
};

struct SuiteOptions {
  unsigned parallel = 1;
  bool fail_fast = false;  // begin nothing more after the first fail
};

// Each of `instances` once. A simulated target is run in child processes, so that a crash of the broker is a
// verdict; REQUIRES then: this process has one thread. A live one in threads of this process; cases that must
// be alone come last, one after the other. `on_result` is called with the index of the instance as results
// come, never from two threads at once.
//
// A live target that stops answering costs one time-out: the rest is inconclusive. One that dies is a failure
// of the case that it dies of, and is started again if its file says how.
void run_suite(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
               const std::function<void(std::size_t index, CaseResult result)>& on_result);

// Whoever counts as a failure for the exit status.
bool is_bad(Verdict verdict);

}  // namespace mqttvet::conformance
