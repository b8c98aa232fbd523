// What the suite catches: it runs on our broker in simulation with one planted bug after the other switched
// on, and whatever goes red then is what catches that bug. The broker does not check itself meanwhile: a case
// has to see it from outside.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "broker/core/mutants.h"
#include "conformance/harness/suite.h"
#include "conformance/selftest/report.h"

namespace mqttvet::conformance {

// Runs `instances` on the sound broker, and then, for each of `mutants`, those that reach it. `parallel` at a
// time, in child processes. REQUIRES: this process has one thread. `on_progress` is called before each of
// them.
SelftestReport run_selftest(const std::vector<Instance>& instances, const std::vector<core::Mutant>& mutants,
                            unsigned parallel, const std::function<void(std::string_view what)>& on_progress);

// One promise of a list: this case fails with this bug.
struct Promise {
  core::Mutant mutant{};
  Instance instance;
};

// The promises that do not hold.
std::vector<Promise> broken_promises(const std::vector<Promise>& promises);

}  // namespace mqttvet::conformance
