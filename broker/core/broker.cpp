#include "broker/core/broker.h"

#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

using codec::ReasonCode;

namespace {

// A second CONNECT does not either; it has a check of its own.
bool may_precede_connack(const codec::ClientPacket& packet) {
  return std::holds_alternative<codec::Auth>(packet) || std::holds_alternative<codec::Disconnect>(packet) ||
         std::holds_alternative<codec::Connect>(packet);
}

}  // namespace

Broker::Broker(Config config, std::uint64_t seed, Snapshot restored, Now now)
    : state_(std::make_unique<State>(std::move(config), seed, std::move(restored), now)) {}
Broker::~Broker() = default;
Broker::Broker(Broker&&) noexcept = default;
Broker& Broker::operator=(Broker&&) noexcept = default;

void Broker::step(const Input& input, Now now, Actions& actions) {
  state_->step(input, now, actions);
}
std::optional<Monotonic> Broker::next_deadline() const {
  return state_->next_deadline();
}
std::vector<std::string> Broker::check_invariants() const {
  return state_->check_invariants();
}
Resources Broker::resources() const {
  return state_->resources();
}
const Counters& Broker::counters() const {
  return state_->counters();
}

// --- The step ----------------------------------------------------------------------------------------------

// What is due comes before what arrives: a session that has expired is not resumed because its Tick was late.
void Broker::State::step(const Input& input, Now now, Actions& actions) {
  now_ = now;
  actions_ = &actions;
  for (Record& record : unsaved_) persist(std::move(record));
  unsaved_.clear();
  const std::size_t late = planted_.later.size();
  if (MUTANT(B075_wall_clock_jump)) plant_wall_clock();
  if (!refusing_) run_timers();
  std::visit([this](const auto& alternative) { take(alternative); }, input);
  if (late != 0 || planted_.crashed) end_planted_step(late);
  publish_alarms();
  closed_.clear();
  actions_ = nullptr;
}

std::optional<Monotonic> Broker::State::next_deadline() const {
  if (refusing_) return std::nullopt;
  return timers_.next();
}

void Broker::State::take(const Opened& input) {
  if (refusing_) {
    actions_->emplace_back(Close{input.connection, Close::How::at_once});
    return;
  }
  auto connection = std::make_unique<Connection>(
      input, std::min(config_.maximum_packet_size_bytes, input.limits.packet_size_bytes_max));
  connection->last_packet_at = now_.monotonic;
  if (input.limits.connect_by) {
    timers_.arm(connection->timer, *input.limits.connect_by);
  } else if (config_.connect_timeout.count() > 0) {
    timers_.arm(connection->timer, now_.monotonic + config_.connect_timeout);
  }
  connections_.emplace(input.connection, std::move(connection));
}

void Broker::State::take(const Received& input) {
  const auto found = connections_.find(input.connection);
  if (found == connections_.end()) return;  // we have closed it
  Connection& connection = *found->second;
  counters_.received_bytes += input.bytes.size();
  connection.decoder.append(input.bytes);
  if (connection.session != nullptr && MUTANT(B042_reverse_frame)) return plant_reverse_packets(connection);
  if (connection.session == nullptr && connection.timer.at && MUTANT(E_F05_one_byte_disarms))
    timers_.cancel(connection.timer);
  handle_packets(connection);
  connection.decoder.rest();
}

// While it is being found out who the client is, its packets wait: it need not wait for CONNACK before it
// sends more. What may wait is bounded by the greatest packet.
void Broker::State::handle_packets(Connection& connection) {
  while (connection.open) {
    if (connection.held_connect && connection.being_authenticated) {
      if (connection.decoder.pending_bytes() <= connection.maximum_packet_size_bytes) return;
      return reject(connection, {ReasonCode::quota_exceeded, "too much behind CONNECT"});
    }
    auto next = connection.decoder.next();
    if (std::holds_alternative<codec::NeedMoreBytes>(next)) return;
    if (const auto* error = std::get_if<codec::DecodeError>(&next))
      return handle_decode_error(connection, *error);
    connection.last_packet_at = now_.monotonic;
    auto& packet = std::get<codec::ClientPacket>(next);
    if (!planted_.refused.empty() && planted_.refused.contains(connection.id)) {
      plant_handle_refused(connection, packet);
      continue;
    }
    if (connection.held_connect && !may_precede_connack(packet)) {
      SPEC("MQTT5-3.1.2-30");
      return reject(connection, {ReasonCode::protocol_error, "not AUTH while it is being authenticated"});
    }
    std::visit([&](auto& one) { handle(connection, one); }, packet);
    if (connection.open && reads_nothing(connection)) {
      log(Log::Level::warning, Log::Area::connection, connection.peer + ": sends, and reads nothing");
      return close(connection, Close::How::at_once);
    }
  }
}

// Messages stop at the limit of the write queue, one of them may lie across it; only answers go on. A client
// that makes us hold more of them than this is not going to read them.
bool Broker::State::reads_nothing(const Connection& connection) const {
  return connection.unwritten_bytes >
         config_.write_queue_bytes_max + 2 * std::size_t{config_.maximum_packet_size_bytes};
}

void Broker::State::take(const Written& input) {
  const auto found = connections_.find(input.connection);
  if (found == connections_.end()) return;
  Connection& connection = *found->second;
  connection.unwritten_bytes -= std::min(input.bytes, connection.unwritten_bytes);
  if (!connection.congested || is_congested(connection)) return;
  if (connection.session != nullptr) pump(*connection.session);
}

void Broker::State::take(const Closed& input) {
  const auto found = connections_.find(input.connection);
  if (found != connections_.end()) return end_connection(*found->second, WillFate::publish);
  const auto taken_over = planted_.taken_over.find(input.connection);
  if (taken_over != planted_.taken_over.end()) plant_lost_subscriptions(taken_over->second);
}

void Broker::State::take(const Persisted& input) {
  for (const auto& work : std::exchange(planted_.at_persisted, {})) work();
  if (input.ok || refusing_) return;
  log(Log::Level::error, Log::Area::broker, "the disk has failed: the broker stops");
  refusing_ = true;
  for (const ConnectionId id : sorted_connections()) {
    actions_->emplace_back(Close{id, Close::How::at_once});
    Connection& connection = *connections_.at(id);
    timers_.cancel(connection.timer);
    timers_.cancel(connection.retry_timer);
    timers_.cancel(connection.await_rel_timer);
    if (connection.session != nullptr) detach(*connection.session);
    connections_.erase(id);
  }
}

std::vector<ConnectionId> Broker::State::sorted_connections() const {
  std::vector<ConnectionId> ids;
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

void Broker::State::take(const PeerMessage&) {}  // the cluster's place

void Broker::State::take(const Tick&) {}  // every step runs what is due

// Sessions that persist are stored with their wills: these are published after the restart, unless their
// clients come back in time (section 3.1.2.5 permits to defer them). The wills of other sessions are lost
// with the sessions.
void Broker::State::take(const Stop&) {
  refusing_ = true;
  for (const ConnectionId id : sorted_connections()) {
    Connection& connection = *connections_.at(id);
    Session* session = connection.session;
    if (session != nullptr && connection.version == codec::ProtocolVersion::v5_0) {
      send(connection, codec::Disconnect{codec::ReasonCode::server_shutting_down, {}});
    }
    actions_->emplace_back(Close{id, Close::How::after_flush});
    if (session != nullptr) {
      detach(*session);
      session->disconnected_at = now_.wall;
      if (session->is_persistent()) put(*session);
    }
    timers_.cancel(connection.timer);
    timers_.cancel(connection.retry_timer);
    timers_.cancel(connection.await_rel_timer);
    connections_.erase(id);
  }
  hand_over_at_stop();
}

// --- Timers ------------------------------------------------------------------------------------------------

void Broker::State::run_timers() {
  while (const Timer* timer = timers_.take_due(now_.monotonic)) fire(*timer);
}

void Broker::State::fire(const Timer& timer) {
  switch (timer.purpose) {
    case Timer::Purpose::connection:
      return handle_keep_alive(*timer.connection);
    case Timer::Purpose::retry:
      return retry(*timer.connection);
    case Timer::Purpose::session:
      return fire(*timer.session);
    case Timer::Purpose::retained:
      return drop_expired_retained();
    case Timer::Purpose::await_rel:
      return end_await_rel(*timer.connection);
    case Timer::Purpose::sys:
      return publish_figures();
  }
}

// The timer is not moved with every packet; it looks at the time of the last one when it is due.
void Broker::State::handle_keep_alive(Connection& connection) {
  if (connection.session == nullptr) {
    log(Log::Level::info, Log::Area::connection, connection.peer + ": no CONNECT in time");
    return close(connection, Close::How::at_once);
  }
  Monotonic last_moment = connection.last_moment();
  if (MUTANT(B077_keepalive_early)) last_moment -= Monotonic::duration(connection.keep_alive) / 2;
  if (MUTANT(B076_keepalive_first_interval)) last_moment += Monotonic::duration(connection.keep_alive);
  if (now_.monotonic <= last_moment) {
    timers_.arm(connection.timer, last_moment + Monotonic::duration(1));
    return;
  }
  SPEC("MQTT5-3.1.2-22");
  SPEC("MQTT311-3.1.2-24");
  fail(connection, codec::ReasonCode::keep_alive_timeout, "silent for too long for its keep alive");
}

// --- Bytes that are no packets -----------------------------------------------------------------------------

void Broker::State::handle_decode_error(Connection& connection, const codec::DecodeError& error) {
  if (error.text.ends_with("is only sent by servers") && MUTANT(B108_server_only_packet)) plant_crash();
  if (connection.session != nullptr) {
    SPEC("MQTT5-4.13.1-1");
    SPEC("MQTT311-4.8.0-1");
    return fail(connection, error.reason_code, error.text);
  }
  if (error.answer_unsupported_version && !MUTANT(E_F06_unknown_level_unanswered)) {
    SPEC("MQTT311-3.1.2-2");
    SPEC("MQTT5-3.1.2-2");
    connection.version = error.version.value_or(codec::ProtocolVersion::v3_1_1);
    return refuse(connection, {codec::ReasonCode::unsupported_protocol_version, error.text});
  }
  if (error.version == codec::ProtocolVersion::v5_0) {
    connection.version = codec::ProtocolVersion::v5_0;
    return refuse(connection, {error.reason_code, error.text});
  }
  SPEC("MQTT311-3.1.4-1");
  log(Log::Level::info, Log::Area::connection, connection.peer + ": " + error.text);
  close(connection, Close::How::at_once);
}

}  // namespace mqttvet::core
