// EXO: a message published and delivered with QoS 2 reaches the application once.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

// How many copies the session may get: one per publication and matching subscription [MQTT5-3.3.4-2 permits
// them].
std::size_t permitted(const WireView& view, const SessionView& session, const MessageKey& message) {
  const auto publications = view.publications_of.find(message);
  if (publications == view.publications_of.end() || view.untraceable.contains(message)) return SIZE_MAX;
  for (std::size_t index : publications->second)
    if (view.publications[index].qos != 2 || view.publications[index].ambiguous) return SIZE_MAX;
  const std::size_t filters = matching_filters(session, message.first);
  return publications->second.size() * std::max<std::size_t>(filters, 1);
}

}  // namespace

void check_exactly_once(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  for (const SessionView& session : view.sessions) {
    if (session.contested) continue;
    if (!session.certain) continue;  // subscriptions unknown here may match too
    std::map<MessageKey, std::vector<std::size_t>> arrivals;
    for (const auto& delivery : session.deliveries)
      if (delivery.qos == 2 && !delivery.retain) arrivals[delivery.message].push_back(delivery.event);
    for (const auto& [message, events] : arrivals) {
      if (events.size() < 2 || events.size() <= permitted(view, session, message)) continue;
      violations.push_back(violation(
          view, "EXO", statement(version_of(view, session), "4.3.3-2", "4.3.3-10"), session.client_id,
          fmt::format("{} was published with QoS 2 and delivered {} times to session \"{}\"",
                      name_of(message), events.size(), session.client_id),
          events));
    }
  }
}

}  // namespace mqttvet::sim
