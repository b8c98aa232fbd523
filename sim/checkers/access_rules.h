// What the plan's access control lists say: the judge's own reading of the rules, apart from the broker's. A
// reload brings other lists. Which of them was in force is known at every event; when the broker did what is
// asked about is known within a Span, and a right is certain if all lists in force in it agree.
#pragma once

#include <cstdint>
#include <map>
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

// Of events: some moment between them, both included.
struct Span {
  std::size_t from = 0;
  std::size_t to = kNoEvent;
};

class AccessRules {
 public:
  explicit AccessRules(const History& history);

  bool none() const { return !restrict_; }  // everybody may do everything, all the time
  bool changes(Span span) const;            // by a reload

  // As CONNECT says; whether the password was right is not asked.
  Who who(const WireView& view, const ConnectionView& connection) const;
  // The same on every connection of the session; if they differ the user is not known.
  Who who(const WireView& view, const SessionView& session) const;

  Right may_publish(const Who& who, std::string_view topic_name, Span span) const;
  // topic_filter: without the prefix of a shared subscription.
  Right may_subscribe(const Who& who, std::string_view topic_filter, Span span) const;
  Right may_receive(const Who& who, std::string_view topic_name, Span span) const;
  // As CONNECT says who it is: whether its user name and password are right, or it may come without.
  Right may_connect(const wire::Connect& connect, Span span) const;

 private:
  // From an event on, until the next.
  struct Lists {
    std::size_t from;
    std::map<std::string, std::string> users;
    std::optional<std::vector<core::AccessRule>> rules;
  };
  enum class Question : std::uint8_t { publish, subscribe, receive };
  Right ask(Question question, const Who& who, std::string_view topic, Span span) const;
  template <class F>
  Right agree(Span span, F allows) const;
  bool decide(const std::vector<core::AccessRule>& rules, Question question, const Who& who,
              std::string_view topic) const;

  std::vector<Lists> lists_;
  bool restrict_ = false;
  bool allow_unmatched_ = false;
  bool allow_anonymous_ = false;
};

// Fills PublicationView::withheld.
void note_withheld(WireView& view);

}  // namespace mqttvet::sim
