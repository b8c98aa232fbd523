// ROB: bad input ends its sender's connection, and nobody else's (the latter is check_closings()'s).
#include <fmt/format.h>

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
  for (const ConnectionView& connection : view.connections) {
    const auto found = broken.find(connection.number);
    if (found == broken.end() || view.deserted(connection) || !had_time_since(view, found->second)) continue;
    violations.push_back(
        violation(view, "ROB", statement(connection.version, "4.8.0-1", "4.13.1-1"), connection.client,
                  fmt::format("\"{}\" sent what is no packet ({}), and its connection was never closed",
                              connection.client, view.event(found->second).text),
                  {connection.connect, found->second}));
  }
}

}  // namespace mqttvet::sim
