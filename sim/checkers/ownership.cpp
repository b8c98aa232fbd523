// OWN: one live connection per client identifier; the older one is closed (section 3.1.4).
#include <fmt/format.h>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

void blame(const WireView& view, const ConnectionView& older, const ConnectionView& newer, const char* what,
           std::vector<std::size_t> events, std::vector<Violation>& violations) {
  violations.push_back(violation(
      view, "OWN", statement(older.version, "3.1.4-2", "3.1.4-3"), older.client,
      fmt::format("connection {} took \"{}\" over from connection {} at {}, but the older one {}",
                  newer.number, older.client_id, older.number, seconds_text(view.time(newer.connack)), what),
      std::move(events)));
}

// Whether the broker still serves `older`, which was let in before `newer` asked.
void check_pair(const Model& model, const ConnectionView& older, const ConnectionView& newer,
                std::vector<Violation>& violations) {
  const auto trips = model.round_trips.find(older.number);
  if (trips != model.round_trips.end()) {
    for (const RoundTrip& trip : trips->second) {
      if (trip.sent < newer.connack) continue;
      return blame(model.view, older, newer, "still got an answer to what it sent after that",
                   {older.connack, newer.connack, trip.sent, trip.answered}, violations);
    }
  }
  const bool open = older.closed == kNoEvent && !model.view.deserted(older) && !older.malformed;
  if (open && had_time_since(model.view, newer.connack))
    blame(model.view, older, newer, "was never closed", {older.connack, newer.connack}, violations);
}

}  // namespace

void check_ownership(const Model& model, std::vector<Violation>& violations) {
  const auto& connections = model.view.connections;
  for (const ConnectionView& newer : connections) {
    if (newer.connack == kNoEvent) continue;
    for (const ConnectionView& older : connections) {
      if (older.client_id != newer.client_id || older.number == newer.number) continue;
      if (older.connack == kNoEvent || older.connack > newer.connect || older.closed < newer.connack)
        continue;
      check_pair(model, older, newer, violations);
    }
  }
}

}  // namespace mqttvet::sim
