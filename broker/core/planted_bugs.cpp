// The parts of planted bugs (mutants.inc) that need more than a line. Nothing here is called unless a mutant
// is on.
#include "broker/codec/topic.h"
#include "broker/core/state.h"

namespace mqttvet::core {

// B094: the subscriptions of earlier steps take effect now.
void Broker::State::plant_late_subscriptions(std::size_t count) {
  const auto end = late_subscriptions_.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto late = late_subscriptions_.begin(); late != end; ++late) {
    Session* session = find_session(late->first);
    if (session == nullptr) continue;
    add_subscription(*session, late->second);
    if (session->is_persistent()) persist(PutSubscription{session->client_id, late->second});
  }
  late_subscriptions_.erase(late_subscriptions_.begin(), end);
}

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
