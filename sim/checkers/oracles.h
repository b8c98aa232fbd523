// The oracles: each enforces one promise over a whole run, from what the clients' side of the network saw.
#pragma once

#include <string_view>
#include <vector>

#include "sim/checkers/model.h"

namespace mqttvet::sim {

struct Oracle {
  std::string_view code;     // "EXO"
  std::string_view promise;  // one sentence
  std::vector<std::string_view> statements;
  void (*check)(const Model& model, std::vector<Violation>& violations);
};

// In the order of docs/oracles.md.
const std::vector<Oracle>& oracles();

// Every oracle over one history; at most kViolationsMax of each, in the order of time.
inline constexpr std::size_t kViolationsMax = 20;
std::vector<Violation> check(const History& history);

// One file each.
void check_at_least_once(const Model&, std::vector<Violation>&);       // ALO
void check_exactly_once(const Model&, std::vector<Violation>&);        // EXO
void check_order(const Model&, std::vector<Violation>&);               // ORD
void check_packet_identifiers(const Model&, std::vector<Violation>&);  // PID
void check_window(const Model&, std::vector<Violation>&);              // WIN
void check_liveness(const Model&, std::vector<Violation>&);            // LIV
void check_sessions(const Model&, std::vector<Violation>&);            // SES
void check_durability(const Model&, std::vector<Violation>&);          // DUR
void check_retained(const Model&, std::vector<Violation>&);            // RET
void check_subscriptions(const Model&, std::vector<Violation>&);       // SUB
void check_wills(const Model&, std::vector<Violation>&);               // WIL
void check_expiry(const Model&, std::vector<Violation>&);              // EXP
void check_ownership(const Model&, std::vector<Violation>&);           // OWN
void check_timers(const Model&, std::vector<Violation>&);              // TIM
void check_shared(const Model&, std::vector<Violation>&);              // SHR
void check_policy(const Model&, std::vector<Violation>&);              // POL
void check_robustness(const Model&, std::vector<Violation>&);          // ROB
void check_security(const Model&, std::vector<Violation>&);            // SEC
void check_conformity(const Model&, std::vector<Violation>&);          // CNF

}  // namespace mqttvet::sim
