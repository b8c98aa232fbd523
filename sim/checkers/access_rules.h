// What the plan's access control lists say: the judge's own reading of the rules, apart from the broker's. A
// plan that reloads has several lists, and which of them was in force is not asked: a right is certain if all
// of them agree on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/wire_view.h"
#include "sim/plan/broker_config.h"

namespace mqttvet::sim {

enum class Right : std::uint8_t { allowed, forbidden, unknown };

// Whose rights are asked for.
struct Who {
  std::string client_id;
  std::optional<std::string> user_name;  // empty: anonymous; absent: not known, as after an exchange of AUTHs
};

class AccessRules {
 public:
  explicit AccessRules(const Plan& plan);

  bool none() const { return !restrict_; }           // everybody may do everything, all the time
  bool change() const { return lists_.size() > 1; }  // the plan reloads

  // As CONNECT says; whether the password was right is not asked.
  Who who(const WireView& view, const ConnectionView& connection) const;
  // The same on every connection of the session; if they differ the user is not known.
  Who who(const WireView& view, const SessionView& session) const;

  Right may_publish(const Who& who, std::string_view topic_name) const;
  // topic_filter: without the prefix of a shared subscription.
  Right may_subscribe(const Who& who, std::string_view topic_filter) const;
  Right may_receive(const Who& who, std::string_view topic_name) const;

 private:
  enum class Question : std::uint8_t { publish, subscribe, receive };
  Right ask(Question question, const Who& who, std::string_view topic) const;
  bool decide(const std::vector<core::AccessRule>& rules, Question question, const Who& who,
              std::string_view topic) const;

  std::vector<std::optional<std::vector<core::AccessRule>>> lists_;  // one by one, as they come into force
  bool restrict_ = false;
  bool allow_unmatched_ = false;
  bool names_always_ = true;  // there is a users file all the time ...
  bool names_never_ = true;   // ... or never, and names mean nothing
};

// Fills PublicationView::withheld.
void note_withheld(WireView& view);

}  // namespace mqttvet::sim
