#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/blame.h"
#include "sim/checkers/timers.h"

namespace mqttvet::sim {

using std::chrono::seconds;

void check_keep_alive(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  std::map<std::uint64_t, std::vector<std::size_t>> sent;
  for (std::size_t i = 0; i < view.history->events.size(); ++i)
    if (view.event(i).kind == HistoryEvent::Kind::sent) sent[view.event(i).connection].push_back(i);
  for (const ConnectionView& connection : view.connections) {
    if (connection.connack == kNoEvent || connection.malformed || connection.disconnect != kNoEvent) continue;
    const std::uint32_t keep_alive = model.keep_alive_of(connection);
    if (keep_alive == 0) continue;
    // The margin, a second for the way there and back, and two clocks that may differ a little.
    const Duration patience = seconds(keep_alive) * 3 / 2 * 102 / 100 + seconds(2);
    const auto& packets = sent[connection.number];
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const Time from = view.time(packets[i]);
      Time until = connection.closed == kNoEvent ? view.ended : view.time(connection.closed);
      if (i + 1 < packets.size()) until = view.time(packets[i + 1]);
      if (until - from <= patience) continue;
      if (!model.disturbances.quiet(connection.client, view.time(connection.opened), until)) continue;
      violations.push_back(violation(
          view, "TIM", statement(connection.version, "3.1.2-24", "3.1.2-22"), connection.client,
          fmt::format(
              "\"{}\" has a keep-alive of {} s and was silent for {:.3f} s, but its connection stayed "
              "open",
              connection.client, keep_alive, std::chrono::duration<double>(until - from).count()),
          {connection.connack, packets[i]}));
      break;
    }
  }
}

}  // namespace mqttvet::sim
