#include <fmt/format.h>

#include <map>

#include "sim/checkers/blame.h"
#include "sim/checkers/timers.h"

namespace mqttvet::sim {

using std::chrono::seconds;

void check_time_to_connect(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  const std::uint32_t timeout = model.facts.connect_timeout();
  if (timeout == 0) return;
  std::map<std::uint64_t, std::size_t> silent;  // opened, and no packet sent
  const auto check = [&](std::size_t opened, Time until) {
    const HistoryEvent& event = view.event(opened);
    // A second for the way there and back, and two clocks that may differ a little.
    if (until - event.at <= seconds(timeout) * 102 / 100 + seconds(2)) return;
    if (!model.disturbances.quiet(event.client, event.at, until)) return;
    violations.push_back(violation(
        view, "TIM", "MQTT5-3.1.4-1", event.client,
        fmt::format(
            "connection {} of \"{}\" stayed open for {:.3f} s without a CONNECT; connect_timeout is {} s",
            event.connection, event.client, std::chrono::duration<double>(until - event.at).count(), timeout),
        {opened}));
  };
  for (std::size_t i = 0; i < view.history->events.size(); ++i) {
    const HistoryEvent& event = view.event(i);
    using Kind = HistoryEvent::Kind;
    if (event.kind == Kind::opened) silent[event.connection] = i;
    if (event.kind == Kind::sent || event.kind == Kind::malformed_sent) silent.erase(event.connection);
    const auto found = event.kind == Kind::closed ? silent.find(event.connection) : silent.end();
    if (found == silent.end()) continue;
    check(found->second, event.at);
    silent.erase(found);
  }
  for (const auto& [connection, opened] : silent) check(opened, view.ended);
}

}  // namespace mqttvet::sim
