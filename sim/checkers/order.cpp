// ORD: per publisher, topic and QoS; and the order of what is sent again.
#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

// The broker certainly had `a` before `b`: on every connection that carried b, a came first or had been
// answered before.
bool certainly_precedes(const WireView& view, const PublicationView& a, const PublicationView& b) {
  if (a.qos == 1 && a.sends.size() > 1)
    return false;  // may have been routed twice; the copies are not told apart
  // A broker may route a QoS 2 message at its PUBREL.
  if (a.qos == 2 && (a.released == kNoEvent || (b.released != kNoEvent && a.released > b.released)))
    return false;
  for (std::size_t b_sent : b.sends) {
    const std::uint64_t connection = view.event(b_sent).connection;
    bool before = a.answered != kNoEvent && a.answered < b_sent;
    for (std::size_t a_sent : a.sends)
      before = before || (a_sent < b_sent && view.event(a_sent).connection == connection);
    if (!before) return false;
  }
  return true;
}

void check_first_deliveries(const WireView& view, const SessionView& session,
                            std::vector<Violation>& violations) {
  if (has_shared(session)) return;  // the choice of member is free, and so is the order
  struct Latest {
    std::size_t publication;
    std::size_t event;
  };
  std::map<std::tuple<std::string, std::string, int, int>, Latest>
      latest;  // publisher, topic, QoS published, delivered
  std::set<MessageKey> seen;
  for (const auto& delivery : session.deliveries) {
    if (delivery.retain || !seen.insert(delivery.message).second) continue;
    const auto found = view.publications_of.find(delivery.message);
    if (found == view.publications_of.end() || found->second.size() != 1) continue;
    if (view.untraceable.contains(delivery.message)) continue;
    if (matching_filters(session, delivery.message.first) > 1) continue;  // each may have a stream of its own
    const std::size_t index = found->second.front();
    const PublicationView& publication = view.publications[index];
    const auto key = std::tuple(publication.client_id, delivery.message.first, publication.qos, delivery.qos);
    const auto [entry, first] = latest.try_emplace(key, Latest{index, delivery.event});
    if (first) continue;
    if (index > entry->second.publication) {
      entry->second = {index, delivery.event};
      continue;
    }
    const PublicationView& overtaker = view.publications[entry->second.publication];
    if (!certainly_precedes(view, publication, overtaker)) continue;
    violations.push_back(
        violation(view, "ORD", statement(version_of(view, session), "4.6.0-6", "4.6.0-5"), session.client_id,
                  fmt::format("{} was published before {} but delivered to \"{}\" after it",
                              name_of(publication.message), name_of(overtaker.message), session.client_id),
                  {publication.sends.front(), overtaker.sends.front(), entry->second.event, delivery.event}));
  }
}

// What a resumed connection brings again, as (event on the connection, event that gives its first order).
struct Repeated {
  std::size_t event;
  std::size_t original;
  std::uint16_t packet_id;
};

void check_sequence(const WireView& view, const SessionView& session, const std::vector<Repeated>& repeated,
                    const char* what, const std::string& statement_id, std::vector<Violation>& violations) {
  for (std::size_t i = 1; i < repeated.size(); ++i) {
    if (repeated[i].original >= repeated[i - 1].original) continue;
    violations.push_back(violation(
        view, "ORD", statement_id, session.client_id,
        fmt::format("after the resume {} with packet id {} came before that with packet id {}; "
                    "the first time it was the other way round",
                    what, repeated[i - 1].packet_id, repeated[i].packet_id),
        {repeated[i].original, repeated[i - 1].original, repeated[i - 1].event, repeated[i].event}));
    return;
  }
}

void check_resume(const WireView& view, const SessionView& session, const ConnectionView& connection,
                  std::vector<Violation>& violations) {
  const auto on_it = [&](std::size_t event) {
    return event != kNoEvent && view.event(event).connection == connection.number;
  };
  std::map<std::size_t, Repeated> publishes;  // by event: in the order of the wire
  std::map<std::size_t, Repeated> pubrels;
  for (const ExchangeView& exchange : session.exchanges) {
    if (on_it(exchange.arrivals.front()) || exchange.maybe_repeated) continue;
    for (std::size_t event : exchange.arrivals) {
      if (!on_it(event)) continue;
      publishes[event] = {event, exchange.arrivals.front(), exchange.packet_id};
      break;
    }
    // PUBREC once, on an earlier connection, and PUBREL first seen here: certainly sent for that PUBREC.
    const bool once =
        exchange.acknowledged != kNoEvent && exchange.acknowledged == exchange.last_acknowledged;
    if (exchange.qos == 2 && once && !on_it(exchange.acknowledged) && on_it(exchange.released))
      pubrels[exchange.released] = {exchange.released, exchange.acknowledged, exchange.packet_id};
  }
  const auto in_order = [](const std::map<std::size_t, Repeated>& by_event) {
    std::vector<Repeated> list;
    for (const auto& [event, repeated] : by_event) list.push_back(repeated);
    return list;
  };
  check_sequence(view, session, in_order(publishes), "the PUBLISH",
                 statement(connection.version, "4.6.0-1", "4.6.0-1"), violations);
  check_sequence(view, session, in_order(pubrels), "the PUBREL",
                 statement(connection.version, "4.6.0-4", "4.6.0-4"), violations);
}

}  // namespace

void check_order(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  for (const SessionView& session : view.sessions) {
    if (session.contested) continue;
    check_first_deliveries(view, session, violations);
    for (std::size_t index : session.connections)
      check_resume(view, session, view.connections[index], violations);
  }
}

}  // namespace mqttvet::sim
