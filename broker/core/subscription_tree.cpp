#include "broker/core/subscription_tree.h"

#include <algorithm>

#include "broker/core/mutants.h"
#include "broker/core/session.h"
#include "broker/core/spec.h"

namespace mqttvet::core {
namespace {

struct HashView {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

// Cuts the first level off `rest`; `last` says whether it was the last.
std::string_view take_level(std::string_view& rest, bool& last) {
  const std::size_t slash = rest.find('/');
  last = slash == std::string_view::npos;
  const std::string_view level = rest.substr(0, slash);
  if (!last) rest.remove_prefix(slash + 1);
  return level;
}

bool earlier(const Subscriber& subscriber, std::uint64_t serial) {
  return subscriber.session->serial < serial;
}

}  // namespace

struct SubscriptionTree::Node {
  Node* parent = nullptr;
  const std::string* level = nullptr;  // its key in the parent
  std::unordered_map<std::string, std::unique_ptr<Node>, HashView, std::equal_to<>>
      children;                         // never iterated
  std::vector<Subscriber> subscribers;  // by session serial
  std::vector<SharedGroup*> groups;     // in order of their beginning

  const Node* child(std::string_view name) const {
    const auto found = children.find(name);
    return found == children.end() ? nullptr : found->second.get();
  }
};

SubscriptionTree::SubscriptionTree() : root_(std::make_unique<Node>()) {}

// Cuts the branches off from their ends: a chain of many levels must not become a chain of destructor calls.
SubscriptionTree::~SubscriptionTree() {
  std::vector<std::unique_ptr<Node>> nodes;
  nodes.push_back(std::move(root_));
  while (!nodes.empty()) {
    const std::unique_ptr<Node> node = std::move(nodes.back());
    nodes.pop_back();
    for (auto& [level, child] : node->children) nodes.push_back(std::move(child));
  }
}

SubscriptionTree::Node* SubscriptionTree::node_of(std::string_view topic_filter) const {
  const Node* node = root_.get();
  for (bool last = false; !last && node != nullptr;) node = node->child(take_level(topic_filter, last));
  return const_cast<Node*>(node);
}

SubscriptionTree::Node& SubscriptionTree::make_node(std::string_view topic_filter) {
  Node* node = root_.get();
  for (bool last = false; !last;) {
    const std::string_view level = take_level(topic_filter, last);
    auto found = node->children.find(level);
    if (found == node->children.end()) {
      found = node->children.emplace(std::string(level), std::make_unique<Node>()).first;
      found->second->parent = node;
      found->second->level = &found->first;
      ++node_count_;
    }
    node = found->second.get();
  }
  return *node;
}

// Takes away the node and those above it that hold nothing any more.
void SubscriptionTree::trim(Node* node) {
  while (node->parent != nullptr && node->subscribers.empty() && node->groups.empty() &&
         node->children.empty()) {
    Node* parent = node->parent;
    if (parent->children.size() > 1 && MUTANT(B096_trie_leak)) return;
    parent->children.erase(parent->children.find(*node->level));
    --node_count_;
    node = parent;
  }
}

void SubscriptionTree::insert(std::string_view topic_filter, Session& session,
                              const Subscription& subscription) {
  auto& subscribers = make_node(topic_filter).subscribers;
  const auto place = std::lower_bound(subscribers.begin(), subscribers.end(), session.serial, earlier);
  subscribers.insert(place, Subscriber{&session, &subscription});
  ++size_;
}

void SubscriptionTree::erase(std::string_view topic_filter, const Session& session) {
  Node* node = node_of(topic_filter);
  if (node == nullptr) return;
  auto& subscribers = node->subscribers;
  const auto place = std::lower_bound(subscribers.begin(), subscribers.end(), session.serial, earlier);
  if (place == subscribers.end() || place->session != &session) return;
  subscribers.erase(place);
  --size_;
  trim(node);
}

void SubscriptionTree::insert(std::string_view topic_filter, SharedGroup& group) {
  make_node(topic_filter).groups.push_back(&group);
}

void SubscriptionTree::erase(std::string_view topic_filter, const SharedGroup& group) {
  Node* node = node_of(topic_filter);
  if (node == nullptr) return;
  std::erase(node->groups, &group);
  trim(node);
}

const Subscription* SubscriptionTree::find(std::string_view topic_filter, const Session& session) const {
  const Node* node = node_of(topic_filter);
  if (node == nullptr) return nullptr;
  const auto& subscribers = node->subscribers;
  const auto place = std::lower_bound(subscribers.begin(), subscribers.end(), session.serial, earlier);
  return place == subscribers.end() || place->session != &session ? nullptr : place->subscription;
}

void SubscriptionTree::match(std::string_view topic_name, std::vector<Subscriber>& subscribers,
                             std::vector<SharedGroup*>& groups) {
  const auto take = [&](const Node* node) {
    if (node == nullptr) return;
    subscribers.insert(subscribers.end(), node->subscribers.begin(), node->subscribers.end());
    groups.insert(groups.end(), node->groups.begin(), node->groups.end());
  };
  SPEC("MQTT5-4.7.2-1");
  SPEC("MQTT311-4.7.2-1");
  // Not in the first level of a topic that starts with '$'.
  bool wildcards =
      !topic_name.starts_with('$') || (!topic_name.starts_with("$SYS/") && MUTANT(E_H04_dollar_matched));
  level_.assign(1, root_.get());
  for (bool last = false; !last && !level_.empty(); wildcards = true) {
    const std::string_view level = take_level(topic_name, last);
    next_level_.clear();
    for (const Node* node : level_) {
      if (wildcards) take(node->child("#"));
      if (const Node* child = node->child(level)) next_level_.push_back(child);
      if (!wildcards) continue;
      if (const Node* child = node->child("+")) next_level_.push_back(child);
    }
    level_.swap(next_level_);
  }
  for (const Node* node : level_) {
    take(node);
    take(node->child("#"));  // "a/#" matches "a" as well
  }
}

}  // namespace mqttvet::core
