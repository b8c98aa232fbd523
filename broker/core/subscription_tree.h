// All subscriptions of all sessions, by the levels of their topic filters (section 4.7).
//
//   root --"sport"--> o --"+"--> o --"ranking"--> o  {session 3, session 7}
//     \--"#"--> o {session 1}
//
// No function recurses, and matching visits at most two branches and one '#' per level and node, whatever the
// number of subscriptions. A node goes when its last subscriber, its last group and its last child have gone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mqttvet::core {

struct Session;
struct SharedGroup;
struct Subscription;

struct Subscriber {
  Session* session = nullptr;
  const Subscription* subscription = nullptr;
};

class SubscriptionTree {
 public:
  SubscriptionTree();
  ~SubscriptionTree();

  // Adds the subscription, which must stay where it is until erase(). Requires that the session has none of
  // this filter.
  void insert(std::string_view topic_filter, Session& session, const Subscription& subscription);

  // Requires that it was inserted.
  void erase(std::string_view topic_filter, const Session& session);

  // The same for a group of shared subscriptions, under the filter that its topic names are matched with.
  void insert(std::string_view topic_filter, SharedGroup& group);
  void erase(std::string_view topic_filter, const SharedGroup& group);

  // Appends every subscriber and every group whose filter matches, once per filter; in an order that depends
  // only on the history of insert and erase.
  void match(std::string_view topic_name, std::vector<Subscriber>& subscribers,
             std::vector<SharedGroup*>& groups);

  // The subscription of this session and filter; null: there is none.
  const Subscription* find(std::string_view topic_filter, const Session& session) const;

  std::size_t node_count() const { return node_count_; }  // without the root
  std::size_t size() const { return size_; }              // subscriptions that are not shared

 private:
  struct Node;
  Node* node_of(std::string_view topic_filter) const;  // null: none
  Node& make_node(std::string_view topic_filter);
  void trim(Node* node);

  std::unique_ptr<Node> root_;
  std::size_t node_count_ = 0;
  std::size_t size_ = 0;
  std::vector<const Node*> level_, next_level_;  // of match(), kept for their memory
};

}  // namespace mqttvet::core
