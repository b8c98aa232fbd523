// PID: the broker's packet identifiers, and its answers to the clients'.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/plan_facts.h"

namespace mqttvet::sim {
namespace {

bool open_at(const ExchangeView& exchange, std::size_t event) {
  if (exchange.refused && exchange.acknowledged < event) return false;
  return exchange.completed == kNoEvent || exchange.completed > event;
}

const wire::Publish& publish_at(const WireView& view, std::size_t event) {
  return std::get<wire::Publish>(view.event(event).packet);
}

// The broker may have ended the exchange without the client's word: by a stray acknowledgement, because the
// message expired or grew too large for the client's limit, or because another member of a shared
// subscription got it.
bool may_be_given_up(const WireView& view, const SessionView& session, const ExchangeView& exchange,
                     std::size_t by) {
  if (exchange.unsure) return true;
  if (exchange.acknowledged != kNoEvent && exchange.acknowledged < by && exchange.qos == 2) return false;
  const bool limited =
      std::any_of(session.connections.begin(), session.connections.end(),
                  [&](std::size_t index) { return view.connections[index].maximum_packet_size.has_value(); });
  return exchange.expires || limited || has_shared(session);
}

// Two unfinished exchanges under one packet id.
void check_in_use(const WireView& view, const SessionView& session, std::vector<Violation>& violations) {
  std::map<std::uint16_t, const ExchangeView*> latest;
  for (const ExchangeView& exchange : session.exchanges) {
    const auto [entry, first] = latest.try_emplace(exchange.packet_id, &exchange);
    if (first) continue;
    const ExchangeView& older = *entry->second;
    const std::size_t arrival = exchange.arrivals.front();
    if (open_at(older, arrival) && !may_be_given_up(view, session, older, arrival))
      violations.push_back(violation(
          view, "PID", statement(version_of(view, session), "2.3.1-4", "2.2.1-4"), session.client_id,
          fmt::format("packet id {} is given to {} while \"{}\" has not finished the delivery of {} under it",
                      exchange.packet_id, name_of(exchange.message), session.client_id,
                      name_of(older.message)),
          {older.arrivals.front(), arrival}));
    entry->second = &exchange;
  }
}

bool is_v5(const WireView& view, const SessionView& session, std::size_t event) {
  return std::any_of(session.connections.begin(), session.connections.end(), [&](std::size_t index) {
    const ConnectionView& connection = view.connections[index];
    return connection.number == view.event(event).connection && connection.version == wire::Version::v5_0;
  });
}

// On the first connection of a new session, what comes for the first time was never sent before.
void check_first_dup(const WireView& view, const SessionView& session, const ExchangeView& exchange,
                     std::vector<Violation>& violations) {
  const std::size_t event = exchange.arrivals.front();
  const ConnectionView& first = view.connections[session.connections.front()];
  if (!session.certain || exchange.maybe_repeated || has_shared(session) ||
      view.event(event).connection != first.number)
    return;
  if (!publish_at(view, event).dup) return;
  violations.push_back(violation(view, "PID", statement(version_of(view, session), "3.3.1-3", "3.3.1-3"),
                                 session.client_id,
                                 fmt::format("{} comes for the first time, with packet id {}, but with DUP",
                                             name_of(exchange.message), exchange.packet_id),
                                 {event}));
}

// DUP on every repetition; and in 5.0 no repetition on a living connection.
void check_repetitions(const WireView& view, const SessionView& session, std::vector<Violation>& violations) {
  for (const ExchangeView& exchange : session.exchanges) {
    if (exchange.unsure) continue;
    check_first_dup(view, session, exchange, violations);
    for (std::size_t i = 1; i < exchange.arrivals.size(); ++i) {
      const std::size_t event = exchange.arrivals[i];
      if (!publish_at(view, event).dup)
        violations.push_back(violation(
            view, "PID", statement(version_of(view, session), "3.3.1-1", "3.3.1-1"), session.client_id,
            fmt::format("{} is sent again with packet id {} but without DUP", name_of(exchange.message),
                        exchange.packet_id),
            {exchange.arrivals[i - 1], event}));
      const bool same_connection =
          view.event(event).connection == view.event(exchange.arrivals[i - 1]).connection;
      if (same_connection && is_v5(view, session, event))
        violations.push_back(
            violation(view, "PID", "MQTT5-4.4.0-1", session.client_id,
                      fmt::format("{} is sent again with packet id {} on the same connection",
                                  name_of(exchange.message), exchange.packet_id),
                      {exchange.arrivals[i - 1], event}));
    }
  }
}

// The broker can have had the message only once, and has at most one reason to deliver it.
bool one_copy(const WireView& view, const SessionView& session, const MessageKey& message) {
  const auto found = view.publications_of.find(message);
  if (found == view.publications_of.end() || found->second.size() != 1) return false;
  const PublicationView& publication = view.publications[found->second.front()];
  if (publication.ambiguous || (publication.qos == 1 && publication.sends.size() > 1)) return false;
  return !view.untraceable.contains(message) && matching_filters(session, message.first) <= 1;
}

// A repetition must keep its packet id.
void check_same_id(const WireView& view, const SessionView& session, std::vector<Violation>& violations) {
  if (!session.certain) return;  // a subscription unknown here may give a second copy
  std::map<MessageKey, const ExchangeView*> first_of;
  for (const ExchangeView& exchange : session.exchanges) {
    const auto [entry, first] = first_of.try_emplace(exchange.message, &exchange);
    if (first) continue;
    const ExchangeView& older = *entry->second;
    const std::size_t arrival = exchange.arrivals.front();
    if (older.packet_id == exchange.packet_id || !open_at(older, arrival)) continue;
    if (may_be_given_up(view, session, older, arrival)) continue;
    if (publish_at(view, arrival).retain || publish_at(view, older.arrivals.front()).retain) continue;
    if (!one_copy(view, session, exchange.message)) continue;
    violations.push_back(violation(
        view, "PID", statement(version_of(view, session), "4.4.0-1", "4.4.0-1"), session.client_id,
        fmt::format(
            "{} was first sent with packet id {} and, before that was finished, again with packet id {}",
            name_of(exchange.message), older.packet_id, exchange.packet_id),
        {older.arrivals.front(), arrival}));
  }
}

// Answers to requests that this client never made.
void check_answers(const WireView& view, const PlanFacts& facts, std::vector<Violation>& violations) {
  using Type = wire::PacketType;
  static const std::map<Type, Type> request_of = {{Type::suback, Type::subscribe},
                                                  {Type::unsuback, Type::unsubscribe},
                                                  {Type::puback, Type::publish},
                                                  {Type::pubrec, Type::publish},
                                                  {Type::pubcomp, Type::pubrel}};
  std::set<std::tuple<std::string, Type, std::uint16_t>> asked;  // by client of the plan
  const auto& events = view.history->events;
  for (std::size_t index = 0; index < events.size(); ++index) {
    const HistoryEvent& event = events[index];
    if (event.kind != HistoryEvent::Kind::sent && event.kind != HistoryEvent::Kind::received) continue;
    const auto packet_id = wire::packet_id_of(event.packet);
    if (!packet_id || facts.sends_raw_bytes(event.client)) continue;
    const Type type = wire::type_of(event.packet);
    if (event.kind == HistoryEvent::Kind::sent) {
      asked.emplace(event.client, type, *packet_id);
      continue;
    }
    const auto request = request_of.find(type);
    if (request == request_of.end() || asked.contains({event.client, request->second, *packet_id})) continue;
    violations.push_back(
        violation(view, "PID", "", event.client,
                  fmt::format("{} with packet id {}, but \"{}\" never sent a {} with it", wire::name_of(type),
                              *packet_id, event.client, wire::name_of(request->second)),
                  {index}));
  }
}

}  // namespace

void check_packet_identifiers(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  for (const SessionView& session : view.sessions) {
    if (session.contested) continue;
    check_in_use(view, session, violations);
    check_repetitions(view, session, violations);
    check_same_id(view, session, violations);
  }
  check_answers(view, model.facts, violations);
}

}  // namespace mqttvet::sim
