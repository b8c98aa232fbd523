// LIV: at the end, when nothing goes wrong any more, nobody waits in vain.
#include <fmt/format.h>

#include <map>
#include <set>

#include "sim/checkers/blame.h"
#include "sim/checkers/closings.h"
#include "sim/checkers/obligations.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

using Type = wire::PacketType;

// The answer to a request, or nullopt if it has none.
std::optional<Type> answer_to(const wire::Packet& packet) {
  switch (wire::type_of(packet)) {
    case Type::connect:
      return Type::connack;
    case Type::subscribe:
      return Type::suback;
    case Type::unsubscribe:
      return Type::unsuback;
    case Type::pingreq:
      return Type::pingresp;
    case Type::pubrel:
      return Type::pubcomp;
    case Type::publish: {
      const int qos = std::get<wire::Publish>(packet).qos;
      if (qos == 0) return std::nullopt;
      return qos == 1 ? Type::puback : Type::pubrec;
    }
    default:
      return std::nullopt;
  }
}

bool closed_by_server(const WireView& view, const ConnectionView& connection) {
  const std::string& text = view.event(connection.closed).text;
  return text == "server closed" || text == "reset";
}

// Requests of one connection that have no answer yet, by the answer they wait for and its packet id.
class Waiting {
 public:
  void sent(std::size_t event, const wire::Packet& packet) {
    if (const auto answer = answer_to(packet)) waiting_[{*answer, id(packet)}].push_back(event);
  }
  void received(const wire::Packet& packet) {
    auto found = waiting_.find({wire::type_of(packet), id(packet)});
    // A failing PUBREC or PUBACK answers too; an answer to a repeated request answers all of them.
    if (found != waiting_.end()) waiting_.erase(found);
  }
  std::vector<std::size_t> events() const {
    std::vector<std::size_t> all;
    for (const auto& [key, events] : waiting_) all.push_back(events.front());
    return all;
  }

 private:
  static std::uint16_t id(const wire::Packet& packet) { return wire::packet_id_of(packet).value_or(0); }
  std::map<std::pair<Type, std::uint16_t>, std::vector<std::size_t>> waiting_;
};

void check_requests(const WireView& view, const PlanFacts& facts, std::vector<Violation>& violations) {
  std::map<std::uint64_t, Waiting> waiting;  // by connection
  std::set<std::uint64_t> over;
  const auto& events = view.history->events;
  for (std::size_t index = 0; index < events.size(); ++index) {
    const HistoryEvent& event = events[index];
    if (event.kind == HistoryEvent::Kind::sent) waiting[event.connection].sent(index, event.packet);
    if (event.kind == HistoryEvent::Kind::received) waiting[event.connection].received(event.packet);
    if (event.kind == HistoryEvent::Kind::closed) waiting.erase(event.connection);
  }
  for (const ConnectionView& connection : view.connections)
    if (connection.superseded != kNoEvent || connection.disconnect != kNoEvent || connection.malformed ||
        view.deserted(connection))
      over.insert(connection.number);
  for (const auto& [connection, requests] : waiting) {
    if (over.contains(connection)) continue;
    for (std::size_t request : requests.events()) {
      const HistoryEvent& event = view.event(request);
      if (!had_time_since(view, request) || facts.sends_raw_bytes(event.client)) continue;
      violations.push_back(violation(
          view, "LIV", "", event.client,
          fmt::format("{} of \"{}\" had no answer for {} on a connection that stayed open",
                      wire::describe(event.packet), event.client, seconds_text(view.ended - event.at)),
          {request}));
    }
  }
}

void check_progress(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  for (const Missing& missing : model.missing) {
    if (missing.why != Missing::Why::stalled) continue;
    violations.push_back(violation(
        view, "LIV", statement(version_of(view, *missing.session), "4.3.2-1", "4.3.2-1"),
        missing.session->client_id,
        fmt::format("{} was acknowledged to \"{}\" at {} and is due to session \"{}\", which is connected "
                    "and acknowledges; "
                    "neither it nor anything later came",
                    name_of(missing.publication->message), missing.publication->client_id,
                    seconds_text(view.time(missing.publication->accepted)), missing.session->client_id),
        {missing.subscription->suback, missing.publication->sends.front(), missing.publication->accepted}));
  }
  for (const Unfinished& unfinished : model.unfinished) {
    if (unfinished.lacks != Unfinished::Lacks::pubrel || unfinished.crashed) continue;
    const ExchangeView& exchange = *unfinished.exchange;
    violations.push_back(
        violation(view, "LIV", statement(version_of(view, *unfinished.session), "4.3.3-1", "4.3.3-5"),
                  unfinished.session->client_id,
                  fmt::format("\"{}\" sent PUBREC for packet id {} ({}), and PUBREL never came",
                              unfinished.session->client_id, exchange.packet_id, name_of(exchange.message)),
                  {exchange.arrivals.front(), exchange.acknowledged}));
  }
}

// After the faults have ended, a client that keeps trying gets in.
void check_entrance(const WireView& view, const PlanFacts& facts, std::vector<Violation>& violations) {
  if (view.healed == kNoEvent) return;
  std::map<std::string, std::vector<std::size_t>> failed;
  for (const ConnectionView& connection : view.connections) {
    if (view.time(connection.connect) < view.calm + kBound || facts.sends_raw_bytes(connection.client))
      continue;
    if (connection.connack != kNoEvent || connection.refused != kNoEvent) {
      failed[connection.client].clear();  // a refusal is an answer; whether it was right is not ours to say
    } else if (connection.closed != kNoEvent && closed_by_server(view, connection)) {
      failed[connection.client].push_back(connection.connect);
    }
  }
  for (const auto& [client, attempts] : failed) {
    if (attempts.size() < 3) continue;
    violations.push_back(
        violation(view, "LIV", "MQTT311-3.1.4-4", client,
                  fmt::format("\"{}\" tried {} times to connect after the faults had ended; each time the "
                              "broker closed the connection without CONNACK",
                              client, attempts.size()),
                  attempts));
  }
}

}  // namespace

void check_liveness(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  const PlanFacts& facts = model.facts;
  check_requests(view, facts, violations);
  check_progress(model, violations);
  check_entrance(view, facts, violations);
  check_closings(view, facts, violations);
}

}  // namespace mqttvet::sim
