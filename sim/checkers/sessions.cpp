// SES: Session Present, and the life of a session.
#include <fmt/format.h>

#include <map>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/session_ends.h"

namespace mqttvet::sim {
namespace {

// Follows the CONNECTs of one client identifier and tells what the broker may still hold of it.
class Reachable {
 public:
  // Why there can be no session at the time of `connection`'s CONNECT; empty: there may be one.
  std::string impossible(const WireView& view, const PlanFacts& facts,
                         const ConnectionView& connection) const {
    if (connection.clean_start) return "the CONNECT asked for a clean start";
    if (!any_) return "no session was ever made for this client identifier";
    if (uncertain_) return {};
    const std::uint32_t expiry = life(*last_, last_->longest_expiry(), facts);
    if (expiry == 0) return "the last session ended with its connection";
    if (expiry == kNever || facts.wall_clock_lies()) return {};
    const auto gone = gone_at_latest(view, facts, connection);
    const Time asked = view.time(connection.connect);
    if (!gone || asked - *gone <= std::chrono::seconds(expiry) * 101 / 100) return {};
    return fmt::format("the client was away since {} at the latest and the session expired after {} s",
                       seconds_text(*gone), expiry);
  }

  void add(const ConnectionView& connection) {
    if (connection.connack != kNoEvent) {
      last_ = &connection;
      uncertain_ = false;
      any_ = true;
    } else if (connection.refused == kNoEvent && connection.longest_expiry() != 0) {
      uncertain_ = true;  // it may have made a session before its CONNACK was lost
      any_ = true;
    }
  }

 private:
  // When the broker knew at the latest that the last connection was gone; after a crash it counts from its
  // restart.
  std::optional<Time> gone_at_latest(const WireView& view, const PlanFacts& facts,
                                     const ConnectionView& connection) const {
    if (last_->closed == kNoEvent || last_->closed > connection.connect) return std::nullopt;
    const auto delay = facts.notice_delay(*last_, view.event(last_->closed).text);
    if (!delay) return std::nullopt;
    Time gone = view.time(last_->closed);
    for (std::size_t i = 0; i < connection.connect; ++i)
      if (view.event(i).kind == HistoryEvent::Kind::broker_started) gone = std::max(gone, view.event(i).at);
    return gone + *delay;
  }

  const ConnectionView* last_ = nullptr;
  bool uncertain_ = false;
  bool any_ = false;
};

}  // namespace

void check_sessions(const WireView& view, std::vector<Violation>& violations) {
  const PlanFacts facts(view);
  std::map<std::string, Reachable> known;
  for (const ConnectionView& connection : view.connections) {
    Reachable& reachable = known[connection.client_id];
    if (connection.connack != kNoEvent && connection.session_present) {
      const std::string why = reachable.impossible(view, facts, connection);
      if (!why.empty())
        violations.push_back(
            violation(view, "SES",
                      connection.clean_start ? statement(connection.version, "3.2.2-1", "3.2.2-2")
                                             : statement(connection.version, "3.2.2-3", "3.2.2-3"),
                      connection.client,
                      fmt::format("Session Present is 1 for \"{}\", but {}", connection.client_id, why),
                      {connection.connect, connection.connack}));
    }
    reachable.add(connection);
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
