// Topic Aliases (section 3.3.2.3.4): numbers that stand for topic names in PUBLISH packets of 5.0. Each
// direction has its own, and they end with their network connection [MQTT5-3.3.2-7].
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mqttvet::core {

// What the client has set. That no alias is above our Topic Alias Maximum is the caller's to check; it bounds
// their number.
class IncomingTopicAliases {
 public:
  void set(std::uint16_t alias, std::string_view topic_name) { topic_names_[alias] = topic_name; }

  // What it stands for, valid until the next set(); nullopt: nothing yet.
  std::optional<std::string_view> find(std::uint16_t alias) const;

 private:
  std::unordered_map<std::uint16_t, std::string> topic_names_;  // never iterated
};

// What we have set. When all are taken, the one that was used least recently gets a new meaning.
class OutgoingTopicAliases {
 public:
  // maximum: how many at once; the client's Topic Alias Maximum, or less. At least 1.
  explicit OutgoingTopicAliases(std::uint16_t maximum) : maximum_(maximum) {}
  OutgoingTopicAliases(const OutgoingTopicAliases&) = delete;  // the index points here

  struct Use {
    std::uint16_t alias = 0;
    bool known = false;  // to the client. If not, the PUBLISH has to carry the topic name as well
  };

  // The alias for the next PUBLISH of this topic. It changes nothing: that packet may turn out too large.
  Use find(std::string_view topic_name) const;

  // The PUBLISH with what find() has just returned for this topic was sent.
  void note_sent(std::string_view topic_name, Use use);

 private:
  struct Entry {
    std::string topic_name;
    std::uint16_t alias = 0;
  };

  std::uint16_t maximum_;
  std::list<Entry> entries_;                                                // the most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // by topic name; never iterated
};

}  // namespace mqttvet::core
