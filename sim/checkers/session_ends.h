// Sessions that should still have been there when their client came back.
#pragma once

#include <vector>

#include "sim/checkers/plan_facts.h"
#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

// How long, in seconds, the session lives after this connection, whose expiry is `expiry`: for 3.x the
// broker's configuration says.
std::uint32_t life(const ConnectionView& connection, std::uint32_t expiry, const PlanFacts& facts);

struct LostSession {
  const SessionView* session;        // the one that is gone
  const ConnectionView* connection;  // whose CONNACK said so
  bool crashed;                      // the broker crashed in between
};
// Session Present was 0 although nothing can have ended the session: no Clean Start, and its expiry interval,
// counted from the earliest moment the broker can have missed the client (the opening of its last
// connection), had not passed.
std::vector<LostSession> lost_sessions(const WireView& view, const PlanFacts& facts);

}  // namespace mqttvet::sim
