#include "conformance/harness/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

namespace mqttvet::conformance {
namespace {

constexpr Capability capability_of(wire::Version version) {
  switch (version) {
    case wire::Version::v3_1:
      return Capability::mqtt_3_1;
    case wire::Version::v3_1_1:
      return Capability::mqtt_3_1_1;
    case wire::Version::v5_0:
      break;
  }
  return Capability::mqtt_5_0;
}

// What the target lacks and the case needs; empty: nothing.
std::string missing(const Case& one, wire::Version version, const TargetFacts& facts) {
  std::vector<Capability> needs = one.needs;
  needs.insert(needs.begin(), capability_of(version));
  for (const Capability need : needs) {
    if (facts.has(need)) continue;
    const auto reason = facts.reasons.find(need);
    return fmt::format("needs {}{}", name_of(need),
                       reason == facts.reasons.end() ? std::string() : ": " + reason->second);
  }
  return "";
}

// FNV-1a: the same on every machine.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

// Letters and digits that no other run has: on a live target several processes may test at once.
std::string token_for(const Target& target) {
  static std::atomic<std::uint64_t> count = 0;
  if (target.simulated()) return "r";
  static const std::uint64_t begun =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch() / 1ms) * 7919 +
      static_cast<std::uint64_t>(getpid());
  std::uint64_t value = (begun << 12) + count++;
  std::string token;
  for (; value > 0 && token.size() < 9; value /= 36)
    token += "0123456789abcdefghijklmnopqrstuvwxyz"[value % 36];
  return token;
}

Verdict graded(const Stop& stop, Level level) {
  if (stop.verdict != Verdict::fail || stop.whatever_the_level) return stop.verdict;
  if (level == Level::should) return Verdict::non_strict;
  return level == Level::may ? Verdict::unimplemented : Verdict::fail;
}

void carry_out(const Case& one, Run& run, CaseResult& result) {
  try {
    one.body(run);
    for (const auto& client : run.clients()) client->require_well_formed();
    result.verdict = run.remarks().empty() ? Verdict::pass : Verdict::non_strict;
    if (!run.remarks().empty()) result.text = run.remarks().front();
  } catch (const Stop& stop) {
    result.verdict = graded(stop, one.level);
    result.text = stop.text;
  } catch (const std::exception& error) {
    result.verdict = Verdict::inconclusive;
    result.text = std::string("the case itself is wrong: ") + error.what();
  }
}

}  // namespace

CaseResult run_case(const Case& one, wire::Version version, Target& target, std::uint64_t nth) {
  CaseResult result;
  result.name = one.name;
  result.version = version;
  result.statements = one.statements_of(version);
  result.level = one.level;
  result.tags = one.tags;
  if (std::string why = missing(one, version, target.facts()); !why.empty()) {
    result.verdict = Verdict::skipped;
    result.text = std::move(why);
    return result;
  }
  const std::unique_ptr<Venue> venue = target.open(hash_of(one.name) + nth);
  Run run(version, target.facts(), *venue, token_for(target));
  carry_out(one, run, result);
  result.took = venue->now();
  result.remarks = run.remarks();
  result.behaviours = run.behaviours();
  result.transcript = run.transcript();
  return result;
}

}  // namespace mqttvet::conformance
