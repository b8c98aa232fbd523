#include "sim/checkers/access_rules.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sim/checkers/topic_filter.h"

namespace mqttvet::sim {
namespace {

using core::AccessRule;

// The rule's topic filter with the names in it; nullopt: a name that may not stand there.
std::optional<std::string> filled_in(const AccessRule& rule, const Who& who) {
  std::string filter;
  for (std::size_t at = 0; at < rule.topic_filter.size(); ++at) {
    const std::string_view placeholder = std::string_view(rule.topic_filter).substr(at, 2);
    if (placeholder != "%u" && placeholder != "%c") {
      filter += rule.topic_filter[at];
      continue;
    }
    const std::string& name = placeholder == "%u" ? *who.user_name : who.client_id;
    if (name.empty() || name.find_first_of("/+#") != std::string::npos) return std::nullopt;
    filter += name;
    ++at;
  }
  return filter;
}

std::vector<std::string_view> levels_of(std::string_view topic) {
  std::vector<std::string_view> levels;
  for (std::size_t slash = topic.find('/'); slash != std::string_view::npos; slash = topic.find('/')) {
    levels.push_back(topic.substr(0, slash));
    topic.remove_prefix(slash + 1);
  }
  levels.push_back(topic);
  return levels;
}

// Every topic name that the inner filter matches is matched by the outer one.
bool covers(std::string_view outer, std::string_view inner) {
  const auto wide = levels_of(outer), narrow = levels_of(inner);
  if (inner.starts_with('$') && (wide[0] == "#" || wide[0] == "+")) return false;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    if (wide[i] == "#") return true;
    if (i == narrow.size() || narrow[i] == "#") return false;
    if (wide[i] != "+" && wide[i] != narrow[i]) return false;
  }
  return wide.size() == narrow.size();
}

bool is_for(const AccessRule& rule, const Who& who) {
  switch (rule.who) {
    case AccessRule::Who::all:
      return true;
    case AccessRule::Who::anonymous:
      return who.user_name->empty();
    case AccessRule::Who::user:
      return !who.user_name->empty() && rule.name == *who.user_name;
    case AccessRule::Who::client:
      return rule.name == who.client_id;
  }
  return false;
}

}  // namespace

AccessRules::AccessRules(const History& history) {
  const core::Config config = broker_config(history.plan.broker);
  allow_unmatched_ = config.acl_allow_unmatched;
  allow_anonymous_ = config.allow_anonymous;
  const auto add = [this](std::size_t from, const BrokerPlan& broker) {
    lists_.push_back({from, broker.users, broker_config(broker).access_lists.rules});
    restrict_ = restrict_ || lists_.back().rules;
  };
  add(0, history.plan.broker);
  for (std::size_t index = 0; index < history.events.size(); ++index) {
    if (history.events[index].kind != HistoryEvent::Kind::reloaded) continue;
    const auto fault =
        std::find_if(history.plan.faults.begin(), history.plan.faults.end(),
                     [&](const Fault& each) { return each.id == history.events[index].fault; });
    if (fault != history.plan.faults.end()) add(index, reloaded(history.plan.broker, *fault));
  }
}

bool AccessRules::changes(Span span) const {
  return std::any_of(lists_.begin(), lists_.end(),
                     [&](const Lists& lists) { return lists.from > span.from && lists.from <= span.to; });
}

// Whether all lists that are in force in the span say the same.
template <class F>
Right AccessRules::agree(Span span, F allows) const {
  std::optional<bool> agreed;
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    const bool over = i + 1 < lists_.size() && lists_[i + 1].from <= span.from;
    if (over || lists_[i].from > span.to) continue;
    const bool allowed = allows(lists_[i]);
    if (agreed && *agreed != allowed) return Right::unknown;
    agreed = allowed;
  }
  return agreed.value_or(true) ? Right::allowed : Right::forbidden;
}

Who AccessRules::who(const WireView& view, const ConnectionView& connection) const {
  const auto& connect = std::get<wire::Connect>(view.event(connection.connect).packet);
  Who who{connection.client_id, std::nullopt};
  const Right named = agree({connection.connect, connection.connack},
                            [](const Lists& lists) { return !lists.users.empty(); });
  if (named == Right::forbidden) who.user_name = "";  // without a list of users names mean nothing
  const bool by_exchange = wire::find(connect.properties, wire::PropertyId::authentication_method) != nullptr;
  if (named == Right::allowed && !by_exchange) who.user_name = connect.user_name.value_or("");
  return who;
}

Who AccessRules::who(const WireView& view, const SessionView& session) const {
  Who common = who(view, view.connections[session.connections.front()]);
  for (const std::size_t index : session.connections)
    if (who(view, view.connections[index]).user_name != common.user_name) common.user_name.reset();
  return common;
}

Right AccessRules::may_publish(const Who& who, std::string_view topic_name, Span span) const {
  return ask(Question::publish, who, topic_name, span);
}
Right AccessRules::may_subscribe(const Who& who, std::string_view topic_filter, Span span) const {
  return ask(Question::subscribe, who, topic_filter, span);
}
Right AccessRules::may_receive(const Who& who, std::string_view topic_name, Span span) const {
  return ask(Question::receive, who, topic_name, span);
}

Right AccessRules::may_connect(const wire::Connect& connect, Span span) const {
  return agree(span, [&](const Lists& lists) {
    if (lists.users.empty()) return true;
    if (!connect.user_name) return allow_anonymous_;
    const auto user = lists.users.find(*connect.user_name);
    return user != lists.users.end() && connect.password == user->second;
  });
}

Right AccessRules::ask(Question question, const Who& who, std::string_view topic, Span span) const {
  if (none()) return Right::allowed;
  if (!who.user_name || topic.empty()) return Right::unknown;
  return agree(
      span, [&](const Lists& lists) { return !lists.rules || decide(*lists.rules, question, who, topic); });
}

// The first rule that fits. A literal one that denies a topic filter has nothing against its topics; one that
// allows it allows them.
bool AccessRules::decide(const std::vector<AccessRule>& rules, Question question, const Who& who,
                         std::string_view topic) const {
  for (const AccessRule& rule : rules) {
    const auto other =
        question == Question::publish ? AccessRule::What::subscribe : AccessRule::What::publish;
    if (rule.what == other || !is_for(rule, who)) continue;
    bool fits = false;
    if (rule.literal && (question != Question::receive || !rule.allow)) {
      fits = rule.topic_filter == topic;
    } else if (const auto filter = filled_in(rule, who)) {
      fits = question == Question::subscribe ? covers(*filter, topic) : filter_matches(*filter, topic);
    }
    if (fits) return rule.allow;
  }
  return allow_unmatched_;
}

void note_withheld(WireView& view) {
  const AccessRules rules(*view.history);
  if (rules.none()) return;
  std::map<std::uint64_t, Who> publishers;  // by connection
  for (const ConnectionView& connection : view.connections)
    publishers.emplace(connection.number, rules.who(view, connection));
  for (PublicationView& publication : view.publications) {
    const std::size_t sent = publication.sends.front();
    const auto who = publishers.find(view.event(sent).connection);
    publication.withheld =
        who == publishers.end() || rules.may_publish(who->second, publication.message.first,
                                                     {sent, publication.handled}) != Right::allowed;
  }
}

}  // namespace mqttvet::sim
