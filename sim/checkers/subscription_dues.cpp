#include "sim/checkers/subscription_dues.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/checkers/blame.h"

namespace mqttvet::sim {
namespace {

using Delivery = SessionView::Delivery;

// The deliveries of a session by message, without those that a SUBSCRIBE brought about.
using ByMessage = std::map<MessageKey, std::vector<const Delivery*>>;

ByMessage by_message(const SessionView& session) {
  ByMessage found;
  for (const Delivery& delivery : session.deliveries) found[delivery.message].push_back(&delivery);
  return found;
}

// --- Overlapping subscriptions -----------------------------------------------------------------------------

// The requests that were certainly in force while the broker dealt with the message.
std::vector<const Request*> certain_requests(const Model& model, const SessionView& session,
                                             const PublicationView& publication) {
  std::vector<const Request*> found;
  const std::size_t until = publication.handled == kNoEvent ? kNoEvent - 1 : publication.handled;
  for (const Request* request : model.requests_of(session)) {
    if (request->is_shared() || !model.is_of(*request, session)) continue;
    if (!request->certain(publication.sends.front(), until)) continue;
    if (request->no_local && publication.client_id == session.client_id) continue;
    if (request->matches(publication.message.first)) found.push_back(request);
  }
  return found;
}

void check_best(const Model& model, const SessionView& session, const ByMessage& deliveries,
                std::vector<Violation>& violations) {
  const WireView& view = model.view;
  for (const auto& [message, copies] : deliveries) {
    const auto publications = model.publications(message, kNoEvent);
    if (publications.size() != 1 || model.untold(message) || model.is_will(message)) continue;
    const PublicationView& publication = *publications.front();
    if (publication.expires || publication.sends.size() > 1 || publication.handled == kNoEvent) continue;
    if (publication.sends.front() < session.begun) continue;
    const auto certain = certain_requests(model, session, publication);
    if (certain.empty()) continue;
    int best = 0;
    std::set<std::uint32_t> identifiers;
    for (const Request* request : certain) {
      best = std::max(best, std::min(publication.qos, request->qos));
      // A copy with QoS 0 may be lost with its identifier.
      if (request->identifier && std::min(publication.qos, request->qos) > 0)
        identifiers.insert(*request->identifier);
    }
    int seen = 0;
    bool all_v5 = true;
    for (const Delivery* copy : copies) {
      seen = std::max(seen, copy->qos);
      const auto& packet = std::get<wire::Publish>(view.event(copy->event).packet);
      for (const std::uint32_t each : wire::subscription_identifiers(packet.properties))
        identifiers.erase(each);
      all_v5 = all_v5 && model.connection_of(copy->event).version == wire::Version::v5_0;
    }
    const std::size_t event = copies.back()->event;
    if (seen < best)
      violations.push_back(violation(
          view, "SUB", statement(version_of(view, session), "3.3.5-1", "3.3.4-2"), session.client_id,
          fmt::format("{} came to \"{}\" with QoS {}; its subscriptions ask for {} ({})", name_of(message),
                      session.client_id, seen, best, text_of(view, *certain.front())),
          {publication.sends.front(), event}));
    if (all_v5 && !identifiers.empty())
      violations.push_back(violation(
          view, "SUB", "MQTT5-3.3.4-4", session.client_id,
          fmt::format("{} came to \"{}\" without the Subscription Identifier {} of a matching subscription",
                      name_of(message), session.client_id, *identifiers.begin()),
          {publication.sends.front(), event}));
  }
}

// --- QoS 0
// ----------------------------------------------------------------------------------------------------

// A round trip of the subscriber, begun when nothing kept its window shut: whatever the broker had accepted
// before that came before the answer.
struct Proof {
  const ConnectionView* connection;
  RoundTrip trip;
};

// In the order of time.
std::vector<Proof> proofs(const Model& model, const SessionView& session) {
  std::vector<Proof> found;
  for (const std::size_t index : session.connections) {
    const ConnectionView& connection = model.view.connections[index];
    if (connection.malformed || connection.maximum_packet_size) continue;
    const auto trips = model.round_trips.find(connection.number);
    if (trips == model.round_trips.end()) continue;
    for (const RoundTrip& trip : trips->second)
      if (trip.answered < connection.superseded && trip.idle) found.push_back({&connection, trip});
  }
  return found;
}

// Only such messages are looked for as all certain subscriptions make QoS 0, and those that expire: the
// others are ALO's.
bool is_ours(const PublicationView& publication, const std::vector<const Request*>& requests) {
  if (requests.empty() || publication.expiry) return !requests.empty();
  return std::all_of(requests.begin(), requests.end(),
                     [&](const Request* request) { return std::min(publication.qos, request->qos) == 0; });
}

bool came_before(const std::vector<const Delivery*>& copies, std::size_t event) {
  return std::any_of(copies.begin(), copies.end(), [&](const Delivery* copy) { return copy->event < event; });
}

void check_at_most_once(const Model& model, const SessionView& session, const ByMessage& deliveries,
                        std::vector<Violation>& violations) {
  const WireView& view = model.view;
  if (drops_possible(view, model.facts, session) || session.strayed) return;
  const std::vector<Proof> all = proofs(model, session);
  if (all.empty()) return;
  for (const PublicationView& publication : view.publications) {
    if (publication.handled == kNoEvent || publication.refused != kNoEvent || publication.ambiguous) continue;
    if (publication.sends.size() > 1 || publication.withheld || model.untold(publication.message)) continue;
    if (!may_get(view, model.facts, session, publication.message.first, {publication.sends.front()}))
      continue;
    const auto proof = std::find_if(all.begin(), all.end(), [&](const Proof& each) {
      return each.trip.sent > publication.handled && each.connection->connack < publication.sends.front();
    });
    if (proof == all.end()) continue;
    const auto copies = deliveries.find(publication.message);
    if (copies != deliveries.end() && came_before(copies->second, proof->trip.answered)) continue;
    const Duration life =
        std::chrono::seconds(publication.expiry.value_or(0)) * 99 / 100 - std::chrono::seconds(1);
    const Time answered = view.time(proof->trip.answered);
    if (publication.expiry && view.time(publication.sends.front()) + life <= answered) continue;
    if (publication.expiry && model.facts.wall_clock_lies()) continue;
    const auto certain = certain_requests(model, session, publication);
    if (!is_ours(publication, certain)) continue;
    const bool expires = publication.expiry.has_value();
    violations.push_back(violation(
        view, expires ? "EXP" : "SUB", expires ? "MQTT5-3.3.2-5" : "", session.client_id,
        fmt::format("{} matches {}, which had nothing to acknowledge, but it had not come when the answer to "
                    "a later request came",
                    name_of(publication.message), text_of(view, *certain.front())),
        {certain.front()->granted, publication.sends.front(), publication.handled, proof->trip.sent,
         proof->trip.answered}));
  }
}

}  // namespace

void check_copies(const Model& model, const SessionView& session, std::vector<Violation>& violations) {
  if (!session.certain || has_shared(session)) return;
  std::map<MessageKey, std::size_t> copies;
  std::set<std::size_t> repeated;  // PID's, if they lack DUP
  for (const ExchangeView& exchange : session.exchanges)
    repeated.insert(exchange.arrivals.begin() + 1, exchange.arrivals.end());
  for (const Delivery& delivery : session.deliveries) {
    if (delivery.qos == 2 || delivery.retain || delivery.dup || model.untold(delivery.message)) continue;
    if (model.is_will(delivery.message) || repeated.contains(delivery.event)) continue;
    std::size_t allowed = 0;
    for (const PublicationView* publication : model.publications(delivery.message, delivery.event))
      allowed += publication->sends.size();
    allowed *= std::max<std::size_t>(matching_filters(session, delivery.message.first), 1);
    if (++copies[delivery.message] != allowed + 1) continue;
    violations.push_back(
        violation(model.view, "SUB", statement(version_of(model.view, session), "3.3.5-1", "3.3.4-2"),
                  session.client_id,
                  fmt::format("{} came to \"{}\" {} times, without DUP; its publications and subscriptions "
                              "give {} at most",
                              name_of(delivery.message), session.client_id, allowed + 1, allowed),
                  {delivery.event}));
  }
}

void check_subscription_dues(const Model& model, std::vector<Violation>& violations) {
  for (const SessionView& session : model.view.sessions) {
    if (session.contested) continue;
    const ByMessage deliveries = by_message(session);
    check_at_most_once(model, session, deliveries, violations);
    if (settled_connection(model.view, model.facts, session) == nullptr) continue;
    if (!drops_possible(model.view, model.facts, session)) check_best(model, session, deliveries, violations);
  }
}

}  // namespace mqttvet::sim
