// WIN: as the client counts, which is never more than the broker does.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/plan_facts.h"

namespace mqttvet::sim {
namespace {

struct Change {
  std::size_t event;
  int by;
  std::uint16_t packet_id;
};

// The instants at which `limit` is passed by the running sum of changes; only the first of each excess.
void check_limit(const WireView& view, std::vector<Change> changes, std::uint32_t limit,
                 const SessionView& session, const std::string& statement_id, const std::string& promise,
                 std::vector<Violation>& violations) {
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.event < b.event; });
  std::int64_t unfinished = 0;
  bool over = false;
  for (const Change& change : changes) {
    unfinished += change.by;
    if (unfinished <= static_cast<std::int64_t>(limit)) over = false;
    if (over || unfinished <= static_cast<std::int64_t>(limit)) continue;
    over = true;
    violations.push_back(
        violation(view, "WIN", statement_id, session.client_id,
                  fmt::format("PUBLISH with packet id {} makes {} unfinished deliveries to \"{}\"; {} is {}",
                              change.packet_id, unfinished, session.client_id, promise, limit),
                  {change.event}));
  }
}

// Exchanges that begin with a repetition of one that the client has finished: its acknowledgement was on its
// way when the broker sent the message again (which 3.1.1 permits on a living connection). They take no place
// of their own.
std::set<const ExchangeView*> echoes(const WireView& view, const SessionView& session) {
  std::set<const ExchangeView*> found;
  std::map<std::uint16_t, const ExchangeView*> latest;
  for (const ExchangeView& exchange : session.exchanges) {
    const ExchangeView*& older = latest[exchange.packet_id];
    const auto& first = std::get<wire::Publish>(view.event(exchange.arrivals.front()).packet);
    if (older != nullptr && first.dup && older->message == exchange.message) found.insert(&exchange);
    older = &exchange;
  }
  return found;
}

// 5.0, section 4.9: a PUBLISH on this connection takes a credit, PUBACK, PUBCOMP or a refusing PUBREC gives
// it back.
void check_receive_maximum(const WireView& view, const SessionView& session, const ConnectionView& connection,
                           std::vector<Violation>& violations) {
  const std::size_t begin = connection.connack;
  const std::size_t end = std::min(connection.closed, connection.superseded);
  std::vector<Change> changes;
  for (const ExchangeView& exchange : session.exchanges) {
    if (exchange.unsure) continue;
    const auto arrival = std::find_if(exchange.arrivals.begin(), exchange.arrivals.end(),
                                      [&](std::size_t event) { return event > begin && event < end; });
    const std::size_t done = exchange.refused ? exchange.acknowledged : exchange.completed;
    if (arrival != exchange.arrivals.end()) {
      changes.push_back({*arrival, +1, exchange.packet_id});
      if (done != kNoEvent) changes.push_back({std::max(done, *arrival), -1, exchange.packet_id});
    } else if (exchange.last_completed != kNoEvent && exchange.last_completed > begin &&
               exchange.last_completed < end) {
      // PUBCOMP for a PUBREL of an earlier connection's PUBLISH gives a credit too, by the letter of 4.9.
      changes.push_back({exchange.last_completed, -1, exchange.packet_id});
    }
  }
  for (std::size_t event : connection.extra_pubcomps) changes.push_back({event, -1, 0});
  check_limit(view, std::move(changes), connection.receive_maximum, session, "MQTT5-3.3.4-9",
              "Receive Maximum", violations);
}

}  // namespace

void check_window(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  const PlanFacts& facts = model.facts;
  for (const SessionView& session : view.sessions) {
    if (session.contested) continue;
    for (std::size_t index : session.connections) {
      const ConnectionView& connection = view.connections[index];
      if (connection.version == wire::Version::v5_0)
        check_receive_maximum(view, session, connection, violations);
    }
    if (facts.max_inflight() == 0) continue;
    if (facts.redispatches_shared() && has_shared(session)) continue;  // the broker may owe less than we see
    std::vector<Change> changes;
    const auto repeated = echoes(view, session);
    for (const ExchangeView& exchange : session.exchanges) {
      if (exchange.unsure || repeated.contains(&exchange)) continue;
      changes.push_back({exchange.arrivals.front(), +1, exchange.packet_id});
      const std::size_t done = exchange.refused ? exchange.acknowledged : exchange.completed;
      if (done != kNoEvent) changes.push_back({done, -1, exchange.packet_id});
    }
    check_limit(view, std::move(changes), facts.max_inflight(), session, "", "max_inflight", violations);
  }
}

}  // namespace mqttvet::sim
