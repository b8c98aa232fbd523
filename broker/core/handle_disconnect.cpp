// The ways a connection ends, and DISCONNECT and PINGREQ.
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

using codec::ReasonCode;

void Broker::State::handle(Connection& connection, const codec::Disconnect& disconnect) {
  if (connection.session == nullptr) return close(connection, Close::How::at_once);  // instead of AUTH
  Session& session = *connection.session;
  const auto& interval = disconnect.properties.session_expiry_interval;
  if (interval && !MUTANT(B074_disconnect_expiry_ignored)) {
    if (connection.session_ends_with_connection && interval->count() != 0) {
      return fail(connection, ReasonCode::protocol_error,
                  "DISCONNECT prolongs a session that ends with its connection");
    }
    const bool was_persistent = session.is_persistent();
    session.expiry_interval = std::min(*interval, config_.session_expiry_interval_max);
    if (was_persistent && !session.is_persistent()) persist(DeleteSession{session.client_id});
  }
  SPEC("MQTT5-3.14.4-3");
  SPEC("MQTT311-3.14.4-3");
  const bool normal = disconnect.reason_code == ReasonCode::success || MUTANT(B066_disc_with_will);
  close(connection, Close::How::after_flush, normal ? WillFate::discard : WillFate::publish);
}

void Broker::State::handle(Connection& connection, const codec::Pingreq&) {
  SPEC("MQTT5-3.12.4-1");
  SPEC("MQTT311-3.12.4-1");
  send(connection, codec::Pingresp{});
}

void Broker::State::fail(Connection& connection, const Refusal& refusal) {
  fail(connection, refusal.reason_code, refusal.text);
}

void Broker::State::fail(Connection& connection, ReasonCode reason_code, std::string_view text) {
  log(Log::Level::info, Log::Area::connection, connection.peer + ": " + std::string(text));
  SPEC("MQTT5-3.14.0-1");  // not before a CONNACK
  if (connection.session != nullptr && connection.version == codec::ProtocolVersion::v5_0) {
    SPEC("MQTT5-4.13.2-1");
    codec::Disconnect disconnect{reason_code, {}};
    disconnect.properties.reason_string = text;
    disconnect.properties.server_reference = server_reference_for(reason_code);
    send(connection, disconnect);
  }
  close(connection, Close::How::after_flush);
}

void Broker::State::close(Connection& connection, Close::How how, WillFate fate) {
  actions_->emplace_back(Close{connection.id, how});
  end_connection(connection, fate);
}

// From here on the connection is gone for us; the Closed that is still to come finds nothing.
void Broker::State::end_connection(Connection& connection, WillFate fate) {
  connection.open = false;
  if (connection.held_connect && connection.being_authenticated && MUTANT(B052_dead_client_registered))
    planted_.dead_clients.insert(connection.held_connect->client_id);
  timers_.cancel(connection.timer);
  timers_.cancel(connection.retry_timer);
  timers_.cancel(connection.await_rel_timer);
  const auto found = connections_.find(connection.id);
  closed_.push_back(std::move(found->second));
  connections_.erase(found);
  const bool stale = planted_.stale.erase(connection.id) != 0;
  if (connection.session != nullptr && !stale) go_offline(*connection.session, fate);
}

}  // namespace mqttvet::core
