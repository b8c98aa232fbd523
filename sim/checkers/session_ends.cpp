#include "sim/checkers/session_ends.h"

namespace mqttvet::sim {

std::vector<LostSession> lost_sessions(const WireView& view, const PlanFacts& facts) {
  std::vector<LostSession> lost;
  for (const SessionView& session : view.sessions) {
    if (!session.certain || session.ended == kNoEvent) continue;
    for (const ConnectionView& connection : view.connections) {
      if (connection.connack != session.ended || connection.client_id != session.client_id) continue;
      if (connection.clean_start || connection.session_present || connection.version == wire::Version::v3_1)
        continue;
      const ConnectionView& last = view.connections[session.connections.back()];
      std::uint32_t expiry = last.session_expiry;
      if (expiry == 0) continue;
      if (last.version != wire::Version::v5_0) expiry = facts.session_expiry_v3();
      const Duration away = view.time(connection.connack) - view.time(last.opened);
      if (expiry != 0xFFFFFFFF && away >= std::chrono::seconds(expiry)) continue;
      lost.push_back({&session, &connection, view.crashed_between(session.begun, connection.connack)});
    }
  }
  return lost;
}

}  // namespace mqttvet::sim
