#include "broker/core/retained.h"

#include "broker/codec/topic.h"
#include "broker/core/mutants.h"

namespace mqttvet::core {

void RetainedMessages::put(MessagePtr message, std::optional<Monotonic> expires_at) {
  erase(message->topic_name);
  if (expires_at) by_expiry_.emplace(*expires_at, message->topic_name);
  const std::string& topic_name = message->topic_name;
  by_topic_.emplace(topic_name, Entry{std::move(message), expires_at});
}

bool RetainedMessages::erase(std::string_view topic_name) {
  const auto found = by_topic_.find(topic_name);
  if (found == by_topic_.end()) return false;
  if (found->second.expires_at) by_expiry_.erase({*found->second.expires_at, found->first});
  by_topic_.erase(found);
  return true;
}

void RetainedMessages::match(std::string_view topic_filter, std::vector<MessagePtr>& messages) const {
  if (!codec::has_wildcard(topic_filter)) {
    const auto found = by_topic_.find(topic_filter);
    if (found != by_topic_.end()) messages.push_back(found->second.message);
    return;
  }
  if (MUTANT(B078_dollar_retained)) return plant_match_of_dollar(topic_filter, messages);
  std::string_view prefix = topic_filter.substr(0, topic_filter.find_first_of("+#"));
  if (prefix.ends_with('/')) prefix.remove_suffix(1);  // "a/#" matches "a"
  for (auto topic = by_topic_.lower_bound(prefix); topic != by_topic_.end(); ++topic) {
    if (!topic->first.starts_with(prefix)) break;
    if (topic_filter.size() == topic->first.size() + 2 && topic_filter.ends_with("/#") &&
        MUTANT(B079_parent_level_match))
      continue;
    if (codec::matches(topic_filter, topic->first)) messages.push_back(topic->second.message);
  }
}

std::optional<Monotonic> RetainedMessages::next_expiry() const {
  if (by_expiry_.empty()) return std::nullopt;
  return by_expiry_.begin()->first;
}

std::vector<std::string> RetainedMessages::expired(Monotonic now) const {
  std::vector<std::string> topics;
  for (auto next = by_expiry_.begin(); next != by_expiry_.end() && next->first <= now; ++next) {
    topics.push_back(next->second);
  }
  return topics;
}

}  // namespace mqttvet::core
