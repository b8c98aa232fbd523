// Who there is and who may do what, as data: given with the configuration, and again by the input Reload.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mqttvet::core {

// One line of the access control list. The first whose `who`, `what` and `topic_filter` all fit decides.
struct AccessRule {
  bool allow = false;
  enum class Who : std::uint8_t { all, anonymous, user, client } who = Who::all;
  std::string name;  // of the user, or the client id; empty for the others
  enum class What : std::uint8_t { publish, subscribe, all } what = What::all;
  // Fits the topic names it matches, and the topic filters that match nothing else than it does. %u is the
  // user name, %c the client id; each stands for text within one level.
  std::string topic_filter;
  // The topic filter is meant as it is written: `eq "#"` fits a subscription to # and no other; see
  // Access::may_receive().
  bool literal = false;
  bool operator==(const AccessRule&) const = default;
};

struct AccessLists {
  // Absent: there is no list of users; names are not checked and mean nothing, everybody is anonymous.
  std::optional<std::set<std::string, std::less<>>> users;
  // Absent: there is no list of rules, and everybody may do everything. What no rule fits is decided by
  // Config::acl_allow_unmatched.
  std::optional<std::vector<AccessRule>> rules;
};

}  // namespace mqttvet::core
