#include "broker/core/shared_groups.h"

#include <algorithm>

#include "broker/codec/topic.h"
#include "broker/core/spec.h"

namespace mqttvet::core {
namespace {

constexpr std::string_view kQueue = "$queue/";

auto member(SharedGroup& group, const Session& session) {
  return std::ranges::find(group.members, &session,
                           [](const Subscriber& each) -> const Session* { return each.session; });
}

}  // namespace

std::optional<std::string_view> shared_part(std::string_view topic_filter) {
  SPEC("MQTT5-4.8.2-1");
  SPEC("MQTT5-4.8.2-2");
  if (const auto shared = codec::parse_shared(topic_filter)) return shared->filter;
  if (!topic_filter.starts_with(kQueue) || topic_filter.size() == kQueue.size()) return std::nullopt;
  return topic_filter.substr(kQueue.size());
}

void SharedGroups::join(const std::string& topic_filter, Session& session, const Subscription& subscription,
                        SubscriptionTree& tree) {
  std::unique_ptr<SharedGroup>& group = groups_[topic_filter];
  if (group == nullptr) {
    group = std::make_unique<SharedGroup>(SharedGroup{topic_filter, {}, 0, 0});
    tree.insert(*shared_part(topic_filter), *group);
    if (topic_filter.starts_with(kQueue)) tree.insert(topic_filter, *group);
  }
  if (member(*group, session) != group->members.end()) return;
  group->members.push_back({&session, &subscription});
  ++member_count_;
}

void SharedGroups::leave(std::string_view topic_filter, const Session& session, SubscriptionTree& tree) {
  const auto found = groups_.find(topic_filter);
  if (found == groups_.end()) return;
  SharedGroup& group = *found->second;
  const auto place = member(group, session);
  if (place == group.members.end()) return;
  const auto index = static_cast<std::size_t>(place - group.members.begin());
  group.members.erase(place);
  --member_count_;
  if (group.turn > index) --group.turn;
  if (group.turn >= group.members.size()) group.turn = 0;
  if (!group.members.empty()) return;
  tree.erase(*shared_part(topic_filter), group);
  if (topic_filter.starts_with(kQueue)) tree.erase(topic_filter, group);
  groups_.erase(found);
}

SharedGroup* SharedGroups::find(std::string_view topic_filter) const {
  const auto found = groups_.find(topic_filter);
  return found == groups_.end() ? nullptr : found->second.get();
}

void SharedGroups::check(std::vector<std::string>& failures) const {
  std::size_t members = 0;
  for (const auto& [topic_filter, group] : groups_) {
    members += group->members.size();
    if (group->members.empty()) failures.push_back("a group without members: " + topic_filter);
    if (group->turn >= group->members.size()) failures.push_back("a turn of nobody: " + topic_filter);
  }
  if (members != member_count_) {
    failures.push_back("members of groups: " + std::to_string(member_count_) +
                       ", recomputed: " + std::to_string(members));
  }
}

}  // namespace mqttvet::core
