#include "sim/checkers/wire_view.h"

#include <algorithm>

#include "sim/checkers/access_rules.h"
#include "sim/checkers/fold_history.h"
#include "sim/checkers/round_trips.h"

namespace mqttvet::sim {

bool WireView::lasts_to_the_end(const ConnectionView& connection) const {
  return connection.connack != kNoEvent && connection.closed == kNoEvent &&
         connection.superseded == kNoEvent && connection.disconnect == kNoEvent && !connection.malformed &&
         !deserted(connection);
}

const ConnectionView* WireView::final_connection(const SessionView& session) const {
  if (session.ended != kNoEvent || session.connections.empty()) return nullptr;
  const ConnectionView& last = connections[session.connections.back()];
  return lasts_to_the_end(last) ? &last : nullptr;
}

bool WireView::deserted(const ConnectionView& connection) const {
  return deserted_before(connection, kNoEvent);
}

bool WireView::deserted_before(const ConnectionView& connection, std::size_t event) const {
  return crashed_between(connection.opened, event) ||
         std::any_of(broker_vanishings.begin(), broker_vanishings.end(), [&](std::size_t vanishing) {
           return connection.opened < vanishing && vanishing < event;
         });
}

bool WireView::crashed_between(std::size_t from, std::size_t to) const {
  return std::any_of(broker_crashes.begin(), broker_crashes.end(),
                     [&](std::size_t crash) { return from < crash && crash < to; });
}

WireView view(const History& history) {
  WireView folded = fold_history(history);
  note_handled(folded);
  note_withheld(folded);
  return folded;
}

}  // namespace mqttvet::sim
