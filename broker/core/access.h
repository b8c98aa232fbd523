// Who may publish, subscribe and receive: the rules of the access control list, applied.
//
//   a/#      fits  a/b  a/b/c  and the filters  a/+  a/#  a/b/#;  not  #  +/b
//   home/%u  fits  home/alice  for alice; nobody for a user whose name is empty or has one of  / + #
//
// A topic filter is fit by a rule that covers all of it. A deny rule that covers a part of it only does not
// forbid the subscription; the messages of that part are held back when they are delivered.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "broker/core/access_lists.h"

namespace mqttvet::core {

// Whose rights are asked for.
struct Identity {
  std::string_view client_id;
  std::string_view user_name;  // empty: anonymous
};

class Access {
 public:
  // Without rules everything is allowed. allow_unmatched: what no rule fits.
  Access(std::optional<std::vector<AccessRule>> rules, bool allow_unmatched);

  // For every way to publish: PUBLISH and wills.
  bool may_publish(const Identity& who, std::string_view topic_name) const;

  // For SUBSCRIBE; of a shared subscription, the filter without its group.
  bool may_subscribe(const Identity& who, std::string_view topic_filter) const;

  // For every message that a subscription brings, when it is queued and when it is sent. A literal rule that
  // allows a topic filter allows what it matches; one that denies it has nothing against the topics.
  bool may_receive(const Identity& who, std::string_view topic_name) const;

  bool is_open() const { return !rules_; }  // no rules

 private:
  enum class Question { publish, subscribe, receive };
  bool decide(Question question, const Identity& who, std::string_view topic) const;

  std::optional<std::vector<AccessRule>> rules_;
  bool allow_unmatched_;
};

}  // namespace mqttvet::core
