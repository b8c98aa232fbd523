// CNF: the broker speaks MQTT at all.
#include <fmt/format.h>

#include <map>
#include <set>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/plan_facts.h"

namespace mqttvet::sim {

namespace {

std::vector<std::size_t> deliveries(const WireView& view) {
  std::vector<std::size_t> found;
  for (const SessionView& session : view.sessions)
    for (const auto& delivery : session.deliveries) found.push_back(delivery.event);
  return found;
}

// What the client's CONNECT forbids: topic aliases above its maximum, packets above its Maximum Packet Size;
// and aliases that stand for nothing.
void check_limits(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  for (const std::size_t event : view.unknown_aliases)
    violations.push_back(violation(view, "CNF", "", view.event(event).client,
                                   "PUBLISH with a Topic Alias that no PUBLISH before it had taught",
                                   {event}));
  for (const auto& delivery : deliveries(view)) {
    const ConnectionView& connection = model.connection_of(delivery);
    if (connection.version != wire::Version::v5_0) continue;
    const HistoryEvent& event = view.event(delivery);
    const auto& packet = std::get<wire::Publish>(event.packet);
    const auto& connect = std::get<wire::Connect>(view.event(connection.connect).packet);
    const auto alias = wire::number(packet.properties, wire::PropertyId::topic_alias);
    const std::uint32_t most =
        wire::number(connect.properties, wire::PropertyId::topic_alias_maximum).value_or(0);
    if (alias && (*alias == 0 || *alias > most))
      violations.push_back(violation(
          view, "CNF", most == 0 ? "MQTT5-3.1.2-27" : "MQTT5-3.1.2-26", event.client,
          fmt::format("PUBLISH with Topic Alias {}; the client's Topic Alias Maximum is {}", *alias, most),
          {connection.connect, delivery}));
    if (!connection.maximum_packet_size) continue;
    const std::size_t bytes = wire::encode(event.packet, connection.version).size();
    if (bytes > *connection.maximum_packet_size)
      violations.push_back(
          violation(view, "CNF", "MQTT5-3.1.2-24", event.client,
                    fmt::format("a packet of {} bytes; the client's Maximum Packet Size is {}", bytes,
                                *connection.maximum_packet_size),
                    {connection.connect, delivery}));
  }
}

}  // namespace

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
  check_limits(model, violations);
}

}  // namespace mqttvet::sim
