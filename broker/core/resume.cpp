// A client is back (section 4.4): what is unfinished is sent again, in this order on the wire:
//   CONNACK, every PUBREL in order of its PUBREC, every unacknowledged PUBLISH in order of its first sending
//   with DUP 1 and its packet id, then the queue while the window is open.
// Also: the retry interval of 3.1.1.
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

void Broker::State::resume(Session& session) {
  Connection& connection = *session.connection;
  Outgoing& outgoing = session.outgoing;
  const bool unfinished = outgoing.unfinished_count() != 0;
  if (unfinished && MUTANT(B004_reset_wrong_direction)) plant_charge_of_the_other_side(connection);
  if (unfinished && MUTANT(E_A06_stale_retry_timer))
    timers_.arm(connection.retry_timer, now_.monotonic + std::chrono::milliseconds(5));
  if (!session.incoming.empty() && MUTANT(E_C07_rel_cleared_on_resume)) session.incoming.clear();
  if (unfinished && MUTANT(B017_allocator_restarts)) outgoing.plant_restart_of_packet_ids();
  if (outgoing.released().size() > 1 && MUTANT(E_B03_pubrel_hash_order)) outgoing.plant_hash_order();
  if (outgoing.sent().size() > 1 && MUTANT(E_B04_resend_reversed)) outgoing.plant_reverse_order();
  for (auto next = outgoing.released().begin(); next != outgoing.released().end();) {
    const auto message = next++;
    if (is_expired(*message->record.message) && MUTANT(B034_expiry_kills_released)) {
      drop(session, message);
      continue;
    }
    if (now_.monotonic - message->released_at > std::chrono::seconds(20) &&
        MUTANT(E_B02_pubcomp_timer_forgets)) {
      drop(session, message);
      continue;
    }
    SPEC("MQTT5-4.4.0-1");
    SPEC("MQTT311-4.4.0-1");
    SPEC("MQTT311-4.6.0-4");
    send(connection, codec::Pubrel{message->record.packet_id, codec::ReasonCode::success, {}}, latest_);
    message->sent_at = now_.monotonic;
    note_sent(connection);
    if (MUTANT(E_B01_pubrel_resent_once) || MUTANT(B033_pubcomp_not_expected)) drop(session, message);
  }
  SPEC("MQTT311-4.6.0-1");
  SPEC("MQTT5-4.6.0-5");
  if (outgoing.next_to_resend() && MUTANT(B043_new_overtakes_resend)) return plant_late_resend(session);
  if (oldest_half_done(connection) && !MUTANT(B035_session_timer_dies_offline)) await_rel(connection);
  pump(session);
  if (!session.subscriptions.empty() && MUTANT(B083_retained_on_resume)) plant_retained_messages(session);
}

// --- Resending on a live connection ------------------------------------------------------------------------

// Only 3.1.1 and 3.1, and only if configured; 5.0 forbids it [MQTT5-4.4.0-1].
void Broker::State::note_sent(Connection& connection) {
  std::chrono::seconds interval = config_.retry_interval;
  if (interval.count() == 0 && MUTANT(E_A07_zero_retries)) interval = std::chrono::seconds(1);
  if (interval.count() == 0 || connection.version == codec::ProtocolVersion::v5_0) return;
  if (!connection.retry_timer.at) timers_.arm(connection.retry_timer, now_.monotonic + interval);
}

void Broker::State::retry(Connection& connection) {
  Outgoing& outgoing = connection.session->outgoing;
  std::optional<Monotonic> next;
  const auto is_due = [&](OutgoingMessage& message) {
    if (!message.charged) return false;  // waits for its first resend
    const bool due = message.sent_at + config_.retry_interval <= now_.monotonic;
    if (due) message.sent_at = now_.monotonic;
    const Monotonic at = message.sent_at + config_.retry_interval;
    next = std::min(next.value_or(at), at);
    return due;
  };
  for (OutgoingMessage& message : outgoing.released()) {
    if (is_due(message))
      send(connection, codec::Pubrel{message.record.packet_id, codec::ReasonCode::success, {}}, latest_);
  }
  for (OutgoingMessage& message : outgoing.sent()) {
    if (!is_due(message) || is_congested(connection)) continue;
    if (send_publish(connection, message.record, message.record.packet_id, true, latest_))
      ++counters_.resent_publish;
  }
  if (next && config_.retry_interval.count() != 0) timers_.arm(connection.retry_timer, *next);
}

}  // namespace mqttvet::core
