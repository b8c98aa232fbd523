#include "sim/checkers/obligations.h"

#include <algorithm>
#include <set>

#include "sim/checkers/topic_filter.h"

namespace mqttvet::sim {
namespace {

// Time the broker has for what it owes, at the end of the run.
constexpr Duration kBound = std::chrono::seconds(10);

// The client itself keeps the window shut.
bool holds_back(const WireView& view, const PlanFacts& facts, const SessionView& session,
                const ConnectionView& connection) {
  if (!facts.holds_acknowledgements(connection.client)) return false;
  return std::any_of(session.exchanges.begin(), session.exchanges.end(), [&](const ExchangeView& exchange) {
    return exchange.open() && exchange.acknowledged == kNoEvent &&
           exchange.arrivals.back() > connection.connack &&
           view.ended - view.time(exchange.arrivals.back()) > Duration::zero();
  });
}

bool owed(const PublicationView& publication, const SessionView& session,
          const SubscriptionView& subscription) {
  return publication.qos > 0 && publication.accepted != kNoEvent && !publication.ambiguous &&
         !publication.expires && publication.sends.front() > subscription.suback &&
         !(subscription.no_local && publication.client_id == session.client_id) &&
         filter_matches(subscription.filter, publication.message.first);
}

void missing_of(const WireView& view, const SessionView& session, const SubscriptionView& subscription,
                std::vector<Missing>& missing) {
  std::set<MessageKey> delivered;
  for (const auto& delivery : session.deliveries) delivered.insert(delivery.message);
  std::size_t last_delivered = 0;
  std::vector<const PublicationView*> absent;
  for (const PublicationView& publication : view.publications) {
    if (!owed(publication, session, subscription)) continue;
    if (delivered.contains(publication.message)) {
      last_delivered = std::max(last_delivered, publication.sends.front());
    } else {
      absent.push_back(&publication);
    }
  }
  for (const PublicationView* publication : absent) {
    auto why = publication->sends.front() > last_delivered ? Missing::Why::stalled : Missing::Why::lost;
    if (view.crashed_between(publication->accepted, kNoEvent)) why = Missing::Why::crashed;
    missing.push_back({&session, &subscription, publication, why});
  }
}

}  // namespace

std::vector<Missing> missing_messages(const WireView& view, const PlanFacts& facts) {
  std::vector<Missing> missing;
  if (facts.drops_possible()) return missing;
  for (const SessionView& session : view.sessions) {
    const ConnectionView* connection = view.final_connection(session);
    if (connection == nullptr || connection->maximum_packet_size) continue;
    if (view.ended - view.time(connection->connack) < kBound) continue;
    if (holds_back(view, facts, session, *connection)) continue;
    for (const SubscriptionView& subscription : session.subscriptions)
      if (subscription.granted_qos > 0 && subscription.ended == kNoEvent)
        missing_of(view, session, subscription, missing);
  }
  return missing;
}

std::vector<Unfinished> unfinished_exchanges(const WireView& view, const PlanFacts& facts) {
  std::vector<Unfinished> unfinished;
  for (const SessionView& session : view.sessions) {
    const ConnectionView* connection = view.final_connection(session);
    if (connection == nullptr || facts.sends_raw_bytes(connection->client)) continue;
    if (view.ended - view.time(connection->connack) < kBound) continue;
    if (holds_back(view, facts, session, *connection)) continue;
    for (const ExchangeView& exchange : session.exchanges) {
      if (!exchange.open()) continue;
      const std::size_t last_arrival = exchange.arrivals.back();
      if (exchange.acknowledged == kNoEvent) {
        if (last_arrival < connection->connack)
          unfinished.push_back({&session, &exchange, Unfinished::Lacks::repetition,
                                view.crashed_between(last_arrival, kNoEvent)});
      } else if (exchange.released == kNoEvent && view.ended - view.time(exchange.acknowledged) > kBound) {
        unfinished.push_back({&session, &exchange, Unfinished::Lacks::pubrel,
                              view.crashed_between(exchange.acknowledged, kNoEvent)});
      }
    }
  }
  return unfinished;
}

}  // namespace mqttvet::sim
