// The parts of planted bugs (mutants.inc) that need more than a line. Nothing here is called unless a mutant
// is on.
#include "broker/codec/topic.h"
#include "broker/core/state.h"

namespace mqttvet::core {

// --- Work put off, and the end ---

void Broker::State::plant_later(std::function<void()> work) {
  planted_.later.push_back(std::move(work));
}

// What was put off before this step is done now. A broker that has crashed sends nothing of this step, and
// serves nobody any more.
void Broker::State::end_planted_step(std::size_t late) {
  std::vector<std::function<void()>> due(planted_.later.begin(),
                                         planted_.later.begin() + static_cast<std::ptrdiff_t>(late));
  planted_.later.erase(planted_.later.begin(), planted_.later.begin() + static_cast<std::ptrdiff_t>(late));
  for (const auto& work : due)
    if (!refusing_) work();
  if (!planted_.crashed) return;
  planted_.crashed = false;
  actions_->clear();
  take(Persisted{latest_, false});
}

void Broker::State::plant_crash() {
  planted_.crashed = true;
}

// --- One by one ---

// B098
void Broker::State::plant_lost_qos0_subscriptions(Session& session) {
  for (auto next = session.subscriptions.begin(); next != session.subscriptions.end();) {
    const auto subscription = next++;
    if (subscription->second.options.maximum_qos != QoS::at_most_once) continue;
    unsubscribe_from(session, std::string(subscription->first));
  }
}

// B073: seconds in 32 bits.
void Broker::State::plant_wrapped_end(Session& session) {
  const auto now = std::chrono::floor<std::chrono::seconds>(now_.monotonic.time_since_epoch());
  const auto end = static_cast<std::uint32_t>((now + session.expiry_interval).count());
  session.ends_at = Monotonic(std::chrono::seconds(end));
}

// B083
void Broker::State::plant_retained_messages(Session& session) {
  for (const auto& [topic_filter, subscription] : session.subscriptions) {
    if (!is_shared(topic_filter)) send_retained(session, topic_filter);
  }
}

// B089: each delivery is cut down to the lowest QoS that an earlier one had.
void Broker::State::plant_lower_qos() {
  QoS lowest = QoS::exactly_once;
  for (Delivery& delivery : deliveries_)
    delivery.maximum_qos = lowest = std::min(lowest, delivery.maximum_qos);
}

// B064
void Broker::State::plant_stored_will(Session& session, const codec::Will& will) {
  session.will = will;
  put(session);
  session.will.reset();
}

// B078
void RetainedMessages::plant_match_of_dollar(std::string_view topic_filter,
                                             std::vector<MessagePtr>& messages) const {
  const std::string below = "x/" + std::string(topic_filter);
  for (const auto& [topic_name, entry] : by_topic_)
    if (codec::matches(below, "x/" + topic_name)) messages.push_back(entry.message);
}

// B099
void Broker::State::plant_drop(Session& session, const std::string& topic_filter) {
  for (Outgoing::List* list : {&session.outgoing.sent(), &session.outgoing.released()}) {
    for (auto next = list->begin(); next != list->end();) {
      const auto message = next++;
      if (codec::matches(topic_filter, message->record.message->topic_name)) drop(session, message);
    }
  }
}

// B016: the encoder doesn't write a packet id of 0, so 1 was written.
void Broker::State::plant_packet_id_zero(codec::Bytes& publish) {
  std::size_t at = 1;
  while ((publish[at++] & 0x80) != 0) {  // Remaining Length
  }
  const std::size_t topic_bytes =
      static_cast<unsigned char>(publish[at]) << 8 | static_cast<unsigned char>(publish[at + 1]);
  publish[at + 2 + topic_bytes + 1] = '\0';
}

// B004
void Broker::State::plant_charge_of_the_other_side(Connection& connection) {
  Outgoing& outgoing = connection.session->outgoing;
  connection.unreleased_count += static_cast<std::uint32_t>(outgoing.unfinished_count());
  outgoing.skew_send_quota(static_cast<int>(outgoing.unfinished_count()));
}

// B029
void Broker::State::plant_late_incoming(Connection& connection, codec::Publish& publish_packet) {
  Session& session = *connection.session;
  const PacketId packet_id = publish_packet.packet_id;
  publish(make_message(session, publish_packet));
  send(connection, codec::Pubrec{packet_id, codec::ReasonCode::success, {}});
  planted_.at_persisted.push_back([this, packet_id, client_id = session.client_id, id = connection.id] {
    Session* receiver = find_session(client_id);
    if (receiver == nullptr) return;
    receiver->incoming[packet_id].counted_on = id;
    if (receiver->connection != nullptr && receiver->connection->id == id)
      ++receiver->connection->unreleased_count;
    if (receiver->is_persistent()) persist(PutIncoming{client_id, packet_id});
  });
}

// B042
void Broker::State::plant_reverse_packets(Connection& connection) {
  std::vector<codec::ClientPacket> packets;
  std::optional<codec::DecodeError> error;
  for (;;) {
    auto next = connection.decoder.next();
    if (std::holds_alternative<codec::NeedMoreBytes>(next)) break;
    if (auto* found = std::get_if<codec::DecodeError>(&next)) {
      error = std::move(*found);
      break;
    }
    packets.push_back(std::move(std::get<codec::ClientPacket>(next)));
  }
  if (!packets.empty()) connection.last_packet_at = now_.monotonic;
  for (auto packet = packets.rbegin(); packet != packets.rend() && connection.open; ++packet)
    std::visit([&](auto& one) { handle(connection, one); }, *packet);
  if (error && connection.open) handle_decode_error(connection, *error);
}

// B046: it stays, subscribed, until its client id is used again.
void Broker::State::plant_stuck_session(Session& session) {
  publish_will(session);
  session.disconnected_at = now_.wall;
}

// B049, B051: what is there now decides later.
void Broker::State::plant_look_up(const Connection& connection, const std::string& client_id) {
  const Session* session = find_session(client_id);
  if (session != nullptr) planted_.saw_session.insert(connection.id);
  if (session != nullptr && session->connection != nullptr) planted_.saw_owner.insert(connection.id);
}

// B046, B049, B052, B053, E_D05: whether CONNECT ends here.
bool Broker::State::plant_wedge(Connection& connection, const codec::Connect& connect) {
  if (planted_.dead_clients.contains(connect.client_id) && MUTANT(B052_dead_client_registered)) return true;
  Session* session = find_session(connect.client_id);
  if (session == nullptr) {
    if (!planted_.saw_session.contains(connection.id) || !MUTANT(B049_takeover_target_dies)) return false;
    close(connection, Close::How::at_once);
    return true;
  }
  if (session->connection == nullptr) {
    if (!session->is_persistent() && MUTANT(B046_queue_for_clean_client)) end_session(*session);
    return false;
  }
  if (session->connection->unreleased_count != 0 && MUTANT(B053_takeover_wedge)) {
    timers_.cancel(connection.timer);
    return true;
  }
  if (!session->is_persistent() && !connect.clean_start && MUTANT(E_D05_clean_session_inherited))
    session->expiry_interval = std::chrono::seconds(1);
  return false;
}

// B054
void Broker::State::plant_unregister(Session& session) {
  for (const auto& [topic_filter, subscription] : session.subscriptions) leave_tree(session, topic_filter);
}

// B061
void Broker::State::plant_will(const codec::Connect& connect) {
  auto message = std::make_shared<Message>();
  message->id = MessageId{++last_message_id_};
  message->publisher = connect.client_id;
  message->qos = connect.will->qos;
  message->retain = connect.will->retain;
  message->topic_name = connect.will->topic_name;
  message->payload = connect.will->payload;
  publish(message);
}

// B075: timers that follow the wall clock. A jump forward is time that has passed, a jump back gives time.
void Broker::State::plant_wall_clock() {
  const auto lead = now_.wall.time_since_epoch() - now_.monotonic.time_since_epoch();
  const auto jump = lead - planted_.wall_lead.value_or(lead);
  planted_.wall_lead = lead;
  if (std::chrono::abs(jump) < std::chrono::seconds(2)) return;
  for (const ConnectionId id : sorted_connections()) {
    Connection& connection = *connections_.at(id);
    if (connection.session == nullptr || connection.keep_alive.count() == 0) continue;
    connection.last_packet_at -= jump;
    timers_.cancel(connection.timer);
    timers_.arm(connection.timer, connection.last_moment() + Monotonic::duration(1));
  }
  for (const auto& [client_id, session] : sessions_) {
    if (!session->ends_at || session->connection != nullptr) continue;
    *session->ends_at -= jump;
    timers_.cancel(session->timer);
    arm(*session);
  }
}

// B090: filters are kept without what makes them shared.
void Broker::State::plant_unsubscribe_twin(Session& session, std::string_view topic_filter) {
  const auto bare = [this](std::string_view filter) {
    return is_shared(filter) ? *shared_part(filter) : filter;
  };
  for (const auto& [other, subscription] : session.subscriptions) {
    if (bare(other) != bare(topic_filter)) continue;
    const std::string twin = other;
    leave_tree(session, twin);
    session.subscriptions.erase(twin);
    if (session.is_persistent()) persist(DeleteSubscription{session.client_id, twin});
    return;
  }
}

// B093
void Broker::State::plant_stored_clean_session(const Session& session) {
  SessionRecord record;
  record.client_id = session.client_id;
  record.version = session.version;
  record.session_expiry_interval = codec::kNeverExpires;
  record.user_name = session.user_name;
  persist(PutSession{std::move(record)});
}

// B126: whoever is there when the collector comes by has been found dead.
void Broker::State::plant_late_reap(Session& session) {
  session.ends_at.reset();
  plant_later([this, client_id = session.client_id] {
    Session* found = find_session(client_id);
    if (found == nullptr) return;
    if (found->connection == nullptr) return end_session(*found);
    if (found->is_persistent()) persist(DeleteSession{client_id});
    found->expiry_interval = {};
    close(*found->connection, Close::How::at_once);
  });
}

// E_D07: the rows that the older connection's session had, by client id.
void Broker::State::plant_lost_subscriptions(const std::string& client_id) {
  Session* session = find_session(client_id);
  if (session == nullptr) return;
  for (const auto& [topic_filter, subscription] : session->subscriptions) leave_tree(*session, topic_filter);
}

// E_F01: a client that was refused publishes and pings all the same.
void Broker::State::plant_handle_refused(Connection& connection, const codec::ClientPacket& packet) {
  if (std::holds_alternative<codec::Pingreq>(packet)) {
    send(connection, codec::Pingresp{});
  } else if (const auto* publish_packet = std::get_if<codec::Publish>(&packet)) {
    auto message = std::make_shared<Message>();
    message->id = MessageId{++last_message_id_};
    message->publisher = connection.peer;
    message->qos = publish_packet->qos;
    message->topic_name = publish_packet->topic_name;
    message->payload = publish_packet->payload;
    publish(message);
    if (publish_packet->qos == QoS::at_least_once)
      send(connection, codec::Puback{publish_packet->packet_id, codec::ReasonCode::success, {}});
  }
}

// B037: what the older connection still sends is done, in the session that is another's now.
void Broker::State::plant_stale_connection(Connection& older) {
  Session& session = *older.session;
  if (older.version == codec::ProtocolVersion::v5_0)
    send(older, codec::Disconnect{codec::ReasonCode::session_taken_over, {}});
  actions_->emplace_back(Close{older.id, Close::How::after_flush});
  for (Timer* timer : {&older.timer, &older.retry_timer, &older.await_rel_timer}) timers_.cancel(*timer);
  planted_.stale.insert(older.id);
  go_offline(session, WillFate::publish);
}

void Broker::State::plant_end_of_stale(const Session& session) {
  for (const ConnectionId id : sorted_connections()) {
    if (!planted_.stale.contains(id) || connections_.at(id)->session != &session) continue;
    planted_.stale.erase(id);
    connections_.at(id)->open = false;
    closed_.push_back(std::move(connections_.at(id)));
    connections_.erase(id);
  }
}

// B043: what is to be resent is loaded one step late.
void Broker::State::plant_late_resend(Session& session) {
  std::vector<PacketId> packet_ids = session.outgoing.plant_skip_resend();
  plant_later([this, packet_ids = std::move(packet_ids), client_id = session.client_id] {
    Session* found = find_session(client_id);
    if (found == nullptr || found->connection == nullptr) return;
    for (const PacketId packet_id : packet_ids) {
      const auto message = found->outgoing.find(packet_id);
      if (message && !(*message)->charged) resend(*found, *message);
    }
    pump(*found);
  });
}

std::vector<PacketId> Outgoing::plant_skip_resend() {
  std::vector<PacketId> packet_ids;
  for (; resend_ != sent_.end(); ++resend_) packet_ids.push_back(resend_->record.packet_id);
  return packet_ids;
}

// B039
void Outgoing::plant_first_to_back() {
  queue_.plant_first_to_back(next_position_++);
}

void MessageQueue::plant_first_to_back(std::uint64_t position) {
  List& list = normal_.lasting;
  if (list.size() < 2) return;
  list.splice(list.end(), list, list.begin());
  list.back().record.position = position;
}

// E_B06: of topics with one priority, those with an odd sum of characters go first.
std::uint8_t Broker::State::plant_priority_by_hash(std::uint8_t priority, std::string_view topic_name) {
  int sum = 0;
  for (const char c : topic_name) sum += c;
  return static_cast<std::uint8_t>(2 * (priority % 100) + sum % 2);
}

// B018
void Outgoing::plant_new_packet_id(Iterator sent) {
  const PacketId fresh = free_packet_id();
  if (fresh == 0) return;
  by_packet_id_.erase(sent->record.packet_id);
  sent->record.packet_id = fresh;
  by_packet_id_[fresh] = sent;
  next_packet_id_ = after(fresh);
}

// B017
void Outgoing::plant_restart_of_packet_ids() {
  next_packet_id_ = 1;
  packet_ids_restarted_ = true;
}

// E_B03
void Outgoing::plant_hash_order() {
  const auto hash = [](const OutgoingMessage& message) { return message.record.packet_id * 40503u % 65536u; };
  released_.sort([&](const OutgoingMessage& a, const OutgoingMessage& b) { return hash(a) < hash(b); });
  renumber(released_);
}

// E_B04
void Outgoing::plant_reverse_order() {
  sent_.reverse();
  renumber(sent_);
  resend_ = sent_.begin();
}

void Outgoing::renumber(List& list) {
  for (OutgoingMessage& message : list) message.record.position = next_position_++;
}

}  // namespace mqttvet::core
