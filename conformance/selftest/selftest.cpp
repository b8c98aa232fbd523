#include "conformance/selftest/selftest.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

#include "conformance/harness/probe.h"
#include "conformance/target_sim/sim_target.h"

namespace mqttvet::conformance {
namespace {

// As it is found by a probe of the sound broker: a planted bug may not make a case be skipped.
std::unique_ptr<Target> unchecked_target() {
  core::switch_all_off();
  std::unique_ptr<Target> target = make_sim_target({.check_invariants = false});
  if (const std::string why = probe(*target); !why.empty()) throw std::runtime_error(why);
  return target;
}

std::vector<CaseResult> run_all(const std::vector<Instance>& instances, Target& target, unsigned parallel) {
  std::vector<CaseResult> results(instances.size());
  SuiteOptions options;
  options.parallel = parallel;
  run_suite(instances, target, options,
            [&](std::size_t index, CaseResult result) { results[index] = std::move(result); });
  return results;
}

const core::MutantInfo& info_of(core::Mutant mutant) {
  return core::kMutants[static_cast<std::size_t>(mutant)];
}

Catch to_catch(const CaseResult& result) {
  return {result.name, result.version, result.verdict, result.text};
}

// A case that fails with everything tells little: those that few bugs turn red come first.
void sort_by_rarity(std::vector<Caught>& mutants) {
  std::map<std::string, std::size_t> bugs;  // that a case catches
  for (const Caught& caught : mutants) {
    for (const Catch& one : caught.red) ++bugs[one.label()];
  }
  for (Caught& caught : mutants) {
    std::stable_sort(caught.red.begin(), caught.red.end(),
                     [&](const Catch& a, const Catch& b) { return bugs.at(a.label()) < bugs.at(b.label()); });
  }
}

}  // namespace

SelftestReport run_selftest(const std::vector<Instance>& instances, const std::vector<core::Mutant>& mutants,
                            unsigned parallel,
                            const std::function<void(std::string_view what)>& on_progress) {
  SelftestReport report;
  report.case_count = instances.size();
  const std::unique_ptr<Target> target = unchecked_target();
  on_progress("the sound broker");
  const std::vector<CaseResult> sound = run_all(instances, *target, parallel);
  std::map<std::string, std::vector<std::size_t>> reaching;  // by the name of the mutant
  for (std::size_t i = 0; i < sound.size(); ++i) {
    if (is_bad(sound[i].verdict)) report.bad.push_back(to_catch(sound[i]));
    for (const std::string& name : sound[i].reached) reaching[name].push_back(i);
  }
  for (const core::Mutant mutant : mutants) {
    const core::MutantInfo& info = info_of(mutant);
    on_progress(info.name);
    Caught caught{.mutant = std::string(info.name), .text = std::string(info.text)};
    const std::vector<std::size_t>& indices = reaching[caught.mutant];
    caught.reached_count = indices.size();
    std::vector<Instance> chosen;
    for (const std::size_t index : indices) chosen.push_back(instances[index]);
    core::switch_on(mutant);
    const std::vector<CaseResult> results = run_all(chosen, *target, parallel);
    core::switch_all_off();
    for (std::size_t i = 0; i < results.size(); ++i) {
      const CaseResult& before = sound[indices[i]];
      if (is_bad(before.verdict) || results[i].verdict == before.verdict) continue;
      const bool red = results[i].verdict == Verdict::fail;
      (red ? caught.red : caught.changed).push_back(to_catch(results[i]));
    }
    report.mutants.push_back(std::move(caught));
  }
  sort_by_rarity(report.mutants);
  return report;
}

std::vector<Promise> broken_promises(const std::vector<Promise>& promises) {
  const std::unique_ptr<Target> target = unchecked_target();
  std::vector<Promise> broken;
  for (const Promise& promise : promises) {
    core::switch_on(promise.mutant);
    const CaseResult result = run_all({promise.instance}, *target, 1).front();
    core::switch_all_off();
    if (result.verdict != Verdict::fail) broken.push_back(promise);
  }
  return broken;
}

}  // namespace mqttvet::conformance
