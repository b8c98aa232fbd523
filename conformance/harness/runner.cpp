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

Verdict graded(const Stop& stop, Level level) {
  if (stop.verdict != Verdict::fail || stop.whatever_the_level) return stop.verdict;
  if (level == Level::should) return Verdict::non_strict;
  return level == Level::may ? Verdict::unimplemented : Verdict::fail;
}

void carry_out(const Case& one, Run& run, CaseResult& result) {
  try {
    one.body(run);
    run.require_well_formed();
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

// What a run leaves behind on a target that others use too.
void clean_up(Run& run) {
  try {
    const std::size_t count = run.clients().size();
    for (std::size_t i = 0; i < count; ++i) {
      Client& client = *run.clients()[i];
      if (!client.has_persistent_session() && client.retained_topics().empty()) continue;
      client.connect({.clean_start = true});
      for (const std::string& topic : client.retained_topics())
        client.publish({.retain = true, .topic = topic});
      client.disconnect();
    }
    run.wait(run.now() + 5ms);  // for the goodbyes to leave
  } catch (const std::exception&) {
    // The verdict stands; who can't connect any more can't clean up.
  }
}

bool is_silent(const CaseResult& result) {
  if (result.verdict != Verdict::fail && result.verdict != Verdict::inconclusive) return false;
  return result.text.starts_with("no network connection") ||
         (result.text.find("expected CONNACK") != std::string::npos && result.text.ends_with("nothing came"));
}

}  // namespace

std::string unique_token(const Target& target) {
  static std::atomic<std::uint64_t> count = 0;
  if (target.simulated()) return "r";
  static const auto begun =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch() / 1ms) * 7919;
  const auto process = static_cast<std::uint64_t>(getpid());  // a fork has inherited the rest
  std::uint64_t value = ((begun + process) << 12) + count++;
  std::string token;
  for (; value > 0 && token.size() < 9; value /= 36)
    token += "0123456789abcdefghijklmnopqrstuvwxyz"[value % 36];
  return token;
}

bool answers(Target& target) {
  for (const wire::Version version : {wire::Version::v3_1_1, wire::Version::v5_0}) {
    const std::unique_ptr<Venue> venue = target.open(0);
    Run run(version, target.facts(), *venue, unique_token(target));
    Client& client = run.client();
    try {
      client.open();
      client.send(client.connect_packet());
      client.expect_any();
      return true;
    } catch (const std::exception&) {
      if (!client.is_open() && run.transcript().size() > 2) return true;  // it closes: that is an answer
    }
  }
  return false;
}

std::optional<wire::Version> version_from(std::string_view text) {
  for (const auto version : {wire::Version::v3_1, wire::Version::v3_1_1, wire::Version::v5_0}) {
    if (wire::name_of(version) == text) return version;
  }
  return std::nullopt;
}

CaseResult result_for(const Case& one, wire::Version version) {
  CaseResult result;
  result.name = one.name;
  result.version = version;
  result.statements = one.statements_of(version);
  result.level = one.level;
  result.tags = one.tags;
  return result;
}

CaseResult run_case(const Case& one, wire::Version version, Target& plain, std::uint64_t nth) {
  CaseResult result = result_for(one, version);
  Target* const variant = one.on == Variant::plain ? nullptr : plain.variant(one.on);
  Target& target = variant ? *variant : plain;
  if (std::string why = missing(one, version, target.facts()); !why.empty()) {
    result.verdict = Verdict::skipped;
    result.text = std::move(why);
    return result;
  }
  try {
    const std::unique_ptr<Venue> venue = target.open(hash_of(one.name) + nth);
    Run run(version, target.facts(), *venue, unique_token(target));
    carry_out(one, run, result);
    result.took = venue->now();
    result.remarks = run.remarks();
    result.behaviours = run.behaviours();
    result.transcript = run.transcript();
    result.reached = venue->reached();
    result.target_silent = is_silent(result);
    if (!target.simulated()) clean_up(run);
  } catch (const std::exception& error) {
    result.verdict = Verdict::inconclusive;
    result.text = error.what();
  }
  return result;
}

}  // namespace mqttvet::conformance
