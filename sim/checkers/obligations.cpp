#include "sim/checkers/obligations.h"

#include <algorithm>
#include <set>

#include "sim/checkers/blame.h"
#include "sim/checkers/topic_filter.h"

namespace mqttvet::sim {
namespace {

// The client itself keeps the window shut: it owes the next word on an exchange.
bool holds_back(const SessionView& session, const ConnectionView& connection) {
  return std::any_of(session.exchanges.begin(), session.exchanges.end(), [&](const ExchangeView& exchange) {
    if (!exchange.open()) return false;
    const std::size_t arrived = exchange.arrivals.back();
    const bool answered = exchange.last_acknowledged != kNoEvent && exchange.last_acknowledged > arrived;
    const bool owes_first = arrived > connection.connack && !answered;
    const bool owes_last = exchange.last_released != kNoEvent && exchange.last_released > connection.connack;
    return owes_first || owes_last;
  });
}

// The client's limit on the size of packets lets the broker drop what is larger.
bool has_size_limit(const WireView& view, const SessionView& session) {
  return std::any_of(session.connections.begin(), session.connections.end(), [&](std::size_t index) {
    return view.connections[index].maximum_packet_size.has_value();
  });
}

bool owed(const PublicationView& publication, const SessionView& session,
          const SubscriptionView& subscription) {
  return publication.qos > 0 && publication.accepted != kNoEvent && !publication.ambiguous &&
         !publication.withheld && !publication.expires && !is_shared(subscription.filter) &&
         publication.sends.front() > subscription.suback &&
         !(subscription.no_local && publication.client_id == session.client_id) &&
         filter_matches(subscription.filter, publication.message.first);
}

void missing_of(const WireView& view, const PlanFacts& facts, const SessionView& session,
                const SubscriptionView& subscription, std::vector<Missing>& missing) {
  std::set<MessageKey> delivered;
  for (const auto& delivery : session.deliveries) delivered.insert(delivery.message);
  std::size_t last_delivered = 0;
  std::vector<const PublicationView*> absent;
  for (const PublicationView& publication : view.publications) {
    if (!owed(publication, session, subscription) || !had_time_since(view, publication.accepted)) continue;
    if (!may_get(view, facts, session, publication.message.first, {publication.sends.front()})) continue;
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

bool had_time_since(const WireView& view, std::size_t event) {
  return view.ended - std::max(view.time(event), view.calm) >= kBound;
}

bool drops_possible(const WireView& view, const PlanFacts& facts, const SessionView& session) {
  if (facts.queue_max() == 0) return false;
  // How many alarms wait for it is not known.
  if (facts.alarm_raised_at() != 0 && watches_the_broker(session)) return true;
  std::size_t count = view.untraceable.size();
  for (const PublicationView& publication : view.publications)
    for (const std::string& filter : session.requested)
      if (publication.retain || is_shared(filter) || filter_matches(filter, publication.message.first))
        count += publication.sends.size() + (publication.retain ? session.subscriptions.size() : 0);
  return count > facts.queue_max();
}

bool may_get(const WireView& view, const PlanFacts& facts, const SessionView& session,
             std::string_view topic_name, Span span) {
  const AccessRules& access = facts.access();
  return access.none() || access.may_receive(access.who(view, session), topic_name, span) == Right::allowed;
}

const ConnectionView* settled_connection(const WireView& view, const PlanFacts& facts,
                                         const SessionView& session) {
  const ConnectionView* connection = view.final_connection(session);
  if (connection == nullptr || !had_time_since(view, connection->connack)) return nullptr;
  if (session.contested || session.strayed || has_size_limit(view, session) ||
      facts.sends_raw_bytes(connection->client))
    return nullptr;
  return holds_back(session, *connection) ? nullptr : connection;
}

namespace {

std::vector<Missing> missing_where(const WireView& view, const PlanFacts& facts, bool droppable) {
  std::vector<Missing> missing;
  for (const SessionView& session : view.sessions) {
    if (settled_connection(view, facts, session) == nullptr) continue;
    if (drops_possible(view, facts, session) != droppable) continue;
    for (const SubscriptionView& subscription : session.subscriptions)
      if (subscription.granted_qos > 0 && subscription.ended == kNoEvent)
        missing_of(view, facts, session, subscription, missing);
  }
  return missing;
}

}  // namespace

std::vector<Missing> missing_messages(const WireView& view, const PlanFacts& facts) {
  return missing_where(view, facts, false);
}

std::vector<Missing> droppable_messages(const WireView& view, const PlanFacts& facts) {
  return missing_where(view, facts, true);
}

std::vector<Unfinished> unfinished_exchanges(const WireView& view, const PlanFacts& facts) {
  std::vector<Unfinished> unfinished;
  for (const SessionView& session : view.sessions) {
    const ConnectionView* connection = settled_connection(view, facts, session);
    if (connection == nullptr) continue;
    const bool shared = has_shared(session);
    for (const ExchangeView& exchange : session.exchanges) {
      if (!exchange.open()) continue;
      const std::size_t arrived = exchange.arrivals.back();
      if (exchange.acknowledged == kNoEvent) {
        // What expires, or another member of the group may have got, need not come again.
        if (arrived < connection->connack && !exchange.expires && !shared)
          unfinished.push_back(
              {&session, &exchange, Unfinished::Lacks::repetition, view.crashed_between(arrived, kNoEvent)});
      } else if (had_time_since(view, exchange.last_acknowledged)) {
        unfinished.push_back({&session, &exchange, Unfinished::Lacks::pubrel,
                              view.crashed_between(exchange.acknowledged, kNoEvent)});
      }
    }
  }
  return unfinished;
}

}  // namespace mqttvet::sim
