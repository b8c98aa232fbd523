// SES: Session Present, and the life of a session.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/session_ends.h"

namespace mqttvet::sim {
namespace {

// When the broker knew at the latest that `last` was gone; after a crash it counts from its restart.
std::optional<Time> gone_at_latest(const WireView& view, const PlanFacts& facts, const ConnectionView& last,
                                   std::size_t now) {
  if (last.closed == kNoEvent || last.closed > now) return std::nullopt;
  const auto delay = facts.notice_delay(last, view.event(last.closed).text);
  if (!delay) return std::nullopt;
  Time gone = view.time(last.closed);
  for (std::size_t i = 0; i < now; ++i)
    if (view.event(i).kind == HistoryEvent::Kind::broker_started) gone = std::max(gone, view.event(i).at);
  return gone + *delay;
}

// Connections of one client identifier whose CONNECT may have reached the broker before `connection` was
// answered.
std::vector<const ConnectionView*> before(const WireView& view, const ConnectionView& connection) {
  std::vector<const ConnectionView*> earlier;
  for (const ConnectionView& other : view.connections)
    if (&other != &connection && other.client_id == connection.client_id && other.refused == kNoEvent &&
        other.connect < connection.connack)
      earlier.push_back(&other);
  return earlier;
}

// Why there can be no session at the time of `connection`'s CONNECT; empty: there may be one.
std::string impossible(const WireView& view, const PlanFacts& facts, const ConnectionView& connection) {
  if (connection.clean_start) return "the CONNECT asked for a clean start";
  const auto earlier = before(view, connection);
  if (earlier.empty()) return "no session was ever made for this client identifier";
  const ConnectionView* last = nullptr;
  for (const ConnectionView* other : earlier)
    if (other->connack < connection.connect && (last == nullptr || other->connack > last->connack))
      last = other;
  // What was answered after the last one was asked, or never, the broker may have handled last of all.
  for (const ConnectionView* other : earlier)
    if (other != last && other->longest_expiry() != 0 && (last == nullptr || other->connack > last->connect))
      return {};
  if (last == nullptr) return "no session was ever made that could outlive its connection";
  const std::uint32_t expiry = life(*last, last->longest_expiry(), facts);
  if (expiry == 0) return "the last session ended with its connection";
  if (expiry == kNever || facts.wall_clock_lies()) return {};
  const auto gone = gone_at_latest(view, facts, *last, connection.connect);
  const Time asked = view.time(connection.connect);
  if (!gone || asked - *gone <= std::chrono::seconds(expiry) * 101 / 100) return {};
  return fmt::format("the client was away since {} at the latest and the session expired after {} s",
                     seconds_text(*gone), expiry);
}

}  // namespace

void check_sessions(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  const PlanFacts& facts = model.facts;
  for (const ConnectionView& connection : view.connections) {
    if (connection.connack != kNoEvent && connection.session_present) {
      const std::string why = impossible(view, facts, connection);
      if (!why.empty())
        violations.push_back(
            violation(view, "SES",
                      connection.clean_start ? statement(connection.version, "3.2.2-1", "3.2.2-2")
                                             : statement(connection.version, "3.2.2-3", "3.2.2-3"),
                      connection.client,
                      fmt::format("Session Present is 1 for \"{}\", but {}", connection.client_id, why),
                      {connection.connect, connection.connack}));
    }
  }
  for (const LostSession& lost : lost_sessions(view, facts)) {
    if (lost.crashed) continue;
    violations.push_back(violation(
        view, "SES", statement(lost.connection->version, "3.2.2-2", "3.2.2-3"), lost.connection->client,
        fmt::format("Session Present is 0 for \"{}\", but its session had not ended",
                    lost.connection->client_id),
        {lost.session->begun, lost.connection->connect, lost.connection->connack}));
  }
}

}  // namespace mqttvet::sim
