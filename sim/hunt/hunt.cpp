#include "sim/hunt/hunt.h"

#include <set>

#include "sim/hunt/verdict.h"
#include "sim/run/run.h"
#include "sim/run/sweep.h"

namespace mqttvet::sim {
namespace {

void count_passed_over(const RunResult& result, Hunt& hunt) {
  std::set<std::string> codes;
  for (const Finding& finding : result.findings) codes.insert(finding.code);
  for (const std::string& code : codes) ++hunt.passed_over[code];
}

void take(const RunResult& result, Hunt& hunt) {
  ++hunt.runs;
  hunt.cpu += result.cpu;
  const auto reached = result.mutants.find(hunt.mutant);
  if (reached != result.mutants.end() && reached->second > 0) {
    hunt.hits += reached->second;
    ++hunt.reached;
  }
  hunt.code = judged(result);
  if (hunt.code) {
    hunt.seed = result.seed;
  } else {
    count_passed_over(result, hunt);
  }
}

}  // namespace

Hunt hunt(const std::string& mutant, const std::function<Plan(std::uint64_t seed)>& plan_of,
          const HuntOptions& options) {
  Hunt found;
  found.mutant = mutant;
  RunOptions running;
  running.mutants = {mutant};
  SweepOptions sweeping;
  sweeping.parallel = options.parallel;
  const auto over = [&] {
    return found.code || found.cpu >= options.cpu_max || (options.interrupted && options.interrupted());
  };
  sweeping.interrupted = over;
  std::uint64_t next = 1;
  sweep(
      [&]() -> std::optional<SweepJob> {
        if (next > options.seeds_max) return std::nullopt;
        const std::uint64_t seed = next++;
        return SweepJob{"seed " + std::to_string(seed), std::to_string(seed), seed,
                        [&plan_of, &running, seed] { return run(plan_of(seed), running); }};
      },
      sweeping,
      [&](const RunResult& result) {
        if (!over()) take(result, found);
      });
  return found;
}

}  // namespace mqttvet::sim
