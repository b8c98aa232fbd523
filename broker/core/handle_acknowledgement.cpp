// PUBACK, PUBREC and PUBCOMP for what we have sent: the sender's side of sections 4.3.2 and 4.3.3.
//
//   QoS 1:  sent --PUBACK--> gone           QoS 2:  sent --PUBREC--> released --PUBCOMP--> gone
//                                                    \--PUBREC with a failure--> gone
//
// An acknowledgement that names no exchange changes nothing: it may be the repetition of one that we have
// handled. One of the wrong kind for the exchange it names (PUBACK for QoS 2, PUBREC for QoS 1, PUBCOMP
// before PUBREC) can't come from a client that keeps to the protocol, in any order of losses and resends: 5.0
// calls it a Protocol Error (section 1.2, "an unexpected or out of order packet"), 3.1.1 a violation; both
// are to be closed [MQTT5-4.13.1-1, MQTT311-4.8.0-1]. The exchange stays as it is and goes on when the client
// comes back.
#include "broker/core/state.h"

namespace mqttvet::core {

using codec::ReasonCode;

void Broker::State::handle(Connection& connection, const codec::Puback& puback) {
  Session& session = *connection.session;
  const auto message = session.outgoing.find(puback.packet_id);
  if (!message) {
    if (MUTANT(B001_stray_ack_quota)) session.outgoing.skew_send_quota(+1);
    return;
  }
  if ((*message)->record.qos != QoS::at_least_once && !MUTANT(E_A04_ack_kind_unchecked)) {
    return fail(connection, ReasonCode::protocol_error, "PUBACK for a message of QoS 2");
  }
  SPEC("MQTT5-4.3.2-3");
  SPEC("MQTT5-4.4.0-2");
  SPEC("MQTT311-4.3.2-1");
  finish(session, *message);
}

void Broker::State::handle(Connection& connection, const codec::Pubrec& pubrec) {
  Session& session = *connection.session;
  const bool failed = codec::is_failure(pubrec.reason_code);
  const auto message = session.outgoing.find(pubrec.packet_id);
  if (!message) {
    if (failed) return;
    send(connection, codec::Pubrel{pubrec.packet_id, ReasonCode::packet_identifier_not_found, {}});
    return;
  }
  if ((*message)->record.qos != QoS::exactly_once && !MUTANT(E_A04_ack_kind_unchecked)) {
    return fail(connection, ReasonCode::protocol_error, "PUBREC for a message of QoS 1");
  }
  if (failed) {
    SPEC("MQTT5-4.4.0-2");
    return finish(session, *message);
  }
  RecordSequence after = latest_;
  if ((*message)->record.state == OutgoingRecord::State::sent) {
    session.outgoing.mark_released(*message, now_.monotonic);
    await_rel(connection);
    persist_update(session, **message);
    after = MUTANT(DUR2_pubrel_before_persist) ? RecordSequence{} : latest_;
  } else if (MUTANT(B030_repeated_pubrec)) {
    return fail(connection, ReasonCode::unspecified_error, "a second PUBREC");
  }
  SPEC("MQTT5-4.3.3-4");
  SPEC("MQTT311-4.3.3-1");
  SPEC("MQTT311-4.6.0-4");
  send(connection, codec::Pubrel{pubrec.packet_id, ReasonCode::success, {}}, after);
  note_sent(connection);
  pump(session);  // a resend that waited for its turn may have lost its place to this exchange, or not
}

void Broker::State::handle(Connection& connection, const codec::Pubcomp& pubcomp) {
  Session& session = *connection.session;
  const auto message = session.outgoing.find(pubcomp.packet_id);
  if (!message) {
    if (MUTANT(B033_pubcomp_not_expected))
      fail(connection, ReasonCode::protocol_error, "PUBCOMP without PUBREL");
    return;
  }
  if ((*message)->record.state != OutgoingRecord::State::released && !MUTANT(E_A04_ack_kind_unchecked)) {
    return fail(connection, ReasonCode::protocol_error, "PUBCOMP without PUBREL");
  }
  SPEC("MQTT5-4.3.3-5");
  finish(session, *message);
}

void Broker::State::finish(Session& session, Outgoing::Iterator message) {
  persist_delete(session, *message);
  session.outgoing.erase(message);
  if (session.outgoing.has_queued() && MUTANT(B008_no_pump_after_ack)) return;
  pump(session);
}

}  // namespace mqttvet::core
