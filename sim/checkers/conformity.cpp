// CNF: the broker speaks MQTT at all.
#include <fmt/format.h>

#include <map>
#include <set>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/plan_facts.h"

namespace mqttvet::sim {

void check_conformity(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  const PlanFacts& facts = model.facts;
  std::set<std::uint64_t> greeted;
  std::map<std::uint64_t, wire::Version> version;
  for (const ConnectionView& connection : view.connections) version[connection.number] = connection.version;
  const auto& events = view.history->events;
  for (std::size_t index = 0; index < events.size(); ++index) {
    const HistoryEvent& event = events[index];
    if (facts.sends_raw_bytes(event.client)) continue;
    if (event.kind == HistoryEvent::Kind::malformed) {
      violations.push_back(violation(view, "CNF", "", event.client,
                                     fmt::format("the broker sent what is no packet: {}", event.text),
                                     {index}));
    } else if (event.kind == HistoryEvent::Kind::received && greeted.insert(event.connection).second) {
      const auto type = wire::type_of(event.packet);
      if (type == wire::PacketType::connack || type == wire::PacketType::auth) continue;
      violations.push_back(
          violation(view, "CNF", statement(version[event.connection], "3.2.0-1", "3.2.0-1"), event.client,
                    fmt::format("the first packet on the connection is {}, not CONNACK", wire::name_of(type)),
                    {index}));
    }
  }
}

}  // namespace mqttvet::sim
