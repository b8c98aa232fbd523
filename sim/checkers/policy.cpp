// POL: a full queue loses what its documented policy gives up, and nothing else: the oldest message of QoS 0,
// or else the oldest; nothing of QoS 1 or 2 for a message of QoS 0. And it holds no more than its limit.
#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/topic_filter.h"

namespace mqttvet::sim {
namespace {

// The broker certainly had `one` before `other`.
bool precedes(const Model& model, const PublicationView& one, const PublicationView& other) {
  if (one.handled != kNoEvent && one.handled < other.sends.front()) return true;
  const auto connection = [&](const PublicationView& each) {
    return model.view.event(each.sends.front()).connection;
  };
  return one.sends.size() == 1 && other.sends.size() == 1 && connection(one) == connection(other) &&
         one.sends.front() < other.sends.front();
}

// How many messages with QoS 1 or 2 may have come into the session's queue after this one.
std::size_t successors(const Model& model, const SessionView& session, const PublicationView& publication) {
  std::size_t count = 0;
  const auto& requests = model.requests_of(session);
  const auto copies = [&](const std::string& topic, int qos, std::size_t sent, bool retain) {
    std::size_t wanted = 0;
    for (const Request* request : requests) {
      if (std::min(qos, request->qos) == 0 || !request->matches(topic)) continue;
      wanted += request->possible(sent, kNoEvent) ? 1 : 0;
      wanted += retain ? 1 : 0;
    }
    return wanted;
  };
  for (const PublicationView& other : model.view.publications) {
    if (&other == &publication) continue;
    if (precedes(model, other, publication) && !other.retain) continue;
    count += other.sends.size() * copies(other.message.first, other.qos, other.sends.front(), other.retain);
  }
  for (const WillView& will : model.wills) count += copies(will.message.first, will.qos, 0, will.retain);
  return count + model.view.lost_track.size();
}

void check_drops(const Model& model, std::vector<Violation>& violations) {
  const std::size_t limit = model.facts.queue_max();
  for (const Missing& missing : droppable_messages(model.view, model.facts)) {
    const std::size_t others = successors(model, *missing.session, *missing.publication);
    if (others >= limit) continue;
    violations.push_back(violation(
        model.view, "POL", "", missing.session->client_id,
        fmt::format(
            "{} was acknowledged to \"{}\" and never came to \"{}\". Its queue holds {} messages, but at "
            "most {} of QoS 1 or 2 came after it",
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
  if (model.facts.queue_max() == 0 || !model.facts.has_plain_queue()) return;
  check_drops(model, violations);
  for (const SessionView& session : model.view.sessions) {
    if (session.contested || has_shared(session)) continue;
    for (const std::size_t index : session.connections)
      check_limit(model, session, model.view.connections[index], violations);
  }
}

}  // namespace mqttvet::sim
