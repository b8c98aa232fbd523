// ROB: bad input ends its sender's connection, and nobody else's (the latter is check_closings()'s).
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {

void check_robustness(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  std::map<std::uint64_t, std::size_t> broken;  // connection -> malformed_sent
  const auto& events = view.history->events;
  for (std::size_t index = 0; index < events.size(); ++index) {
    const HistoryEvent& event = events[index];
    if (event.kind == HistoryEvent::Kind::malformed_sent) broken.emplace(event.connection, index);
    if (event.kind == HistoryEvent::Kind::closed) broken.erase(event.connection);
  }
  for (const auto& [number, index] : broken) {
    const HistoryEvent& event = view.event(index);
    const auto connection = std::ranges::find(view.connections, number, &ConnectionView::number);
    const bool known = connection != view.connections.end();  // or that was to be its CONNECT
    if (known && view.deserted(*connection)) continue;
    if (!had_time_since(view, index) || !model.disturbances.quiet(event.client, event.at, view.ended))
      continue;
    const auto version = known ? connection->version : wire::Version::v5_0;
    violations.push_back(
        violation(view, "ROB", statement(version, "4.8.0-1", "4.13.1-1"), event.client,
                  fmt::format("\"{}\" sent what is no packet ({}), and its connection was never closed",
                              event.client, event.text),
                  {index}));
  }
}

}  // namespace mqttvet::sim
