// POL: a full queue loses what its documented policy gives up, and nothing else: of QoS 0 first; then the
// oldest, the one that has just come, or the oldest of the lowest priority. And it holds no more than its
// limit.
#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/queues.h"

namespace mqttvet::sim {
namespace {

// How many messages with QoS 1 or 2 may have been in the session's full queue when this one was given up.
std::size_t rivals(const Model& model, const SessionView& session, const PublicationView& publication) {
  using core::QueueDropPolicy;
  const PlanFacts& facts = model.facts;
  const int priority = facts.priority_of(publication.message.first);
  const auto& requests = model.requests_of(session);
  const auto copies = [&](const std::string& topic, int qos, std::size_t sent, bool retain) {
    if (facts.drop_policy() == QueueDropPolicy::lowest_priority && facts.priority_of(topic) < priority)
      return std::size_t{0};
    std::size_t wanted = 0;
    for (const Request* request : requests) {
      if (std::min(qos, request->qos) == 0 || !request->matches(topic)) continue;
      wanted += request->possible(sent, kNoEvent) ? 1 : 0;
      wanted += retain ? 1 : 0;
    }
    return wanted;
  };
  // It certainly was no longer there, or not yet.
  const auto absent = [&](const PublicationView& other) {
    if (facts.drop_policy() == QueueDropPolicy::newest) return precedes(model, publication, other);
    const bool competes =
        facts.drop_policy() == QueueDropPolicy::oldest || facts.priority_of(other.message.first) == priority;
    return competes && !other.retain && precedes(model, other, publication);
  };
  std::size_t count = 0;
  for (const PublicationView& other : model.view.publications)
    if (&other != &publication && !absent(other))
      count += other.sends.size() * copies(other.message.first, other.qos, other.sends.front(), other.retain);
  for (const WillView& will : model.wills) count += copies(will.message.first, will.qos, 0, will.retain);
  return count + model.view.lost_track.size();
}

void check_drops(const Model& model, std::vector<Violation>& violations) {
  const std::size_t limit = model.facts.queue_max();
  for (const Missing& missing : droppable_messages(model.view, model.facts)) {
    if (watches_the_broker(*missing.session)) continue;
    const std::size_t others = rivals(model, *missing.session, *missing.publication);
    if (others >= limit) continue;
    violations.push_back(violation(
        model.view, "POL", "", missing.session->client_id,
        fmt::format(
            "{} was acknowledged to \"{}\" and never came to \"{}\". Its queue holds {} messages, but at "
            "most {} others of QoS 1 or 2 can have taken its place",
            name_of(missing.publication->message), missing.publication->client_id, missing.session->client_id,
            limit, others),
        {missing.subscription->suback, missing.publication->sends.front(), missing.publication->accepted}));
  }
}

// What a connection gets without DUP, and the broker had before the CONNECT, was in the queue then.
void check_limit(const Model& model, const SessionView& session, const ConnectionView& connection,
                 std::vector<Violation>& violations) {
  std::size_t count = 0;
  std::size_t last = kNoEvent;
  for (const auto& delivery : session.deliveries) {
    if (delivery.retain || delivery.dup || model.view.event(delivery.event).connection != connection.number)
      continue;
    if (model.untold(delivery.message) || model.is_will(delivery.message)) continue;
    const auto publications = model.publications(delivery.message, delivery.event);
    if (publications.size() != 1 || publications.front()->handled > connection.connect) continue;
    if (publications.front()->sends.size() > 1) continue;
    ++count;
    last = delivery.event;
  }
  if (count <= model.facts.queue_max()) return;
  violations.push_back(
      violation(model.view, "POL", "", session.client_id,
                fmt::format("when \"{}\" connected its queue held {} messages at least; the limit is {}",
                            session.client_id, count, model.facts.queue_max()),
                {connection.connect, last}));
}

}  // namespace

void check_policy(const Model& model, std::vector<Violation>& violations) {
  check_queue_order(model, violations);
  check_alarms(model, violations);
  if (model.facts.queue_max() == 0) return;
  check_drops(model, violations);
  for (const SessionView& session : model.view.sessions) {
    if (session.contested || has_shared(session)) continue;
    for (const std::size_t index : session.connections)
      check_limit(model, session, model.view.connections[index], violations);
  }
}

}  // namespace mqttvet::sim
