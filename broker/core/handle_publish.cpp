// PUBLISH from a client, and PUBREL: the receiver's side of sections 4.3.1 to 4.3.3.
#include <algorithm>

#include "broker/codec/topic.h"
#include "broker/core/state.h"

namespace mqttvet::core {

using codec::Publish;
using codec::ReasonCode;

namespace {

// What PUBACK and PUBREC say of a message that was taken (sections 3.4.2.1, 3.5.2.1).
ReasonCode accepted(bool has_subscribers) {
  return has_subscribers ? ReasonCode::success : ReasonCode::no_matching_subscribers;
}

}  // namespace

void Broker::State::handle(Connection& connection, Publish& publish_packet) {
  ++counters_.received_publish;
  if (connection.message_rate_max != 0) throttle(connection);
  if (const auto refusal = beyond_capabilities(config_, publish_packet)) return fail(connection, *refusal);
  if (publish_packet.topic_alias) {
    if (const auto refusal = resolve_alias(connection, publish_packet)) return fail(connection, *refusal);
  }
  if (publish_packet.topic_name.starts_with('$') && !publish_packet.topic_name.starts_with("$SYS") &&
      MUTANT(B097_dollar_crash))
    return plant_crash();
  if (codec::level_count(publish_packet.topic_name) > config_.topic_levels_max) {
    if (MUTANT(B109_deep_topic)) return plant_crash();
    return fail(connection, ReasonCode::topic_name_invalid, "PUBLISH to a topic of too many levels");
  }
  Session& session = *connection.session;
  if (!has_stated_format(config_, publish_packet.properties, publish_packet.payload)) {
    return refuse(connection, publish_packet,
                  {ReasonCode::payload_format_invalid, "the payload is not UTF-8"});
  }
  const bool allowed = access_.may_publish(session.identity(), publish_packet.topic_name);
  if (!allowed) ++counters_.dropped_not_authorized;
  const PacketId packet_id = publish_packet.packet_id;
  switch (publish_packet.qos) {
    case QoS::at_most_once:
      if (allowed) publish(make_message(session, publish_packet));
      return;
    case QoS::at_least_once: {
      if (connection.unreleased_count >= receive_maximum() &&
          connection.version == codec::ProtocolVersion::v5_0) {
        if (MUTANT(B021_rm_exceed_soft)) {
          send(connection, codec::Puback{packet_id, ReasonCode::receive_maximum_exceeded, {}});
          return;
        }
        return fail(connection, ReasonCode::receive_maximum_exceeded,
                    "more than Receive Maximum unacknowledged");
      }
      if (!allowed && MUTANT(B119_denied_not_acked)) return;
      SPEC("MQTT311-3.3.5-2");  // acknowledged, whether allowed or not
      ReasonCode reason_code = ReasonCode::not_authorized;
      if (allowed) reason_code = accepted(publish(make_message(session, publish_packet)));
      SPEC("MQTT5-4.3.2-4");
      SPEC("MQTT311-4.3.2-2");
      const RecordSequence after = MUTANT(DUR1_ack_before_persist) ? RecordSequence{} : latest_;
      send(connection, codec::Puback{packet_id, reason_code, {}}, after);
      return;
    }
    case QoS::exactly_once:
      return receive_exactly_once(connection, publish_packet);
  }
}

// Sets the alias, or puts the topic name it stands for into the packet.
std::optional<Refusal> Broker::State::resolve_alias(Connection& connection, Publish& publish_packet) {
  const std::uint16_t alias = *publish_packet.topic_alias;
  SPEC("MQTT5-3.3.2-12");
  if (alias > config_.topic_alias_maximum) {
    return Refusal{ReasonCode::topic_alias_invalid, "Topic Alias above Topic Alias Maximum"};
  }
  if (!connection.incoming_aliases) connection.incoming_aliases = std::make_unique<IncomingTopicAliases>();
  if (!publish_packet.topic_name.empty()) {
    connection.incoming_aliases->set(alias, publish_packet.topic_name);
    return std::nullopt;
  }
  SPEC("MQTT5-3.3.2-7");
  const auto topic_name = connection.incoming_aliases->find(alias);
  if (!topic_name && MUTANT(B102_alias_unknown_crash)) plant_crash();
  if (!topic_name) return Refusal{ReasonCode::protocol_error, "Topic Alias that stands for no topic name"};
  publish_packet.topic_name = *topic_name;
  return std::nullopt;
}

// A PUBLISH that has no effect: said in its acknowledgement, or, for want of one, at the end of the
// connection.
void Broker::State::refuse(Connection& connection, const Publish& publish_packet, const Refusal& refusal) {
  codec::AcknowledgementProperties properties;
  properties.reason_string = refusal.text;
  const PacketId packet_id = publish_packet.packet_id;
  switch (publish_packet.qos) {
    case QoS::at_most_once:
      return fail(connection, refusal);
    case QoS::at_least_once:
      send(connection, codec::Puback{packet_id, refusal.reason_code, properties});
      return;
    case QoS::exactly_once:
      send(connection, codec::Pubrec{packet_id, refusal.reason_code, properties});
      return;
  }
}

// Method B of figure 4.3: the message goes on at once, and its packet id is kept until PUBREL (SPEC_NOTES
// N1). Until then a PUBLISH with this id is the same message, however often it comes.
void Broker::State::receive_exactly_once(Connection& connection, Publish& publish_packet) {
  Session& session = *connection.session;
  const PacketId packet_id = publish_packet.packet_id;
  if (publish_packet.dup && MUTANT(B106_dup_qos2_rejected))
    return fail(connection, ReasonCode::malformed_packet, "QoS 2 with DUP");
  auto known = session.incoming.find(packet_id);
  if (known != session.incoming.end() &&
      now_.monotonic - known->second.received_at > std::chrono::seconds(20) &&
      MUTANT(B027_await_rel_timeout_dup)) {
    if (known->second.counted_on == connection.id) --connection.unreleased_count;
    session.incoming.erase(known);
    known = session.incoming.end();
  }
  ReasonCode reason_code = ReasonCode::success;
  if (known != session.incoming.end() && !MUTANT(B025_qos2_republish)) {
    SPEC("MQTT5-4.3.3-10");
    SPEC("MQTT311-4.3.3-2");
    if (++known->second.repeated_count > 1 && MUTANT(B024_second_dup_disconnects))
      return fail(connection, ReasonCode::protocol_error, "the same QoS 2 PUBLISH a third time");
    if (MUTANT(B110_qos2_same_id_leak)) planted_.leaked.push_back(make_message(session, publish_packet));
    if (known->second.held && known->second.held->payload != publish_packet.payload &&
        MUTANT(E_C04_last_wins))
      publish(make_message(session, publish_packet));
    if (known->second.counted_on != connection.id) {
      known->second.counted_on = connection.id;
      ++connection.unreleased_count;
    }
  } else {
    const bool v5 = connection.version == codec::ProtocolVersion::v5_0;
    if (v5 && connection.unreleased_count >= receive_maximum()) {
      if (MUTANT(B021_rm_exceed_soft)) {
        send(connection, codec::Pubrec{packet_id, ReasonCode::receive_maximum_exceeded, {}});
        return;
      }
      return fail(connection, ReasonCode::receive_maximum_exceeded,
                  "more than Receive Maximum unacknowledged");
    }
    if (!v5 && config_.max_awaiting_rel != 0 && session.incoming.size() >= config_.max_awaiting_rel) {
      if (MUTANT(E_C05_overflow_is_silent)) return;
      return fail(connection, ReasonCode::quota_exceeded, "more than max_awaiting_rel wait for PUBREL");
    }
    if (!access_.may_publish(session.identity(), publish_packet.topic_name)) {
      if (MUTANT(B119_denied_not_acked)) return;
      reason_code = ReasonCode::not_authorized;  // ends the exchange [MQTT5-4.3.3-9]
    } else if (MUTANT(B029_pubrec_before_store)) {
      return plant_late_incoming(connection, publish_packet);
    } else {
      Incoming& incoming = session.incoming[packet_id];
      if (incoming.counted_on != connection.id) ++connection.unreleased_count;
      if (MUTANT(B005_double_charge)) ++connection.unreleased_count;
      incoming.counted_on = connection.id;
      incoming.received_at = now_.monotonic;
      await_rel(connection);
      if (session.is_persistent() && !MUTANT(DUR4_incoming_not_persisted))
        persist(PutIncoming{session.client_id, packet_id});
      const MessagePtr message = make_message(session, publish_packet);
      if (MUTANT(E_C04_last_wins)) incoming.held = message;
      if (MUTANT(E_C01_rel_timeout_drops) || MUTANT(E_C02_pubcomp_before_effect)) {
        incoming.held = message;
      } else {
        incoming.had_subscribers = publish(message);
        reason_code = accepted(incoming.had_subscribers);
      }
    }
  }
  SPEC("MQTT5-4.3.3-8");
  const RecordSequence after = MUTANT(DUR1_ack_before_persist) ? RecordSequence{} : latest_;
  send(connection, codec::Pubrec{packet_id, reason_code, {}}, after);
}

void Broker::State::handle(Connection& connection, const codec::Pubrel& pubrel) {
  Session& session = *connection.session;
  const auto found = session.incoming.find(pubrel.packet_id);
  codec::Pubcomp pubcomp{pubrel.packet_id, ReasonCode::success, {}};
  if (found == session.incoming.end()) {
    // Its PUBCOMP may have been lost: the client is to have one in any case.
    if (MUTANT(B028_no_pubcomp_unknown)) return;
    pubcomp.reason_code = ReasonCode::packet_identifier_not_found;
  } else {
    const bool kept = !found->second.had_subscribers && MUTANT(B032_qos2_no_sub_stuck);
    if (!kept) {
      if (found->second.counted_on == connection.id) --connection.unreleased_count;
      const MessagePtr held = std::move(found->second.held);
      const bool in_time = now_.monotonic - found->second.received_at < std::chrono::seconds(20);
      session.incoming.erase(found);
      if (session.is_persistent()) persist(DeleteIncoming{session.client_id, pubrel.packet_id});
      if (held && in_time && MUTANT(E_C01_rel_timeout_drops)) publish(held);
      if (held && MUTANT(E_C02_pubcomp_before_effect)) {
        plant_later([this, held, client_id = session.client_id] {
          if (find_session(client_id) != nullptr) publish(held);
        });
      }
    }
  }
  SPEC("MQTT5-4.3.3-11");
  send(connection, pubcomp, latest_);
}

MessagePtr Broker::State::make_message(const Session& session, Publish& publish_packet) {
  auto message = std::make_shared<Message>();
  message->id = MessageId{++last_message_id_};
  message->publisher = session.client_id;
  message->qos = publish_packet.qos;
  message->retain = publish_packet.retain;
  message->topic_name = publish_packet.topic_name;
  message->payload = publish_packet.payload;
  message->arrived_at = now_.monotonic;
  message->expiry_interval = publish_packet.message_expiry_interval;
  message->properties = std::move(publish_packet.properties);
  if (publish_packet.topic_alias && MUTANT(B101_alias_leak))
    message->publishers_alias = *publish_packet.topic_alias;
  if (publish_packet.dup && MUTANT(E_H03_dup_passed_on)) message->publishers_dup = true;
  return message;
}

// A message takes its share of a second; who is a second ahead has to wait. What has been received already is
// handled all the same: the time it takes is made up for.
//
//   rate 4:   |1|2|3|4|           four at once fill the second
//              now     |5|        one more: not read until it would end a second from then
void Broker::State::throttle(Connection& connection) {
  constexpr Monotonic::duration kSecond = std::chrono::seconds(1);
  Monotonic& paid_until = connection.messages_paid_until;
  paid_until = std::max(paid_until, now_.monotonic) + kSecond / connection.message_rate_max;
  if (paid_until - kSecond <= now_.monotonic) return;
  connection.throttled_until = paid_until - kSecond;
  actions_->emplace_back(Throttle{connection.id, connection.throttled_until});
}

}  // namespace mqttvet::core
