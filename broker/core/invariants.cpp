// Every derived value, recomputed from what it is derived from.
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {
namespace {

class Failures {
 public:
  explicit Failures(std::vector<std::string>& lines) : lines_(lines) {}
  void require(bool holds, const std::string& text) {
    if (!holds) lines_.push_back(text);
  }
  void equal(std::size_t counted, std::size_t recomputed, const std::string& what) {
    if (counted == recomputed) return;
    lines_.push_back(what + ": " + std::to_string(counted) + ", recomputed: " + std::to_string(recomputed));
  }

 private:
  std::vector<std::string>& lines_;
};

bool is_member(const SharedGroup* group, const Subscription& subscription) {
  if (group == nullptr) return false;
  const auto same = [&](const Subscriber& member) { return member.subscription == &subscription; };
  return std::ranges::count_if(group->members, same) == 1;
}

void check_session(const Session& session, const SubscriptionTree& tree, const SharedGroups& groups,
                   Failures& failures) {
  const std::string name = "session " + session.client_id + ": ";
  for (const auto& [topic_filter, subscription] : session.subscriptions) {
    const bool there = tree.find(topic_filter, session) == &subscription ||
                       is_member(groups.find(topic_filter), subscription);
    failures.require(there, name + "not in the tree: " + topic_filter);
  }
  const bool online = session.connection != nullptr;
  failures.require(online || session.is_persistent(), name + "outlived its connection");
  failures.require(!online || session.connection->session == &session,
                   name + "its connection has another session");
  failures.require(!online || !session.ends_at, name + "ends while its client is connected");
  failures.require(online == !session.disconnected_at, name + "online and disconnected at once");
  const bool ends = session.expiry_interval != codec::kNeverExpires;
  failures.require(online || session.ends_at.has_value() == ends, name + "no end, or one too many");
  failures.require(!session.will_due || (session.will && !online), name + "a will is due that isn't there");
  const bool waits = session.ends_at || session.will_due;
  failures.require(session.timer.at.has_value() == waits, name + "timer and what it waits for differ");
}

}  // namespace

std::vector<std::string> Broker::State::check_invariants() const {
  std::vector<std::string> lines;
  if (refusing_) return lines;
  Failures failures(lines);
  std::size_t subscriptions = 0;
  std::size_t timers = retained_timer_.at ? 1 : 0;
  std::size_t being_authenticated = 0;
  for (const auto& [client_id, session] : sessions_) {
    failures.require(client_id == session->client_id, "session under another name: " + client_id);
    check_session(*session, tree_, groups_, failures);
    session->outgoing.check(client_id, lines);
    subscriptions += session->subscriptions.size();
    timers += session->timer.at ? 1 : 0;
  }
  failures.equal(tree_.size() + groups_.member_count(), subscriptions, "subscriptions in the tree");
  groups_.check(lines);
  for (const auto& [id, connection] : connections_) {
    timers += (connection->timer.at ? 1 : 0) + (connection->retry_timer.at ? 1 : 0);
    const std::string name = "connection of " + connection->peer + ": ";
    failures.require(connection->open, name + "closed and still there");
    being_authenticated += connection->being_authenticated ? 1 : 0;
    failures.require(!connection->held_connect || connection->session == nullptr, name + "CONNECT is held");
    const Session* session = connection->session;
    if (session == nullptr) continue;
    failures.require(session->connection == connection.get(), name + "its session has another connection");
    std::size_t unreleased = 0;
    for (const auto& [packet_id, incoming] : session->incoming)
      unreleased += incoming.counted_on == id ? 1 : 0;
    failures.equal(connection->unreleased_count, unreleased, name + "unreleased QoS 2 messages");
    // No lost wake-up: what may be sent has been sent.
    Outgoing& outgoing = connection->session->outgoing;
    const bool waiting =
        outgoing.next_to_resend().has_value() || (outgoing.has_queued() && outgoing.window_open());
    failures.require(!waiting || connection->congested, name + "a message waits for nothing");
  }
  failures.require(authentications_ >= being_authenticated, "authentications that nobody waits for");
  failures.equal(timers_.size(), timers, "timers");
  failures.require(retained_timer_.at == retained_.next_expiry(), "the timer of the retained messages");
  failures.require(closed_.empty(), "closed connections are kept");
  std::sort(lines.begin(), lines.end());  // the connections are in no order
  return lines;
}

Resources Broker::State::resources() const {
  Resources resources;
  resources.connections = connections_.size();
  resources.sessions = sessions_.size();
  resources.subscriptions = tree_.size() + groups_.member_count();
  resources.shared_groups = groups_.size();
  resources.filter_nodes = tree_.node_count();
  resources.retained_messages = retained_.size();
  resources.timers = timers_.size();
  resources.authentications = authentications_;
  for (const auto& [client_id, session] : sessions_) {
    resources.queued_messages += session->outgoing.queued_count();
    resources.inflight_messages += session->outgoing.unfinished_count();
    resources.incoming_packet_ids += session->incoming.size();
    resources.wills += session->will ? 1 : 0;
  }
  return resources;
}

}  // namespace mqttvet::core
