#include "sim/run/result.h"

#include <set>

namespace mqttvet::sim {

void Summary::add(const RunResult& run) {
  ++runs;
  if (!run.passed()) ++failed;
  events += run.events;
  packets += run.packets;
  connections += run.connections;
  publishes += run.publishes;
  deliveries += run.deliveries;
  simulated += run.simulated;
  std::set<std::string> codes;
  for (const Finding& finding : run.findings) codes.insert(finding.code);
  for (const std::string& code : codes) ++findings[code];
  for (const auto& [kind, count] : run.faults) {
    faults[kind].armed += count.armed;
    faults[kind].effective += count.effective;
  }
  for (const auto& [mutant, hits] : run.mutants) mutants[mutant] += hits;
}

}  // namespace mqttvet::sim
