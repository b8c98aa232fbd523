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

// A 5.0 client is told why, if nothing hinders it. One that speaks of its own accord meanwhile, or that is
// told something else, is another matter.
bool was_told(const Model& model, const ConnectionView& older, const ConnectionView& newer) {
  const WireView& view = model.view;
  if (older.version != wire::Version::v5_0 || older.closed == kNoEvent || older.malformed) return true;
  if (older.disconnect != kNoEvent || older.maximum_packet_size) return true;
  if (model.facts.sends_raw_bytes(older.client) || view.event(older.closed).text != "server closed")
    return true;
  if (!model.disturbances.quiet(older.client, view.time(older.opened), view.time(older.closed))) return true;
  // Somebody else may have had the identifier between them.
  for (const ConnectionView& other : view.connections) {
    const bool third = other.number != older.number && other.number != newer.number;
    if (third && other.client_id == older.client_id && other.connect > older.connect &&
        other.connect < newer.connack)
      return true;
  }
  for (std::size_t i = newer.connect; i < older.closed; ++i) {
    const HistoryEvent& event = view.event(i);
    if (event.connection == older.number && event.kind == HistoryEvent::Kind::received &&
        std::holds_alternative<wire::Disconnect>(event.packet))
      return true;
  }
  return false;
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
  if (!was_told(model, older, newer))
    return blame(model.view, older, newer, "was closed without DISCONNECT 0x8E",
                 {older.connack, newer.connack, older.closed}, violations);
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
