#include "broker/core/topic_alias.h"

#include "broker/core/spec.h"

namespace mqttvet::core {

std::optional<std::string_view> IncomingTopicAliases::find(std::uint16_t alias) const {
  const auto found = topic_names_.find(alias);
  if (found == topic_names_.end()) return std::nullopt;
  return found->second;
}

OutgoingTopicAliases::Use OutgoingTopicAliases::find(std::string_view topic_name) const {
  const auto found = index_.find(topic_name);
  if (found != index_.end()) return {found->second->alias, true};
  SPEC("MQTT5-3.1.2-26");
  SPEC("MQTT5-3.3.2-8");
  SPEC("MQTT5-3.3.2-11");
  if (entries_.size() < maximum_) return {static_cast<std::uint16_t>(entries_.size() + 1), false};
  return {entries_.back().alias, false};
}

void OutgoingTopicAliases::note_sent(std::string_view topic_name, Use use) {
  if (use.known) {
    entries_.splice(entries_.begin(), entries_, index_.find(topic_name)->second);
    return;
  }
  if (entries_.size() == maximum_) {
    index_.erase(entries_.back().topic_name);
    entries_.pop_back();
  }
  entries_.push_front({std::string(topic_name), use.alias});
  index_.emplace(entries_.front().topic_name, entries_.begin());
}

}  // namespace mqttvet::core
