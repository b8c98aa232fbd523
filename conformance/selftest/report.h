// What catches which planted bug: plain results, for the reports.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "conformance/harness/verdict.h"
#include "conformance/wire/packet.h"

namespace mqttvet::conformance {

// A case that ends otherwise than on the sound broker.
struct Catch {
  std::string name;  // of the case
  wire::Version version = wire::Version::v5_0;
  Verdict verdict = Verdict::fail;
  std::string text;  // of the verdict

  // "MQTT5-3.8.4-2/suback-has-the-packet-identifier 5.0"
  std::string label() const { return name + " " + std::string(wire::name_of(version)); }
};

struct Caught {
  std::string mutant;             // "B008_no_pump_after_ack"
  std::string text;               // what the broker does wrong then
  std::size_t reached_count = 0;  // cases that come through its place in the code; no others were run
  std::vector<Catch> red{};       // that fail; those that few other bugs turn red come first
  std::vector<Catch> changed{};   // that pass no more, without failing
};

// Where the cases pass beside our own broker.
struct ElsewhereSummary {
  std::map<std::string, std::size_t> targets{};  // how many cases pass there
  std::size_t case_count = 0;                    // that pass on one of them
  std::size_t explained_count = 0;               // that pass on none, and say why
  std::vector<std::string> unexplained{};
  std::vector<std::pair<std::string, std::string>> reasons{};  // cases as a pattern, why
};

struct SelftestReport {
  std::size_t case_count = 0;  // each in each of its versions
  std::vector<Catch> bad;      // on the sound broker already: they catch nothing
  std::vector<Caught> mutants;
  ElsewhereSummary elsewhere;

  // Of `mutants`, those with a red case.
  std::size_t caught_count() const {
    std::size_t count = 0;
    for (const Caught& caught : mutants) count += caught.red.empty() ? 0 : 1;
    return count;
  }
};

}  // namespace mqttvet::conformance
