// The groups of shared subscriptions (section 4.8.2): who is in, and whose turn it is.
//
//   "$share/NAME/FILTER"   the standard's; NAME and FILTER together are the group
//   "$queue/FILTER"        emqttd's: a group without a name. It takes what is published to FILTER, and, as
//                          emqttd 1.x had it, what is published to "$queue/FILTER" itself
//
// A group begins with its first member and goes with its last one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/subscription_tree.h"

namespace mqttvet::core {

// The filter that the topic names are matched with; nullopt: not that of a shared subscription.
std::optional<std::string_view> shared_part(std::string_view topic_filter);

struct SharedGroup {
  std::string topic_filter;         // whole, with its prefix
  std::vector<Subscriber> members;  // in order of joining; never empty
  std::size_t turn = 0;             // of the member that is asked first for the next message
  std::uint64_t routed_in = 0;      // scratch: the routing that found it last
};

class SharedGroups {
 public:
  // Adds a member, or nothing if it is one already. `subscription` must stay where it is until leave().
  // Requires shared_part(topic_filter).
  void join(const std::string& topic_filter, Session& session, const Subscription& subscription,
            SubscriptionTree& tree);

  // Requires that it has joined.
  void leave(std::string_view topic_filter, const Session& session, SubscriptionTree& tree);

  // Null: nobody is in it.
  SharedGroup* find(std::string_view topic_filter) const;

  std::size_t size() const { return groups_.size(); }
  std::size_t member_count() const { return member_count_; }

  // Lines that name what is inconsistent.
  void check(std::vector<std::string>& failures) const;

 private:
  std::map<std::string, std::unique_ptr<SharedGroup>, std::less<>> groups_;
  std::size_t member_count_ = 0;
};

}  // namespace mqttvet::core
