#include "broker/core/access.h"

#include "broker/codec/topic_levels.h"
#include "broker/core/mutants.h"

namespace mqttvet::core {
namespace {

using codec::Levels;

// A name with a wildcard in it would open more than its own level, one with a '/' another's.
bool may_replace_placeholder(std::string_view name) {
  return !name.empty() && name.find_first_of("/+#") == std::string_view::npos;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Whether the level of a rule, its placeholders replaced, is this text.
bool is_level(std::string_view rule, std::string_view level, const Identity& who) {
  while (!rule.empty()) {
    const bool user = rule.starts_with("%u");
    if (user || rule.starts_with("%c")) {
      const std::string_view name = user ? who.user_name : who.client_id;
      if ((name == "#" || name == "+") && MUTANT(B116_hash_client_id)) return true;
      if (!may_replace_placeholder(name) || !take_prefix(level, name)) return false;
      rule.remove_prefix(2);
    } else {
      if (!take_prefix(level, rule.substr(0, 1))) return false;
      rule.remove_prefix(1);
    }
  }
  return level.empty();
}

// Whether every topic name that `topic` stands for, a topic name or a topic filter, is one of the rule's.
bool covers(std::string_view rule_filter, std::string_view topic, const Identity& who) {
  const bool starts_with_wildcard = rule_filter.starts_with('#') || rule_filter.starts_with('+');
  if (starts_with_wildcard && topic.starts_with('$')) return false;
  Levels rule_levels(rule_filter);
  Levels topic_levels(topic);
  while (rule_levels.more()) {
    const std::string_view rule_level = rule_levels.next();
    if (rule_level == "#") return true;
    if (!topic_levels.more()) return false;
    const std::string_view level = topic_levels.next();
    if (level == "#") return false;
    if (rule_level == "+") continue;
    if (!is_level(rule_level, level, who)) return false;
  }
  return !topic_levels.more();
}

bool is_meant(const AccessRule& rule, const Identity& who) {
  switch (rule.who) {
    case AccessRule::Who::all:
      return true;
    case AccessRule::Who::anonymous:
      return who.user_name.empty();
    case AccessRule::Who::user:
      return !who.user_name.empty() && rule.name == who.user_name;
    case AccessRule::Who::client:
      return rule.name == who.client_id;
  }
  return false;
}

}  // namespace

Access::Access(std::optional<std::vector<AccessRule>> rules, bool allow_unmatched)
    : rules_(std::move(rules)), allow_unmatched_(allow_unmatched) {}

bool Access::may_publish(const Identity& who, std::string_view topic_name) const {
  if (topic_name.starts_with("$SYS/") || topic_name == "$SYS") return false;  // the broker's own
  return is_open() || decide(Question::publish, who, topic_name);
}

bool Access::may_subscribe(const Identity& who, std::string_view topic_filter) const {
  return is_open() || decide(Question::subscribe, who, topic_filter);
}

bool Access::may_receive(const Identity& who, std::string_view topic_name) const {
  return is_open() || decide(Question::receive, who, topic_name);
}

bool Access::decide(Question question, const Identity& who, std::string_view topic) const {
  using What = AccessRule::What;
  const What other = question == Question::publish ? What::subscribe : What::publish;
  for (const AccessRule& rule : *rules_) {
    if (rule.what == other || !is_meant(rule, who)) continue;
    const bool as_text = rule.literal && !(question == Question::receive && rule.allow);
    if (as_text ? rule.topic_filter == topic : covers(rule.topic_filter, topic, who)) return rule.allow;
  }
  return allow_unmatched_;
}

}  // namespace mqttvet::core
