// CONNECT (section 3.1): refuse, or take over, start or resume the session.
#include <algorithm>

#include "broker/codec/topic.h"
#include "broker/core/state.h"

namespace mqttvet::core {

using codec::Connect;
using codec::ProtocolVersion;
using codec::ReasonCode;

void Broker::State::handle(Connection& connection, Connect& connect) {
  if (connection.session != nullptr || connection.held_connect) {
    SPEC("MQTT5-3.1.0-2");
    SPEC("MQTT311-3.1.0-2");
    return reject(connection, {ReasonCode::protocol_error, "a second CONNECT"});
  }
  connection.version = connect.version;
  connection.client_maximum_packet_size = connect.properties.maximum_packet_size.value_or(UINT32_MAX);
  connection.wants_problem_information = connect.properties.request_problem_information.value_or(true);
  if (const auto refusal = refusal_of(connect)) {
    if (connect.will && MUTANT(B061_will_on_reject)) plant_will(connect);
    return refuse(connection, *refusal);
  }
  authenticate(connection, connect);
}

// The client is who it says. data: Authentication Data that proves who we are.
void Broker::State::admit(Connection& connection, Connect& connect, const std::string& user_name,
                          codec::Bytes data) {
  if (belongs_to_another(connect, user_name)) {
    return refuse(connection, {ReasonCode::not_authorized, "the session is another user's"});
  }
  if (connect.will && !access_.may_publish({connect.client_id, user_name}, connect.will->topic_name) &&
      !MUTANT(B065_will_acl)) {
    return refuse(connection, {ReasonCode::not_authorized, "the will may not be published"});
  }
  const bool assigned = connect.client_id.empty();
  if (assigned) connect.client_id = make_client_id();
  if (plant_wedge(connection, connect)) return;
  take_over(connect.client_id, connection.id);
  Session* session = find_session(connect.client_id);
  const bool other_node =
      session != nullptr && session->restored && connect.clean_start && MUTANT(B056_remote_clean_start);
  if (session != nullptr && connect.clean_start && !other_node) {
    SPEC("MQTT5-3.1.2-4");
    SPEC("MQTT311-3.1.2-6");
    end_session(*session);
    session = nullptr;
  }
  const bool session_present = session != nullptr && !other_node;
  if (session_present && MUTANT(B048_takeover_window_loss)) {
    planted_.in_handover.insert(connect.client_id);
    planted_.at_persisted.push_back([this, id = connect.client_id] { planted_.in_handover.erase(id); });
  }
  if (session == nullptr) session = &create_session(connect.client_id);
  enforce(connection, connect);
  attach(connection, *session, connect, user_name);

  const bool early = session->outgoing.has_queued() && MUTANT(B038_publish_before_connack);
  if (early) resume(*session);
  codec::Connack connack = accept(connection, connect, assigned);
  if (!data.empty()) connack.properties.authentication_data = std::move(data);
  SPEC("MQTT5-3.2.2-2");
  SPEC("MQTT5-3.2.2-3");
  SPEC("MQTT311-3.2.2-1");
  SPEC("MQTT311-3.2.2-2");
  SPEC("MQTT311-3.2.2-3");
  connack.session_present = MUTANT(B055_sp_always_true) ? !connect.clean_start : session_present;
  SPEC("MQTT5-3.2.0-1");
  SPEC("MQTT311-3.2.0-1");
  if (!send(connection, connack, latest_)) {
    connack.properties.response_information.reset();  // may be left out (section 3.2.2.3.15)
    if (!send(connection, connack, latest_)) return close(connection, Close::How::at_once);
  }
  if (!early) resume(*session);
}

std::optional<Refusal> Broker::State::refusal_of(const Connect& connect) const {
  if (const auto refusal = redirection()) return refusal;
  if (connect.client_id.size() > config_.client_id_bytes_max) {
    return Refusal{ReasonCode::client_identifier_not_valid, "the client identifier is too long"};
  }
  if (connect.client_id.empty()) {
    SPEC("MQTT311-3.1.3-8");
    const bool may_be_assigned = connect.version == ProtocolVersion::v5_0 ||
                                 (connect.version == ProtocolVersion::v3_1_1 && connect.clean_start);
    if (!may_be_assigned) return Refusal{ReasonCode::client_identifier_not_valid, "no client identifier"};
  }
  if (connect.will) {
    if (const auto refusal = refusal_of(*connect.will)) return refusal;
  }
  return std::nullopt;
}

std::optional<Refusal> Broker::State::refusal_of(const codec::Will& will) const {
  if (codec::level_count(will.topic_name) > config_.topic_levels_max) {
    return Refusal{ReasonCode::topic_name_invalid, "the Will Topic has too many levels"};
  }
  if (!has_stated_format(config_, will.properties, will.payload)) {
    return Refusal{ReasonCode::payload_format_invalid, "the Will Payload is not UTF-8"};
  }
  return beyond_capabilities(config_, will);
}

// Who knows a client id must not get at what another user's session has (SPEC_NOTES N17).
bool Broker::State::belongs_to_another(const Connect& connect, const std::string& user_name) const {
  if (!users_ || MUTANT(E_D11_any_user_takes_it)) return false;
  const auto found = sessions_.find(connect.client_id);
  if (found == sessions_.end()) return false;
  const std::string& owner = found->second->user_name;
  return !owner.empty() && owner != user_name;
}

// Nothing of a refused connection has an effect: it never gets a session, and the bytes that follow are
// dropped.
void Broker::State::refuse(Connection& connection, const Refusal& refusal) {
  SPEC("MQTT5-3.1.4-6");
  SPEC("MQTT311-3.1.4-5");
  SPEC("MQTT5-3.2.2-7");
  SPEC("MQTT311-3.2.2-5");
  log(Log::Level::info, Log::Area::connection, connection.peer + ": refused: " + std::string(refusal.text));
  codec::Connack connack;
  connack.reason_code = refusal.reason_code;
  connack.properties.reason_string = refusal.text;
  connack.properties.server_reference = server_reference_for(refusal.reason_code);
  if (refusal.reason_code == ReasonCode::not_authorized && MUTANT(E_F18_not_authorized_unused))
    connack.reason_code = ReasonCode::bad_user_name_or_password;
  send(connection, connack);  // nothing, if 3.1.1 has no return code for it [MQTT311-3.2.2-6]
  if (MUTANT(E_F01_refused_goes_on)) {
    timers_.cancel(connection.timer);
    planted_.refused.insert(connection.id);
    return;
  }
  close(connection, Close::How::after_flush);
}

// The older connection of this client id ends completely, with its will and perhaps its session, before the
// new one begins.
void Broker::State::take_over(const std::string& client_id, ConnectionId newer) {
  Session* session = find_session(client_id);
  if (session == nullptr || session->connection == nullptr) return;
  if (!planted_.saw_owner.contains(newer) && MUTANT(B051_concurrent_connect)) return detach(*session);
  SPEC("MQTT5-3.1.4-3");
  SPEC("MQTT311-3.1.4-2");
  if (counters_.takeovers % 2 == 1 && MUTANT(B047_unregister_newer)) {
    ++counters_.takeovers;
    return detach(*session);
  }
  ++counters_.takeovers;
  Connection& older = *session->connection;
  if (older.unwritten_bytes != 0 && MUTANT(B050_discard_timeout)) return detach(*session);
  if (MUTANT(E_D07_old_end_harms_new)) planted_.taken_over[older.id] = client_id;
  if (session->is_persistent() && MUTANT(B037_stale_conn_acts)) return plant_stale_connection(older);
  if (session->will && MUTANT(B057_takeover_will)) session->will.reset();
  log(Log::Level::info, Log::Area::session, older.peer + ": session taken over: " + client_id);
  if (older.version != ProtocolVersion::v5_0) return close(older, Close::How::at_once);
  send(older, codec::Disconnect{ReasonCode::session_taken_over, {}});
  close(older, Close::How::after_flush);
}

// The limits that the client and our configuration set for this connection.
void Broker::State::enforce(Connection& connection, const Connect& connect) {
  connection.bridge = connect.bridge;
  SPEC("MQTT5-3.1.2-27");
  const std::uint16_t alias_maximum =
      std::min(connect.properties.topic_alias_maximum.value_or(0), config_.topic_alias_maximum_outgoing);
  if (alias_maximum != 0) connection.outgoing_aliases = std::make_unique<OutgoingTopicAliases>(alias_maximum);
  connection.keep_alive = connect.keep_alive;
  connection.keep_alive_percent = config_.keep_alive_percent;
  connection.connected_at = now_.monotonic;
  SPEC("MQTT5-3.2.2-22");
  // Only 5.0 can tell the client, and a client that isn't told would be cut off in the midst of its silence.
  const std::chrono::seconds most = config_.server_keep_alive_max;
  if (most.count() > 0 && connect.version == ProtocolVersion::v5_0 &&
      (connection.keep_alive.count() == 0 || connection.keep_alive > most)) {
    connection.keep_alive = most;
  }
  timers_.cancel(connection.timer);
  if (connection.keep_alive.count() == 0) return;
  timers_.arm(connection.timer, connection.last_moment() + Monotonic::duration(1));
}

std::chrono::seconds Broker::State::session_expiry_interval_of(const Connect& connect) const {
  using std::chrono::seconds;
  if (connect.version != ProtocolVersion::v5_0) {
    seconds lasting = config_.session_expiry_interval_v3;
    if (MUTANT(E_D09_expiry_in_minutes)) lasting *= 60;
    return connect.clean_start ? seconds(0) : lasting;
  }
  const auto& asked = connect.properties.session_expiry_interval;
  if (!asked && MUTANT(B072_absent_expiry_default)) return config_.session_expiry_interval_v3;
  return std::min(asked.value_or(seconds(0)), config_.session_expiry_interval_max);
}

void Broker::State::attach(Connection& connection, Session& session, Connect& connect,
                           const std::string& user_name) {
  const bool was_persistent = session.is_persistent();
  connection.session = &session;
  connection.session_ends_with_connection =
      connect.properties.session_expiry_interval.value_or(std::chrono::seconds(0)).count() == 0;
  session.connection = &connection;
  session.version = connect.version;
  session.expiry_interval = session_expiry_interval_of(connect);
  session.user_name = user_name;
  session.disconnected_at.reset();
  SPEC("MQTT5-3.1.3-9");  // the will of the last connection, if its delay has not passed, is gone
  SPEC("MQTT5-3.1.2-7");
  if (session.will && !session.will_due && MUTANT(B063_will_after_clean)) publish_will(session);
  session.will = std::move(connect.will);
  session.will_due.reset();
  if (session.ends_at.has_value() && MUTANT(E_D02_expiry_kills_live_session)) {
    // its timer goes on
  } else {
    session.ends_at.reset();
    timers_.cancel(session.timer);
  }
  if (session.is_persistent()) {
    put(session);
  } else {
    if (was_persistent) persist(DeleteSession{session.client_id});
    if (MUTANT(B093_clean_subs_survive_restart)) plant_stored_clean_session(session);
  }
  // 3.1.1 asks for all unacknowledged messages at once; in 5.0 Receive Maximum holds for them as well.
  SPEC("MQTT5-3.3.4-9");
  std::size_t window = connect.properties.receive_maximum.value_or(65535);
  if (config_.max_inflight != 0) window = std::min<std::size_t>(window, config_.max_inflight);
  window = std::min<std::size_t>(window, config_.last_packet_id);
  session.outgoing.open_window(
      window, connect.version != ProtocolVersion::v5_0 || MUTANT(E_A09_resends_beyond_window));
}

// Says what differs from what CONNECT asked for, or from the standard's defaults.
codec::Connack Broker::State::accept(const Connection& connection, const Connect& connect,
                                     bool assigned) const {
  codec::Connack connack;
  codec::ConnackProperties& properties = connack.properties;
  const std::chrono::seconds asked =
      connect.properties.session_expiry_interval.value_or(std::chrono::seconds(0));
  if (connection.session->expiry_interval != asked) {
    properties.session_expiry_interval = connection.session->expiry_interval;
  }
  announce_capabilities(config_, properties);
  if (receive_maximum() != 65535) properties.receive_maximum = receive_maximum();
  constexpr std::uint32_t kLargest = 268435455 + 5;  // all that a Remaining Length can say
  if (connection.maximum_packet_size_bytes < kLargest)
    properties.maximum_packet_size = connection.maximum_packet_size_bytes;
  if (assigned) {
    SPEC("MQTT5-3.1.3-7");
    SPEC("MQTT5-3.2.2-16");
    properties.assigned_client_identifier = connect.client_id;
  }
  if (connect.properties.request_response_information.value_or(false)) {
    properties.response_information = response_information_for(connect.client_id);
  }
  if (!connection.authentication_method.empty()) {
    SPEC("MQTT5-4.12.0-5");
    properties.authentication_method = connection.authentication_method;
  }
  if (connection.keep_alive != connect.keep_alive) properties.server_keep_alive = connection.keep_alive;
  return connack;
}

// A part of the topic tree for the client's Response Topics (section 4.10.1). It must be fit for one.
std::optional<std::string> Broker::State::response_information_for(const std::string& client_id) const {
  SPEC("MQTT5-3.1.2-28");
  if (config_.response_information_prefix.empty() || client_id.find_first_of("+#") != std::string::npos) {
    return std::nullopt;
  }
  return config_.response_information_prefix + client_id;
}

// Unused by any session, whatever other runs with the same seed have given out.
std::string Broker::State::make_client_id() {
  if (MUTANT(E_D12_client_ids_repeat)) return "auto0";
  SPEC("MQTT5-3.1.3-6");
  SPEC("MQTT311-3.1.3-6");
  for (;;) {
    std::uint64_t mixed = seed_ + 0x9E3779B97F4A7C15u * ++last_client_id_number_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    mixed ^= mixed >> 31;
    std::string client_id = "auto";
    for (int shift = 60; shift >= 0; shift -= 4) client_id += "0123456789abcdef"[(mixed >> shift) & 15];
    if (find_session(client_id) == nullptr) return client_id;
  }
}

}  // namespace mqttvet::core
