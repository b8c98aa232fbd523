#include "fuzz/broker_world.h"

#include <algorithm>
#include <utility>

#include "fuzz/require.h"

namespace mqttvet::fuzz {

using namespace std::chrono_literals;

// A long sleep with a short timer has no more Ticks than this; then the rest of it is one late Tick.
constexpr int kTicksMax = 50;

BrokerWorld::BrokerWorld(core::Config config, Habits habits)
    : config_(std::move(config)),
      habits_(habits),
      broker_(std::make_unique<core::Broker>(config_, 7, core::Snapshot{}, now_)) {}

// --- The step ----------------------------------------------------------------------------------------------

void BrokerWorld::step(const core::Input& input) {
  core::Actions actions;
  broker_->step(input, now_, actions);
  unpersisted_.emplace_back();
  for (core::Action& action : actions) std::visit([this](auto& one) { take(one); }, action);
  if (unpersisted_.back().records.empty()) unpersisted_.pop_back();
  // Not sooner: what was due before it closed may have been sent to it.
  if (const auto* closed = std::get_if<core::Closed>(&input))
    std::erase_if(peers_, [&](const auto& entry) { return entry.second.id == closed->connection; });
  check();
  if (habits_.persists && !unpersisted_.empty() && !ended_) persist(unpersisted_.size());
  if (habits_.authenticates && !questions_.empty())
    answer_authenticate(codec::ReasonCode::success, questions_.front().user_name);
  if (!habits_.writes) return;
  for (std::size_t which = 0; which < kConnections; ++which) written(which, SIZE_MAX);
}

void BrokerWorld::take(core::Send& send) {
  Peer& peer = find(send.connection);
  require(!peer.closed_by_broker, "Send after Close");
  require(static_cast<std::uint64_t>(send.after) <= last_record_, "Send waits for a record that comes later");
  std::string bytes = std::move(send.head);
  if (send.payload) bytes += *send.payload;
  peer.unwritten += bytes.size();
  peer.view.receives(bytes);
}

void BrokerWorld::take(const core::Close& close) {
  Peer& peer = find(close.connection);
  require(!std::exchange(peer.closed_by_broker, true), "closed twice");
}

void BrokerWorld::take(core::Persist& persist) {
  require(static_cast<std::uint64_t>(persist.sequence) == ++last_record_, "records out of sequence");
  Batch& batch = unpersisted_.back();
  batch.up_to = persist.sequence;
  batch.records.push_back(std::move(persist.record));
}

void BrokerWorld::take(const core::Throttle& throttle) {
  require(!find(throttle.connection).closed_by_broker, "Throttle after Close");
  require(throttle.until > now_.monotonic, "Throttle until a time that has passed");
}

void BrokerWorld::take(const core::Authenticate& question) {
  const Peer& peer = find(question.connection);
  require(!peer.closed_by_broker, "Authenticate after Close");
  for (const core::Authenticate& other : questions_)
    require(other.connection != question.connection, "two questions about one connection");
  require(question.exchange.empty() || question.exchange == peer.exchange, "not what the step before left");
  questions_.push_back(question);
  require(questions_.size() <= config_.authentications_max, "more authentications than allowed");
}

BrokerWorld::Peer& BrokerWorld::find(core::ConnectionId id) {
  for (auto& [which, peer] : peers_)
    if (peer.id == id) return peer;
  fail("an action names a connection that is gone");
}

void BrokerWorld::check() {
  for (const std::string& line : broker_->check_invariants()) fail(line);
  if (!store_.broken().empty()) fail(store_.broken());
}

// --- Connections -------------------------------------------------------------------------------------------

void BrokerWorld::open(std::size_t which, core::ConnectionLimits limits,
                       std::optional<std::string> certificate_name) {
  close(which);
  const core::ConnectionId id{++last_connection_};
  peers_[which].id = id;
  step(core::Opened{.connection = id,
                    .peer = "peer" + std::to_string(last_connection_),
                    .certificate_name = std::move(certificate_name),
                    .limits = limits});
}

void BrokerWorld::send(std::size_t which, const std::string& bytes) {
  const auto found = peers_.find(which);
  if (found == peers_.end() || found->second.closed_by_broker) return;
  Peer& peer = found->second;
  const std::string all = std::exchange(peer.held_back, {}) + bytes;
  peer.view.sends(all);
  step(core::Received{peer.id, all});
}

void BrokerWorld::hold_back(std::size_t which, const std::string& bytes) {
  if (const auto found = peers_.find(which); found != peers_.end()) found->second.held_back += bytes;
}

void BrokerWorld::written(std::size_t which, std::size_t bytes) {
  const auto found = peers_.find(which);
  if (found == peers_.end() || found->second.unwritten == 0) return;
  const std::size_t count = std::min(bytes, found->second.unwritten);
  found->second.unwritten -= count;
  step(core::Written{found->second.id, count});
}

void BrokerWorld::close(std::size_t which) {
  const auto found = peers_.find(which);
  if (found == peers_.end()) return;
  step(core::Closed{found->second.id});
}

ClientView* BrokerWorld::view(std::size_t which) {
  const auto found = peers_.find(which);
  return found == peers_.end() ? nullptr : &found->second.view;
}

// --- Who the clients are -----------------------------------------------------------------------------------

void BrokerWorld::answer_authenticate(codec::ReasonCode reason_code, std::string user_name) {
  if (questions_.empty()) return;
  const core::Authenticate question = std::move(questions_.front());
  questions_.pop_front();
  const bool goes_on = reason_code == codec::ReasonCode::continue_authentication;
  if (goes_on && question.method.empty()) reason_code = codec::ReasonCode::bad_user_name_or_password;
  core::Authenticated answer{.connection = question.connection, .reason_code = reason_code};
  if (reason_code == codec::ReasonCode::success) answer.user_name = std::move(user_name);
  if (!question.method.empty()) answer.data = "data";
  if (goes_on) answer.exchange = "step" + std::to_string(question.exchange.size());
  for (auto& [which, peer] : peers_)
    if (peer.id == question.connection) peer.exchange = answer.exchange;
  step(answer);
}

void BrokerWorld::reload(core::AccessLists access_lists) {
  config_.access_lists = access_lists;
  step(core::Reload{std::move(access_lists)});
}

// --- Disk --------------------------------------------------------------------------------------------------

void BrokerWorld::persist(std::size_t steps) {
  steps = std::min(steps, unpersisted_.size());
  if (steps == 0 || ended_) return;
  const core::RecordSequence up_to = unpersisted_[steps - 1].up_to;
  for (; steps > 0; --steps) {
    for (const core::Record& record : unpersisted_.front().records) store_.apply(record);
    unpersisted_.pop_front();
  }
  step(core::Persisted{up_to, true});
}

void BrokerWorld::fail_disk() {
  if (unpersisted_.empty() || ended_) return;
  const core::RecordSequence up_to = unpersisted_.back().up_to;
  ended_ = true;
  step(core::Persisted{up_to, false});
  unpersisted_.clear();
}

// --- Time --------------------------------------------------------------------------------------------------

void BrokerWorld::tick() {
  step(core::Tick{});
  const auto next = broker_->next_deadline();
  require(!next || *next > now_.monotonic, "a Tick leaves something that is due");
}

void BrokerWorld::advance(std::chrono::nanoseconds time, bool ticks_late) {
  const core::Monotonic end = now_.monotonic + time;
  const auto move_to = [this](core::Monotonic at) {
    now_.wall += at - now_.monotonic;
    now_.monotonic = at;
  };
  for (int ticks = 0; ticks < kTicksMax && !ticks_late; ++ticks) {
    const auto next = broker_->next_deadline();
    if (!next || *next > end) break;
    move_to(std::max(*next, now_.monotonic));
    tick();
  }
  move_to(end);
  tick();
}

// --- The process -------------------------------------------------------------------------------------------

void BrokerWorld::stop() {
  step(core::Stop{});
  persist(unpersisted_.size());
  ended_ = true;
}

void BrokerWorld::crash(std::chrono::nanoseconds down) {
  peers_.clear();
  unpersisted_.clear();
  questions_.clear();
  ended_ = false;
  last_record_ = 0;
  now_.wall += down;
  now_.monotonic += down;
  broker_ = std::make_unique<core::Broker>(config_, 7, store_.load(), now_);
  check();
}

void BrokerWorld::hear_peer(const std::string& bytes) {
  step(core::PeerMessage{1, bytes});
}

void BrokerWorld::redirect(core::Redirect redirect) {
  step(core::RedirectClients{redirect, "other"});
}

// --- The end -----------------------------------------------------------------------------------------------

void BrokerWorld::finish(std::chrono::hours longest_life) {
  if (ended_) crash(0s);
  for (std::size_t which = 0; which < kConnections; ++which) close(which);
  while (!questions_.empty()) answer_authenticate(codec::ReasonCode::success, "user0");
  advance(longest_life, /*ticks_late=*/true);
  persist(unpersisted_.size());
  const core::Resources left = broker_->resources();
  require(left.connections == 0, "connections are left at the end");
  require(left.sessions == 0, "sessions are left at the end");
  require(left.subscriptions == 0, "subscriptions are left at the end");
  require(left.filter_nodes == 0, "nodes of the subscription tree are left at the end");
  require(left.queued_messages == 0, "queued messages are left at the end");
  require(left.inflight_messages == 0, "messages in flight are left at the end");
  require(left.incoming_packet_ids == 0, "incoming packet identifiers are left at the end");
  require(left.authentications == 0, "authentications are left at the end");
  require(left.wills == 0, "wills are left at the end");
  const core::Snapshot stored = store_.load();
  require(stored.sessions.empty(), "sessions are left on disk at the end");
}

}  // namespace mqttvet::fuzz
