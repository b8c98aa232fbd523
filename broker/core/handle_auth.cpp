// Who the client is: user name and password, or an exchange of AUTH packets (sections 3.1.4, 3.15, 4.12).
//
//   CONNECT --> Authenticate --world--> Authenticated --> CONNACK
//                    ^                       | continue authentication
//                    +---- AUTH 0x18 <-------+            the same way: AUTH 0x19, once connected
//
// CONNECT is held, and has no effect, until the client is known. A certificate that names its user makes it
// known before CONNECT: what this says of user name and password is not looked at then.
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

using codec::Connect;
using codec::ReasonCode;

namespace {

// Then nobody is asked.
bool is_known_by_certificate(const Connection& connection) {
  return connection.certificate_name && connection.authentication_method.empty();
}

}  // namespace

void Broker::State::authenticate(Connection& connection, Connect& connect) {
  const bool has_method = connect.properties.authentication_method.has_value();
  // From here on an empty method stands for none; no method's name is empty.
  if (has_method && (!users_ || connect.properties.authentication_method->empty())) {
    SPEC("MQTT5-4.12.0-1");
    return refuse(connection, {ReasonCode::bad_authentication_method, "no such method"});
  }
  if (has_method) connection.authentication_method = *connect.properties.authentication_method;
  if (is_known_by_certificate(connection))
    return admit(connection, connect, *connection.certificate_name, {});
  if (!users_) return admit(connection, connect, {}, {});
  if (!has_method && !connect.user_name) {
    if (connect.password)
      return refuse(connection, {ReasonCode::bad_user_name_or_password, "a password without a user name"});
    if (!config_.allow_anonymous)
      return refuse(connection, {ReasonCode::not_authorized, "a user name is required"});
    return admit(connection, connect, {}, {});
  }
  if (!has_method && !connect.password && users_->contains(*connect.user_name) && MUTANT(B118_empty_password))
    return admit(connection, connect, std::string(*connect.user_name), {});
  if (authentications_ >= config_.authentications_max)
    return refuse(connection, {ReasonCode::server_busy, "too many authentications"});
  Authenticate question;
  if (has_method) {
    question.data = connect.properties.authentication_data.value_or("");
  } else {
    question.user_name = *connect.user_name;
    question.password = connect.password.value_or("");
  }
  if (MUTANT(B049_takeover_target_dies) || MUTANT(B051_concurrent_connect))
    plant_look_up(connection, connect.client_id);
  connection.held_connect = std::make_unique<Connect>(std::move(connect));
  ask(connection, std::move(question));
}

void Broker::State::ask(Connection& connection, Authenticate question) {
  question.connection = connection.id;
  question.method = connection.authentication_method;
  if (connection.exchange) question.exchange = *std::exchange(connection.exchange, {});
  connection.being_authenticated = true;
  if (connection.held_connect) timers_.cancel(connection.timer);  // now it is we who let it wait
  ++authentications_;
  actions_->emplace_back(std::move(question));
}

void Broker::State::take(const Authenticated& input) {
  --authentications_;
  const auto found = connections_.find(input.connection);
  if (found == connections_.end()) return;  // it did not wait
  Connection& connection = *found->second;
  connection.being_authenticated = false;
  ReasonCode reason_code = input.reason_code;
  // The list may have changed meanwhile, or there is none any more: then everybody is anonymous.
  const bool is_gone = reason_code == ReasonCode::success && users_ && !users_->contains(input.user_name);
  if (is_gone) reason_code = ReasonCode::not_authorized;

  if (codec::is_failure(reason_code)) {
    if (connection.held_connect) {
      Session* other = find_session(connection.held_connect->client_id);
      if (other != nullptr && MUTANT(B054_unauth_unregisters)) plant_unregister(*other);
      if (connection.held_connect->will && MUTANT(B061_will_on_reject)) plant_will(*connection.held_connect);
    }
    SPEC("MQTT5-4.12.0-4");
    SPEC("MQTT5-4.12.1-2");
    if (connection.held_connect) return refuse(connection, {reason_code, "not authenticated"});
    return fail(connection, reason_code, "not authenticated");
  }
  if (reason_code == ReasonCode::continue_authentication) {
    SPEC("MQTT5-4.12.0-2");
    connection.exchange = input.exchange;
    send_auth(connection, reason_code, input.data);
    if (connection.held_connect && config_.connect_timeout.count() > 0)
      timers_.arm(connection.timer, now_.monotonic + config_.connect_timeout);
  } else if (connection.held_connect) {
    const std::unique_ptr<Connect> connect = std::move(connection.held_connect);
    admit(connection, *connect, users_ ? input.user_name : "", input.data);
  } else if (input.user_name != connection.session->user_name) {
    return fail(connection, ReasonCode::not_authorized, "another user than the session's");
  } else {
    send_auth(connection, ReasonCode::success, input.data);
  }
  handle_packets(connection);
}

// Before CONNACK it goes on with what CONNECT has begun, after it it begins anew or goes on with that; other
// packets are served meanwhile, with the rights the client has had so far (section 4.12.1).
void Broker::State::handle(Connection& connection, const codec::Auth& auth) {
  SPEC("MQTT5-4.12.0-7");
  SPEC("MQTT5-4.12.1-1");
  if (connection.authentication_method.empty() ||
      auth.properties.authentication_method != connection.authentication_method) {
    return reject(connection, {ReasonCode::protocol_error, "AUTH with a method that CONNECT had not"});
  }
  const bool begins = auth.reason_code == ReasonCode::re_authenticate;
  const bool is_in_turn =
      begins ? !connection.held_connect && !connection.exchange : connection.exchange.has_value();
  if (connection.being_authenticated || !is_in_turn) {
    SPEC("MQTT5-4.12.0-3");
    return reject(connection, {ReasonCode::protocol_error, "AUTH out of turn"});
  }
  if (authentications_ >= config_.authentications_max)
    return reject(connection, {ReasonCode::server_busy, "too many authentications"});
  Authenticate question;
  question.data = auth.properties.authentication_data.value_or("");
  ask(connection, std::move(question));
}

void Broker::State::send_auth(Connection& connection, ReasonCode reason_code, const codec::Bytes& data) {
  codec::Auth auth;
  auth.reason_code = reason_code;
  SPEC("MQTT5-4.12.0-5");
  auth.properties.authentication_method = connection.authentication_method;
  if (!data.empty()) auth.properties.authentication_data = data;
  send(connection, auth);
}

void Broker::State::reject(Connection& connection, const Refusal& refusal) {
  if (connection.session != nullptr) return fail(connection, refusal);
  if (connection.version == codec::ProtocolVersion::v5_0) return refuse(connection, refusal);
  log(Log::Level::info, Log::Area::connection, connection.peer + ": " + std::string(refusal.text));
  close(connection, Close::How::after_flush);  // 3.1.1 has no return code for it
}

// Whoever is not known any more is sent away; a certificate stays good. Sessions stay: their owners may come
// back.
void Broker::State::take(const Reload& input) {
  if (input.config) take_live(*input.config);
  if (!MUTANT(REL1_rules_not_reloaded))
    access_ = Access(input.access_lists.rules, config_.acl_allow_unmatched);
  users_ = input.access_lists.users;
  if (!users_ || refusing_ || MUTANT(REL2_strangers_stay)) return;
  std::vector<ConnectionId> strangers;
  for (const auto& [id, connection] : connections_) {
    if (connection->session == nullptr || is_known_by_certificate(*connection)) continue;
    const std::string& user_name = connection->session->user_name;
    const bool known = user_name.empty() ? config_.allow_anonymous : users_->contains(user_name);
    if (!known) strangers.push_back(id);
  }
  std::sort(strangers.begin(), strangers.end());
  for (const ConnectionId id : strangers) {
    // The end of one may have ended others: a will can reach a client that reads nothing.
    const auto found = connections_.find(id);
    if (found != connections_.end())
      fail(*found->second, ReasonCode::not_authorized, "its user name is not known any more");
  }
}

}  // namespace mqttvet::core
