#include "broker/core/message_queue.h"

#include <algorithm>
#include <iterator>

namespace mqttvet::core {

MessageQueue::Level& MessageQueue::level_of(const OutgoingMessage& message) {
  return message.priority == 0 ? normal_ : raised_[message.priority];
}

MessageQueue::List& MessageQueue::list_of(const OutgoingMessage& message) {
  Level& level = level_of(message);
  return message.record.qos == QoS::at_most_once ? level.qos0 : level.lasting;
}

MessageQueue::Iterator MessageQueue::push(OutgoingMessage message) {
  List& list = list_of(message);
  list.push_back(std::move(message));
  count(list.back(), 1);
  return std::prev(list.end());
}

void MessageQueue::move_to(List& destination, Iterator message) {
  destination.splice(destination.end(), list_of(*message), message);
  count(*message, -1);
}

void MessageQueue::erase(Iterator message) {
  List gone;
  move_to(gone, message);
}

void MessageQueue::count(const OutgoingMessage& message, int change) {
  const auto by = static_cast<std::size_t>(change);  // -1 wraps, and so does the sum
  size_ += by;
  if (message.record.qos == QoS::at_most_once) qos0_size_ += by;
  if (message.record.message->publisher.empty()) own_size_ += by;
  if (change > 0 || message.priority == 0) return;
  const auto level = raised_.find(message.priority);
  if (level->second.lasting.empty() && level->second.qos0.empty()) raised_.erase(level);
}

MessageQueue::Iterator MessageQueue::first() {
  Level& level = raised_.empty() ? normal_ : raised_.begin()->second;
  if (level.lasting.empty()) return level.qos0.begin();
  if (level.qos0.empty()) return level.lasting.begin();
  const bool qos0_first = level.qos0.front().record.position < level.lasting.front().record.position;
  return qos0_first ? level.qos0.begin() : level.lasting.begin();
}

std::vector<MessageQueue::List*> MessageQueue::lists() {
  std::vector<List*> lists;
  const auto add = [&lists](Level& level) {
    if (!level.lasting.empty()) lists.push_back(&level.lasting);
    if (!level.qos0.empty()) lists.push_back(&level.qos0);
  };
  for (auto& [priority, level] : raised_) add(level);
  add(normal_);
  return lists;
}

std::vector<const MessageQueue::List*> MessageQueue::lists() const {
  const auto lists = const_cast<MessageQueue*>(this)->lists();
  return {lists.begin(), lists.end()};
}

std::optional<MessageQueue::Iterator> MessageQueue::victim(QueueDropPolicy policy, QoS qos,
                                                           std::uint8_t priority) {
  const bool qos0_goes = has_qos0();
  const bool arrives_qos0 = qos == QoS::at_most_once;
  if (arrives_qos0 && !qos0_goes) return std::nullopt;
  const bool competes = arrives_qos0 == qos0_goes;  // the arriving message with those that may go
  std::vector<List*> candidates;
  for (List* list : lists()) {
    if ((list->front().record.qos == QoS::at_most_once) == qos0_goes) candidates.push_back(list);
  }
  const auto oldest = [](const List* list) { return list->front().record.position; };
  const auto newest = [](const List* list) { return list->back().record.position; };
  switch (policy) {
    case QueueDropPolicy::oldest:
      return (*std::ranges::min_element(candidates, {}, oldest))->begin();
    case QueueDropPolicy::newest:
      if (competes) return std::nullopt;
      return std::prev((*std::ranges::max_element(candidates, {}, newest))->end());
    case QueueDropPolicy::lowest_priority:
      break;
  }
  List& lowest = *candidates.back();
  if (competes && priority < lowest.front().priority) return std::nullopt;
  return lowest.begin();
}

void MessageQueue::check(const std::string& name, std::vector<std::string>& failures) const {
  std::size_t size = 0;
  std::size_t qos0 = 0;
  std::size_t own = 0;
  for (const List* list : lists()) {
    own += static_cast<std::size_t>(std::ranges::count_if(
        *list, [](const OutgoingMessage& message) { return message.record.message->publisher.empty(); }));
    size += list->size();
    qos0 += list->front().record.qos == QoS::at_most_once ? list->size() : 0;
  }
  if (size != size_) failures.push_back(name + "queued messages miscounted");
  if (qos0 != qos0_size_) failures.push_back(name + "queued messages of QoS 0 miscounted");
  if (own != own_size_) failures.push_back(name + "queued messages of the broker itself miscounted");
  for (const auto& [priority, level] : raised_) {
    if (level.lasting.empty() && level.qos0.empty()) failures.push_back(name + "an empty priority is kept");
  }
}

}  // namespace mqttvet::core
