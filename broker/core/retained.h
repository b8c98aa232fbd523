// The retained messages: per topic name the last message that was published with RETAIN 1 (section 3.3.1.3).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/message.h"

namespace mqttvet::core {

class RetainedMessages {
 public:
  // Replaces the topic's message. expires_at: the end of its being retained.
  void put(MessagePtr message, std::optional<Monotonic> expires_at);

  // Whether there was one.
  bool erase(std::string_view topic_name);

  bool contains(std::string_view topic_name) const { return by_topic_.contains(topic_name); }

  // Appends what matches the filter, by topic name. Looks only at the topics that begin as the filter does.
  void match(std::string_view topic_filter, std::vector<MessagePtr>& messages) const;

  std::optional<Monotonic> next_expiry() const;
  std::vector<std::string> expired(Monotonic now) const;  // topic names

  std::size_t size() const { return by_topic_.size(); }
  std::size_t expiring_count() const { return by_expiry_.size(); }

  // Planted bug B078: a leading wildcard matches what begins with '$' as well.
  void plant_match_of_dollar(std::string_view topic_filter, std::vector<MessagePtr>& messages) const;

 private:
  struct Entry {
    MessagePtr message;
    std::optional<Monotonic> expires_at;
  };
  std::map<std::string, Entry, std::less<>> by_topic_;
  std::set<std::pair<Monotonic, std::string>> by_expiry_;
};

}  // namespace mqttvet::core
