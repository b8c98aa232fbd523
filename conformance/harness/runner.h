// Runs one case against one target, and tells what came of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "conformance/harness/case.h"
#include "conformance/harness/target.h"
#include "conformance/harness/transcript.h"
#include "conformance/harness/verdict.h"

namespace mqttvet::conformance {

// A case in one version: what is counted.
struct CaseResult {
  std::string name;  // of the case
  wire::Version version = wire::Version::v5_0;
  std::vector<std::string> statements;  // that bind in this version, the main one first
  Level level = Level::must;
  std::vector<std::string> tags;
  Verdict verdict = Verdict::inconclusive;
  std::string text;                  // why, in one line; empty for pass
  std::vector<std::string> remarks;  // why it is non-strict, one a line
  std::map<std::string, std::string> behaviours;
  Transcript transcript;
  Duration took{0};                  // of the target's time
  std::string known;                 // why a team has accepted it (known_deviations.h); empty: it has not
  std::vector<std::string> reached;  // Venue::reached()
  bool target_silent = false;        // a connection or its CONNACK never came: it may be gone
};

// "3.1", "3.1.1", "5.0"; nullopt: none of them.
std::optional<wire::Version> version_from(std::string_view text);

// What is known before it runs.
CaseResult result_for(const Case& one, wire::Version version);

// `nth`: 0, 1, ...: of --repeat; a simulation varies what it leaves open.
// Never throws: whatever happens is a verdict.
CaseResult run_case(const Case& one, wire::Version version, Target& target, std::uint64_t nth = 0);

// Letters and digits that no other run on this target has, of this process or another.
std::string unique_token(const Target& target);

// One more CONNECT: does anything come back?
bool answers(Target& target);

}  // namespace mqttvet::conformance
