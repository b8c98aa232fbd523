#include "sim/checkers/round_trips.h"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

namespace mqttvet::sim {
namespace {

using Type = wire::PacketType;

std::optional<Type> answer_to(const wire::Packet& packet) {
  switch (wire::type_of(packet)) {
    case Type::subscribe:
      return Type::suback;
    case Type::unsubscribe:
      return Type::unsuback;
    case Type::pingreq:
      return Type::pingresp;
    case Type::publish: {
      const int qos = std::get<wire::Publish>(packet).qos;
      if (qos == 0) return std::nullopt;
      return qos == 1 ? Type::puback : Type::pubrec;
    }
    default:
      return std::nullopt;
  }
}

struct Waiting {
  std::size_t sent;
  bool idle;
};

// One connection, while its events pass.
struct Passing {
  // By answer and packet id: the first request that waits for it. PINGRESPs have no id: the first one may
  // answer any, and is taken for the first.
  std::map<std::pair<Type, std::uint16_t>, Waiting> waiting;
  std::set<std::pair<Type, std::uint16_t>> owed;  // acknowledgements, by the client

  void sent(std::size_t index, const wire::Packet& packet, std::uint16_t packet_id) {
    owed.erase({wire::type_of(packet), packet_id});
    if (const auto answer = answer_to(packet))
      waiting.try_emplace({*answer, packet_id}, Waiting{index, owed.empty()});
  }
  void received(const wire::Packet& packet, std::uint16_t packet_id) {
    const Type type = wire::type_of(packet);
    const auto answer = type == Type::pubrel ? Type::pubcomp : answer_to(packet);
    if (type != Type::pubrel && (type != Type::publish || !answer)) return;
    owed.emplace(*answer, packet_id);
    for (auto& [key, request] : waiting) request.idle = false;
  }
};

}  // namespace

RoundTrips fold_round_trips(const WireView& view) {
  RoundTrips trips;
  std::map<std::uint64_t, Passing> connections;
  const auto& events = view.history->events;
  for (std::size_t index = 0; index < events.size(); ++index) {
    const HistoryEvent& event = events[index];
    const bool sent = event.kind == HistoryEvent::Kind::sent;
    if (!sent && event.kind != HistoryEvent::Kind::received) continue;
    const std::uint16_t packet_id = wire::packet_id_of(event.packet).value_or(0);
    Passing& passing = connections[event.connection];
    if (sent) {
      passing.sent(index, event.packet, packet_id);
      continue;
    }
    passing.received(event.packet, packet_id);
    const auto request = passing.waiting.find({wire::type_of(event.packet), packet_id});
    if (request == passing.waiting.end()) continue;
    trips[event.connection].push_back({request->second.sent, index, request->second.idle});
    passing.waiting.erase(request);
  }
  return trips;
}

void note_handled(WireView& view) {
  bool any = false;
  for (PublicationView& publication : view.publications) {
    publication.handled = publication.accepted;
    any = any || publication.qos == 0;
  }
  if (!any) return;
  const RoundTrips trips = fold_round_trips(view);
  for (PublicationView& publication : view.publications) {
    if (publication.qos > 0) continue;
    const std::size_t sent = publication.sends.front();
    const auto found = trips.find(view.event(sent).connection);
    if (found == trips.end()) continue;
    for (const RoundTrip& trip : found->second) {
      if (trip.sent < sent) continue;
      publication.handled = trip.answered;
      break;
    }
  }
}

}  // namespace mqttvet::sim
