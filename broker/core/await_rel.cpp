// Exchanges of QoS 2 that a connected client leaves half done: it owes us a PUBREL, or a PUBCOMP.
//
// To forget them would lose messages or repeat them (section 4.3.3). A client that doesn't go on for
// await_rel_timeout is disconnected instead: when it comes back, both sides go on where they were. Time
// counts while it is connected.
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

std::uint16_t Broker::State::receive_maximum() const {
  if (config_.max_awaiting_rel == 0) return config_.receive_maximum;
  return std::min(config_.receive_maximum, config_.max_awaiting_rel);
}

// An exchange is half done now, or was when the client came: one timer for all of them.
void Broker::State::await_rel(Connection& connection) {
  if (config_.await_rel_timeout.count() == 0 || connection.await_rel_timer.at) return;
  if (MUTANT(AWR1_never_disconnects)) return;
  Monotonic since = now_.monotonic;
  if (MUTANT(E_C06_rel_timer_runs_offline)) since = oldest_half_done(connection).value_or(since);
  timers_.arm(connection.await_rel_timer, std::max(since + config_.await_rel_timeout, now_.monotonic));
}

void Broker::State::end_await_rel(Connection& connection) {
  const auto since = oldest_half_done(connection);
  if (!since) return;
  const Monotonic end = *since + config_.await_rel_timeout;
  if (end > now_.monotonic) return timers_.arm(connection.await_rel_timer, end);
  fail(connection, codec::ReasonCode::quota_exceeded,
       "owes a PUBREL or PUBCOMP for longer than await_rel_timeout");
}

std::optional<Monotonic> Broker::State::oldest_half_done(const Connection& connection) const {
  if (config_.await_rel_timeout.count() == 0) return std::nullopt;
  Session& session = *connection.session;
  std::optional<Monotonic> oldest;
  const auto see = [&](Monotonic since) {
    if (!MUTANT(E_C06_rel_timer_runs_offline)) since = std::max(since, connection.connected_at);
    oldest = std::min(oldest.value_or(since), since);
  };
  for (const auto& [packet_id, incoming] : session.incoming) see(incoming.received_at);
  for (const OutgoingMessage& message : session.outgoing.released()) see(message.released_at);
  return oldest;
}

}  // namespace mqttvet::core
