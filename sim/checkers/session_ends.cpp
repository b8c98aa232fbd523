#include "sim/checkers/session_ends.h"

namespace mqttvet::sim {

std::uint32_t life(const ConnectionView& connection, std::uint32_t expiry, const PlanFacts& facts) {
  return connection.version == wire::Version::v5_0 || expiry == 0 ? expiry : facts.session_expiry_v3();
}

std::vector<LostSession> lost_sessions(const WireView& view, const PlanFacts& facts) {
  std::vector<LostSession> lost;
  for (const SessionView& session : view.sessions) {
    if (!session.certain || !session.lasting || session.contested || session.ended == kNoEvent) continue;
    for (const ConnectionView& connection : view.connections) {
      if (connection.connack != session.ended || connection.client_id != session.client_id) continue;
      if (connection.clean_start || connection.session_present || connection.version == wire::Version::v3_1)
        continue;
      const ConnectionView& last = view.connections[session.connections.back()];
      const std::uint32_t expiry = life(last, last.shortest_expiry(), facts);
      if (expiry == 0 || (expiry != kNever && facts.wall_clock_lies())) continue;
      const Duration away = view.time(connection.connack) - view.time(last.opened);
      // Two clocks may differ a little: a second, and one in a hundred.
      const Duration shortest = std::chrono::seconds(expiry) * 99 / 100 - std::chrono::seconds(1);
      if (expiry != kNever && away >= shortest) continue;
      lost.push_back({&session, &connection, view.crashed_between(session.begun, connection.connack)});
    }
  }
  return lost;
}

}  // namespace mqttvet::sim
