// POL, the order of a queue: higher priorities first, equal ones in the order of their arrival.
#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/blame.h"
#include "sim/checkers/queues.h"

namespace mqttvet::sim {
namespace {

// A message that certainly was in the session's queue when the client connected, in the order of its sending.
struct Waited {
  std::size_t event;
  const PublicationView* publication;
  int priority;
};

// Without DUP it was not sent before; and the broker had it before the CONNECT.
std::vector<Waited> waited(const Model& model, const SessionView& session, const ConnectionView& connection) {
  std::vector<Waited> messages;
  for (const auto& delivery : session.deliveries) {
    const HistoryEvent& event = model.view.event(delivery.event);
    if (event.connection != connection.number || delivery.dup || delivery.retain) continue;
    if (model.untold(delivery.message) || model.is_will(delivery.message)) continue;
    const auto publications = model.publications(delivery.message, delivery.event);
    if (publications.size() != 1) continue;
    const PublicationView& publication = *publications.front();
    if (publication.sends.size() > 1 || publication.retain || publication.ambiguous) continue;
    if (publication.handled == kNoEvent || publication.handled > connection.connect) continue;
    messages.push_back({delivery.event, &publication, model.facts.priority_of(delivery.message.first)});
  }
  return messages;
}

bool overtakes(const Model& model, const Waited& earlier, const Waited& later) {
  if (earlier.priority != later.priority) return earlier.priority < later.priority;
  return precedes(model, *later.publication, *earlier.publication);
}

void judge(const Model& model, const SessionView& session, const ConnectionView& connection,
           std::vector<Violation>& violations) {
  const std::vector<Waited> messages = waited(model, session, connection);
  for (auto later = messages.begin(); later != messages.end(); ++later) {
    const auto earlier = std::find_if(messages.begin(), later,
                                      [&](const Waited& each) { return overtakes(model, each, *later); });
    if (earlier == later) continue;
    violations.push_back(violation(
        model.view, "POL", "", session.client_id,
        fmt::format(
            "{} (priority {}) and {} (priority {}) waited for \"{}\" when it connected; the first was "
            "sent first, though the second goes before it",
            name_of(earlier->publication->message), earlier->priority, name_of(later->publication->message),
            later->priority, session.client_id),
        {earlier->publication->sends.front(), later->publication->sends.front(), connection.connect,
         earlier->event, later->event}));
    return;
  }
}

}  // namespace

bool precedes(const Model& model, const PublicationView& one, const PublicationView& other) {
  if (one.handled != kNoEvent && one.handled < other.sends.front()) return true;
  const auto connection = [&](const PublicationView& each) {
    return model.view.event(each.sends.front()).connection;
  };
  return one.sends.size() == 1 && other.sends.size() == 1 && connection(one) == connection(other) &&
         one.sends.front() < other.sends.front();
}

void check_queue_order(const Model& model, std::vector<Violation>& violations) {
  for (const SessionView& session : model.view.sessions) {
    if (session.contested || has_shared(session)) continue;
    for (const std::size_t index : session.connections)
      judge(model, session, model.view.connections[index], violations);
  }
}

}  // namespace mqttvet::sim
