// Cases in threads of this process, for a live target. Internal to this folder.
#pragma once

#include "conformance/harness/suite.h"

namespace mqttvet::conformance {

// It disturbs all connections, so nothing else may run.
bool is_alone(const Case& one);

// As run_suite(). What must be alone comes last. A target that dies is started again if anybody knows how;
// the cases that it was lost to are run once more, each alone, so that the one to blame is found.
void run_in_threads(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
                    const std::function<void(std::size_t index, CaseResult result)>& on_result);

}  // namespace mqttvet::conformance
