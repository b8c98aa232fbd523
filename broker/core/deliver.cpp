// From a delivery to the wire: at once, or through the session's queue and window
// (sections 4.3, 4.5, 4.6, 4.9).
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

void Broker::State::deliver(const MessagePtr& message, Delivery& delivery) {
  Session& session = *delivery.session;
  if (!may_receive(session, *message)) return;
  if (planted_.in_handover.contains(session.client_id) && MUTANT(B048_takeover_window_loss)) return;
  OutgoingRecord record;
  SPEC("MQTT5-3.8.4-8");
  SPEC("MQTT311-3.8.4-6");
  record.qos = std::min(message->qos, delivery.maximum_qos);
  record.retain = delivery.retain;
  record.subscription_identifiers = std::move(delivery.subscription_identifiers);
  record.shared_filter = std::move(delivery.shared_filter);
  record.message = message;
  if (record.qos == QoS::at_most_once) return deliver_at_most_once(session, std::move(record));

  SPEC("MQTT5-4.5.0-1");
  SPEC("MQTT311-4.5.0-1");
  Outgoing& outgoing = session.outgoing;
  const bool at_once = session.connection != nullptr && !outgoing.has_queued() && outgoing.window_open() &&
                       !is_congested(*session.connection);
  if (at_once && outgoing.unfinished_count() == 0 && message->publisher != session.client_id &&
      MUTANT(B014_enqueue_doesnt_wake)) {
    persist_put(session, *outgoing.add(std::move(record), 0));
    return;
  }
  if (at_once) return send_first(session, outgoing.add(std::move(record), 0), false);
  enqueue(session, std::move(record));
}

// QoS 0 goes out at once, unless older messages of QoS 0 wait in the queue: then behind them.
void Broker::State::deliver_at_most_once(Session& session, OutgoingRecord record) {
  if (is_expired(*record.message)) {
    ++counters_.dropped_expired;
    return;
  }
  if (session.connection == nullptr) {
    if (!config_.queue_qos0) {
      ++counters_.dropped_qos0_offline;
    } else {
      enqueue(session, std::move(record));
    }
    return;
  }
  if (is_congested(*session.connection)) {
    ++counters_.dropped_qos0_congested;
    return;
  }
  if (session.outgoing.has_queued_qos0() && !MUTANT(B041_qos0_overtakes_queue)) {
    return enqueue(session, std::move(record));
  }
  if (send_publish(*session.connection, record, 0, false, {})) ++counters_.delivered_publish;
  if (record.message->qos == QoS::at_most_once && MUTANT(B007_qos0_charged))
    session.outgoing.skew_send_quota(-1);
}

// --- Queue -------------------------------------------------------------------------------------------------

void Broker::State::enqueue(Session& session, OutgoingRecord record) {
  const std::uint8_t priority = priority_of(record.message->topic_name);
  if (!make_room(session, record.qos, priority)) return;
  persist_put(session, *session.outgoing.add(std::move(record), priority));
  pump(session);
  watch_queue(session);
}

// When the queue is full, the policy says who goes; false: the message that has come.
bool Broker::State::make_room(Session& session, QoS qos, std::uint8_t priority) {
  Outgoing& outgoing = session.outgoing;
  if (qos == QoS::at_most_once && MUTANT(B045_qos0_ignores_limit)) return true;
  if (config_.queue_messages_max == 0 && MUTANT(B011_zero_means_none)) return false;
  if (config_.queue_type == QueueType::priority && MUTANT(E_I04_priority_unbounded)) return true;
  if (config_.queue_messages_max == 0 || outgoing.queued_count() < config_.queue_messages_max) {
    session.queue_full_logged = false;
    return true;
  }
  if (!session.queue_full_logged)
    log(Log::Level::warning, Log::Area::message, "queue full: " + session.client_id);
  session.queue_full_logged = true;
  ++counters_.dropped_queue_full;
  if (MUTANT(B044_overflow_returns_old)) return false;
  if (qos == QoS::at_most_once && !outgoing.has_queued_qos0() && MUTANT(E_I01_qos0_evicts_qos1))
    qos = QoS::at_least_once;
  auto policy = config_.queue_drop_policy;
  if (policy != QueueDropPolicy::oldest && MUTANT(PRI2_drop_policy_ignored)) policy = QueueDropPolicy::oldest;
  const auto victim = outgoing.queue().victim(policy, qos, priority);
  if (victim) drop(session, *victim);
  return victim.has_value();
}

void Broker::State::drop(Session& session, Outgoing::Iterator message) {
  persist_delete(session, *message);
  session.outgoing.erase(message);
}

// Sends what may be sent now: first what is to be resent, in its first order, then the queue while the window
// is open. Whoever opens the window, takes from the write queue or adds to the queue calls it, so that no
// message waits for nothing.
void Broker::State::pump(Session& session) {
  if (session.connection == nullptr) return;
  Connection& connection = *session.connection;
  Outgoing& outgoing = session.outgoing;
  while (const auto message = outgoing.next_to_resend()) {
    if (is_congested(connection)) return;
    resend(session, *message);
  }
  send_queue(session);
  if (session.queue_alarm) watch_queue(session);
}

void Broker::State::send_queue(Session& session) {
  Connection& connection = *session.connection;
  Outgoing& outgoing = session.outgoing;
  while (outgoing.has_queued() && !is_congested(connection)) {
    const Outgoing::Iterator first = outgoing.queue().first();
    if (first->record.qos != QoS::at_most_once && !outgoing.window_open()) {
      if (MUTANT(B039_refill_wrong_end)) outgoing.plant_first_to_back();
      return;
    }
    if (is_expired(*first->record.message)) {
      SPEC("MQTT5-3.3.2-5");
      if (MUTANT(B010_expired_head_blocks)) return;
      if (MUTANT(B003_expiry_leaks_quota)) outgoing.skew_send_quota(-1);
      ++counters_.dropped_expired;
      drop(session, first);
      continue;
    }
    if (MUTANT(B103_oversize_stall) && !fits(connection, first->record)) return;
    if (connection.sent_from_queue >= 16 && MUTANT(B012_drain_stops_at_16)) return;
    ++connection.sent_from_queue;
    send_first(session, first, true);
  }
}

void Broker::State::send_first(Session& session, Outgoing::Iterator message, bool stored) {
  Connection& connection = *session.connection;
  Outgoing& outgoing = session.outgoing;
  if (!fits(connection, message->record)) {
    SPEC("MQTT5-3.1.2-25");
    ++counters_.dropped_too_large;
    if (stored) persist_delete(session, *message);
    return outgoing.erase(message);
  }
  if (is_expired(*message->record.message)) {
    ++counters_.dropped_expired;
    if (stored) persist_delete(session, *message);
    return outgoing.erase(message);
  }
  if (stored && !may_receive(session, *message->record.message)) {  // not any more
    persist_delete(session, *message);
    return outgoing.erase(message);
  }
  ++counters_.delivered_publish;
  if (message->record.qos == QoS::at_most_once) {
    send_publish(connection, message->record, 0, false, {});
    return outgoing.erase(message);
  }
  SPEC("MQTT5-4.3.2-1");
  SPEC("MQTT5-4.3.3-1");
  outgoing.mark_sent(message, outgoing.free_packet_id(), now_.monotonic);
  const RecordSequence after = stored ? persist_update(session, *message) : persist_put(session, *message);
  SPEC("MQTT5-4.3.2-2");
  SPEC("MQTT5-4.3.3-2");
  SPEC("MQTT5-3.3.1-3");
  SPEC("MQTT311-3.3.1-3");
  send_publish(connection, message->record, message->record.packet_id, false, after);
  note_sent(connection);
}

void Broker::State::resend(Session& session, Outgoing::Iterator message) {
  Connection& connection = *session.connection;
  if (!fits(connection, message->record)) {
    ++counters_.dropped_too_large;
    return drop(session, message);
  }
  SPEC("MQTT5-4.4.0-1");
  SPEC("MQTT311-4.4.0-1");
  SPEC("MQTT5-4.3.3-7");  // whether it has expired meanwhile or not
  session.outgoing.mark_resent(message, now_.monotonic);
  if (MUTANT(B018_resend_new_ids)) session.outgoing.plant_new_packet_id(message);
  SPEC("MQTT5-3.3.1-1");
  SPEC("MQTT311-3.3.1-1");
  const bool dup = !MUTANT(B023_no_dup);
  send_publish(connection, message->record, message->record.packet_id, dup, latest_);
  ++counters_.resent_publish;
  note_sent(connection);
  if (MUTANT(B022_resend_consumes)) drop(session, message);
}

// --- PUBLISH -----------------------------------------------------------------------------------------------

namespace {

codec::PublishHead head_of(const OutgoingRecord& record, PacketId packet_id, bool dup, Monotonic now) {
  const Message& message = *record.message;
  codec::PublishHead head;
  head.dup = dup;
  head.qos = record.qos;
  head.retain = record.retain;
  head.topic_name = message.topic_name;
  head.packet_id = packet_id;
  if (const auto expires_at = message.expires_at()) {
    // Rounded up: a message that may still be delivered never says 0.
    const auto left = std::max(*expires_at - now, Monotonic::duration(0));
    SPEC("MQTT5-3.3.2-6");
    head.message_expiry_interval = std::chrono::ceil<std::chrono::seconds>(left);
    if (record.retain && MUTANT(B070_retained_no_decrement))
      head.message_expiry_interval = message.expiry_interval;
    if (left.count() == 0 && !dup && MUTANT(B069_expiry_boundary)) head.message_expiry_interval.reset();
  }
  if (message.publishers_dup && record.qos == QoS::at_most_once && MUTANT(E_H03_dup_passed_on))
    head.dup = true;
  if (!message.properties.empty()) head.properties = &message.properties;
  if (!record.subscription_identifiers.empty())
    head.subscription_identifiers = &record.subscription_identifiers;
  return head;
}

}  // namespace

bool Broker::State::send_publish(Connection& connection, const OutgoingRecord& record, PacketId packet_id,
                                 bool dup, RecordSequence after) {
  const Message& message = *record.message;
  const bool plant_zero = record.qos != QoS::at_most_once && packet_id == 0;
  auto encoded = encode_publish(connection, record, plant_zero ? PacketId{1} : packet_id, dup);
  if (!encoded) {
    ++counters_.dropped_too_large;
    if (connection.outgoing_aliases && MUTANT(B100_alias_on_dropped)) {
      auto& aliases = *connection.outgoing_aliases;
      aliases.note_sent(message.topic_name, aliases.find(message.topic_name));
    }
    return false;
  }
  if (encoded->alias) connection.outgoing_aliases->note_sent(message.topic_name, *encoded->alias);
  if (plant_zero) plant_packet_id_zero(encoded->head);
  codec::SharedBytes payload;
  if (!message.payload.empty()) payload = codec::SharedBytes(record.message, &message.payload);
  send_bytes(connection, std::move(encoded->head), std::move(payload), after);
  return true;
}

// As it would be sent now: with a Topic Alias if there are any, and without if it only fits so. nullopt: it
// is larger than the client takes.
std::optional<Broker::State::EncodedPublish> Broker::State::encode_publish(const Connection& connection,
                                                                           const OutgoingRecord& record,
                                                                           PacketId packet_id,
                                                                           bool dup) const {
  const Message& message = *record.message;
  codec::PublishHead head = head_of(record, packet_id, dup, now_.monotonic);
  EncodedPublish encoded;
  if (connection.outgoing_aliases) {
    encoded.alias = connection.outgoing_aliases->find(message.topic_name);
    head.topic_alias = encoded.alias->alias;
    if (encoded.alias->known) head.topic_name = {};
  }
  if (message.publishers_alias != 0 && MUTANT(B101_alias_leak)) head.topic_alias = message.publishers_alias;
  const std::size_t payload_bytes = message.payload.size();
  codec::encode_head(head, payload_bytes, connection.version, encoded.head);
  if (encoded.head.size() + payload_bytes <= connection.client_maximum_packet_size) return encoded;
  if (!encoded.alias) return std::nullopt;
  encoded = {};
  head.topic_alias.reset();
  head.topic_name = message.topic_name;
  codec::encode_head(head, payload_bytes, connection.version, encoded.head);
  if (encoded.head.size() + payload_bytes > connection.client_maximum_packet_size) return std::nullopt;
  return encoded;
}

bool Broker::State::fits(const Connection& connection, const OutgoingRecord& record) const {
  if (connection.client_maximum_packet_size == UINT32_MAX) return true;
  if (record.qos == QoS::at_most_once) return true;  // send_publish looks
  return encode_publish(connection, record, 1, false).has_value();
}

bool Broker::State::may_receive(const Session& session, const Message& message) {
  if (access_.may_receive(session.identity(), message.topic_name)) return true;
  if (MUTANT(B117_revoked_access)) return true;
  ++counters_.dropped_not_authorized;
  return false;
}

bool Broker::State::is_expired(const Message& message) const {
  const auto expires_at = message.expires_at();
  if (!expires_at) return false;
  if (MUTANT(B067_expiry_inverted)) return *expires_at > now_.monotonic;
  const bool just_now = now_.monotonic < *expires_at + std::chrono::seconds(1);
  if (just_now && MUTANT(B069_expiry_boundary)) return false;
  return *expires_at <= now_.monotonic;
}

// The client reads more slowly than we write: QoS 0 is dropped, the rest waits in the session until Written.
bool Broker::State::is_congested(Connection& connection) {
  connection.congested = connection.unwritten_bytes > config_.write_queue_bytes_max;
  return connection.congested;
}

}  // namespace mqttvet::core
