#include "broker/core/outgoing.h"

#include <algorithm>
#include <iterator>

#include "broker/core/mutants.h"
#include "broker/core/spec.h"

namespace mqttvet::core {

using State = OutgoingRecord::State;

Outgoing::Outgoing(PacketId first, PacketId last) : next_packet_id_(first), last_packet_id_(last) {}

// --- Queue -------------------------------------------------------------------------------------------------

Outgoing::Iterator Outgoing::add(OutgoingRecord record, std::uint8_t priority) {
  record.key = next_key_++;
  record.position = next_position_++;
  return queue_.push({std::move(record), priority});
}

void Outgoing::restore(OutgoingRecord record, std::uint8_t priority) {
  next_key_ = std::max(next_key_, record.key + 1);
  next_position_ = std::max(next_position_, record.position + 1);
  if (record.state == State::queued) {
    queue_.push({std::move(record), priority});
    return;
  }
  List& list = record.state == State::sent ? sent_ : released_;
  list.push_back({std::move(record), priority});
  const Iterator message = std::prev(list.end());
  if (message->record.packet_id != 0) by_packet_id_[message->record.packet_id] = message;
}

// --- Window ------------------------------------------------------------------------------------------------

void Outgoing::open_window(std::size_t window, bool resend_all) {
  const std::int64_t quota_before = send_quota_;
  const bool returning = window_ != 0;
  connected_ = true;
  resend_all_ = resend_all;
  window_ = static_cast<std::int64_t>(window);
  for (OutgoingMessage& message : sent_) message.charged = false;
  for (OutgoingMessage& message : released_) message.charged = true;
  resend_ = sent_.begin();
  SPEC("MQTT5-4.9.0-1");
  send_quota_ = window_ - static_cast<std::int64_t>(released_.size());
  if (returning && quota_before < send_quota_ && MUTANT(B002_quota_not_reset)) send_quota_ = quota_before;
}

void Outgoing::close_window() {
  connected_ = false;
}

bool Outgoing::window_open() const {
  return connected_ && resend_ == sent_.end() && send_quota_ > 0;
}

std::optional<Outgoing::Iterator> Outgoing::next_to_resend() {
  if (!connected_ || resend_ == sent_.end()) return std::nullopt;
  if (!resend_all_ && send_quota_ <= 0) return std::nullopt;
  return resend_;
}

void Outgoing::mark_resent(Iterator message, Monotonic now) {
  if (message == resend_) ++resend_;
  message->charged = true;
  message->sent_at = now;
  --send_quota_;
}

// --- Packet identifiers ------------------------------------------------------------------------------------

std::optional<Outgoing::Iterator> Outgoing::find(PacketId packet_id) {
  const auto found = by_packet_id_.find(packet_id);
  if (found == by_packet_id_.end()) return std::nullopt;
  return found->second;
}

PacketId Outgoing::after(PacketId packet_id) const {
  if (packet_id < last_packet_id_) return static_cast<PacketId>(packet_id + 1);
  if (MUTANT(B016_pid_zero)) return 0;
  return 1;
}

PacketId Outgoing::free_packet_id() const {
  PacketId id = next_packet_id_;
  for (std::size_t tried = 0; tried <= last_packet_id_; ++tried, id = after(id)) {
    const auto user = by_packet_id_.find(id);
    if (user == by_packet_id_.end()) return id;
    SPEC("MQTT5-2.2.1-4");
    SPEC("MQTT311-2.3.1-4");
    if (MUTANT(B015_pid_collision_at_wrap)) return id;
    if (packet_ids_restarted_ && MUTANT(B017_allocator_restarts)) return id;
    if (user->second->record.state == State::released && MUTANT(E_A03_pubrec_frees_id)) return id;
  }
  return 0;
}

// --- Changes of state --------------------------------------------------------------------------------------

void Outgoing::mark_sent(Iterator queued, PacketId packet_id, Monotonic now) {
  queue_.move_to(sent_, queued);
  queued->record.state = State::sent;
  queued->record.packet_id = packet_id;
  queued->record.position = next_position_++;
  queued->charged = true;
  queued->sent_at = now;
  by_packet_id_[packet_id] = queued;
  next_packet_id_ = after(packet_id);
  SPEC("MQTT5-4.9.0-2");
  --send_quota_;
}

void Outgoing::mark_released(Iterator sent, Monotonic now) {
  if (sent == resend_) ++resend_;
  if (!sent->charged) --send_quota_;
  sent->record.state = State::released;
  sent->record.position = next_position_++;
  sent->charged = true;
  sent->sent_at = now;
  sent->released_at = now;
  released_.splice(released_.end(), sent_, sent);
  if (MUTANT(E_A05_window_counts_publish_only)) {
    sent->charged = false;
    ++send_quota_;
  }
}

void Outgoing::erase(Iterator message) {
  if (message->record.state == State::queued) return queue_.erase(message);
  forget(message);
  if (message == resend_) ++resend_;
  (message->record.state == State::sent ? sent_ : released_).erase(message);
}

// The exchange is over: its id and its place in the window are free again.
void Outgoing::forget(Iterator message) {
  const PacketId packet_id = message->record.packet_id;
  const auto found = by_packet_id_.find(packet_id);
  if (found != by_packet_id_.end() && found->second == message) by_packet_id_.erase(found);
  const bool has_new_owner = freed_before_ != packet_id && by_packet_id_.contains(freed_before_);
  if (has_new_owner && MUTANT(B019_id_freed_twice)) by_packet_id_.erase(freed_before_);
  freed_before_ = packet_id;
  if (!message->charged) return;
  if (message->record.state == State::released && MUTANT(B006_qos2_never_credits)) return;
  ++send_quota_;
}

// --- Invariants --------------------------------------------------------------------------------------------

void Outgoing::check(const std::string& client_id, std::vector<std::string>& failures) const {
  const auto fail = [&](const std::string& text) {
    failures.push_back("session " + client_id + ": " + text);
  };
  std::int64_t charged = 0;
  std::size_t named = 0;
  for (const List* list : {&sent_, &released_}) {
    for (const OutgoingMessage& message : *list) {
      charged += message.charged ? 1 : 0;
      const auto found = by_packet_id_.find(message.record.packet_id);
      const bool unique = found != by_packet_id_.end() && &*found->second == &message;
      if (!unique) fail("packet id " + std::to_string(message.record.packet_id) + " is not unique");
      if (message.record.packet_id == 0) fail("an unfinished exchange without packet id");
      if (message.record.state != (list == &sent_ ? State::sent : State::released))
        fail("a message in a wrong list");
      ++named;
    }
  }
  if (named != by_packet_id_.size())
    fail("packet ids in use: " + std::to_string(by_packet_id_.size()) +
         ", exchanges: " + std::to_string(named));
  queue_.check("session " + client_id + ": ", failures);
  std::vector<const List*> lists = queue_.lists();
  lists.insert(lists.end(), {&sent_, &released_});
  for (const List* list : lists) {
    const auto later = [](const OutgoingMessage& a, const OutgoingMessage& b) {
      return a.record.position >= b.record.position;
    };
    if (std::adjacent_find(list->begin(), list->end(), later) != list->end()) fail("positions out of order");
  }
  if (!connected_) return;
  if (send_quota_ != window_ - charged) {
    fail("send quota " + std::to_string(send_quota_) + ", window " + std::to_string(window_) + ", charged " +
         std::to_string(charged));
  }
  // Exchanges that were released, or that the client released without having been asked again, may be more.
  const auto is_charged = [](const OutgoingMessage& message) { return message.charged; };
  if (!resend_all_ && std::count_if(sent_.begin(), sent_.end(), is_charged) > window_) {
    fail("more in flight than the window allows");
  }
  for (auto message = sent_.begin(); message != sent_.end(); ++message) {
    if (!message->charged) break;
    if (message == List::const_iterator(resend_))
      fail("a resent message behind the first that is to be resent");
  }
}

}  // namespace mqttvet::core
