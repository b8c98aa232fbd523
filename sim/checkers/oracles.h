// The oracles: each enforces one promise over a whole run, from what the clients' side of the network saw.
#pragma once

#include <string_view>
#include <vector>

#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

struct Oracle {
  std::string_view code;     // "EXO"
  std::string_view promise;  // one sentence
  std::vector<std::string_view> statements;
  void (*check)(const WireView& view, std::vector<Violation>& violations);
};

// In the order of docs/oracles.md.
const std::vector<Oracle>& oracles();

// Every oracle over one history; at most kViolationsMax of each, in the order of time.
inline constexpr std::size_t kViolationsMax = 20;
std::vector<Violation> check(const History& history);

// One file each.
void check_at_least_once(const WireView&, std::vector<Violation>&);       // ALO
void check_exactly_once(const WireView&, std::vector<Violation>&);        // EXO
void check_order(const WireView&, std::vector<Violation>&);               // ORD
void check_packet_identifiers(const WireView&, std::vector<Violation>&);  // PID
void check_window(const WireView&, std::vector<Violation>&);              // WIN
void check_liveness(const WireView&, std::vector<Violation>&);            // LIV
void check_sessions(const WireView&, std::vector<Violation>&);            // SES
void check_durability(const WireView&, std::vector<Violation>&);          // DUR
void check_conformity(const WireView&, std::vector<Violation>&);          // CNF

}  // namespace mqttvet::sim
