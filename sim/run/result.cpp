#include "sim/run/result.h"

#include <set>

namespace mqttvet::sim {
namespace {

std::set<std::string> codes_of(const std::vector<Finding>& findings) {
  std::set<std::string> codes;
  for (const Finding& finding : findings) codes.insert(finding.code);
  return codes;
}

}  // namespace

void Summary::add(const RunResult& run) {
  ++runs;
  if (!run.passed()) ++failed;
  events += run.events;
  packets += run.packets;
  connections += run.connections;
  publishes += run.publishes;
  deliveries += run.deliveries;
  simulated += run.simulated;
  cpu += run.cpu;
  for (const std::string& code : codes_of(run.findings)) ++findings[code];
  for (const std::string& code : codes_of(run.client_findings)) ++client_findings[code];
  for (const auto& [kind, count] : run.faults) {
    faults[kind].armed += count.armed;
    faults[kind].fired += count.fired;
    faults[kind].effective += count.effective;
  }
  for (const auto& [mutant, hits] : run.mutants) mutants[mutant] += hits;
  for (const auto& [mark, count] : run.marks) marks[mark] += count > 0 ? 1 : 0;
}

}  // namespace mqttvet::sim
