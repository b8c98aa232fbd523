// Cases in child processes: of a simulated target, and with client libraries. Internal to this folder.
#pragma once

#include "conformance/harness/suite.h"

namespace mqttvet::conformance {

// As run_suite(). Worker w of n takes every n-th instance; the case that a worker dies in fails, and another
// worker goes on behind it.
void run_in_processes(const std::vector<Instance>& instances, Target& target, const SuiteOptions& options,
                      const std::function<void(std::size_t index, CaseResult result)>& on_result);

// A client library runs in it, whose threads stay behind.
bool needs_a_process(const Case& one);

}  // namespace mqttvet::conformance
