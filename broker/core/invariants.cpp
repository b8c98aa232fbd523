// Every derived value, recomputed from what it is derived from.
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {
namespace {

// Puts a line together only when something does not hold: this runs after every step.
class Failures {
 public:
  explicit Failures(std::vector<std::string>& lines) : lines_(lines) {}
  // What is required from here on is required of it: "session alice". The views must live that long.
  void about(std::string_view kind, std::string_view name) {
    kind_ = kind;
    name_ = name;
  }
  void require(bool holds, std::string_view text, std::string_view detail = {}) {
    if (!holds) fail(std::string(text).append(detail));
  }
  void equal(std::size_t counted, std::size_t recomputed, std::string_view what) {
    if (counted == recomputed) return;
    fail(std::string(what) + ": " + std::to_string(counted) + ", recomputed: " + std::to_string(recomputed));
  }

 private:
  void fail(const std::string& text) {
    std::string line(kind_);
    if (!kind_.empty()) line.append(" ").append(name_).append(": ");
    lines_.push_back(line + text);
  }
  std::vector<std::string>& lines_;
  std::string_view kind_;
  std::string_view name_;
};

bool is_member(const SharedGroup* group, const Subscription& subscription) {
  if (group == nullptr) return false;
  const auto same = [&](const Subscriber& member) { return member.subscription == &subscription; };
  return std::ranges::count_if(group->members, same) == 1;
}

void check_session(const Session& session, const SubscriptionTree& tree, const SharedGroups& groups,
                   Failures& failures) {
  failures.about("session", session.client_id);
  for (const auto& [topic_filter, subscription] : session.subscriptions) {
    const bool there = tree.find(topic_filter, session) == &subscription ||
                       is_member(groups.find(topic_filter), subscription);
    failures.require(there, "not in the tree: ", topic_filter);
  }
  const bool online = session.connection != nullptr;
  failures.require(online || session.is_persistent(), "outlived its connection");
  failures.require(!online || session.connection->session == &session, "its connection has another session");
  failures.require(!online || !session.ends_at, "ends while its client is connected");
  failures.require(online == !session.disconnected_at, "online and disconnected at once");
  const bool ends = session.expiry_interval != codec::kNeverExpires;
  failures.require(online || session.ends_at.has_value() == ends, "no end, or one too many");
  failures.require(!session.will_due || (session.will && !online), "a will is due that isn't there");
  const bool waits = session.ends_at || session.will_due;
  failures.require(session.timer.at.has_value() == waits, "timer and what it waits for differ");
}

}  // namespace

std::vector<std::string> Broker::State::check_invariants() const {
  std::vector<std::string> lines;
  if (refusing_) return lines;
  Failures failures(lines);
  std::size_t subscriptions = 0;
  std::size_t timers = (retained_timer_.at ? 1 : 0) + (sys_timer_.at ? 1 : 0);
  std::size_t alarms = 0;
  std::size_t being_authenticated = 0;
  for (const auto& [client_id, session] : sessions_) {
    failures.require(client_id == session->client_id, "session under another name: ", client_id);
    check_session(*session, tree_, groups_, failures);
    session->outgoing.check(session->client_id, lines);
    subscriptions += session->subscriptions.size();
    timers += session->timer.at ? 1 : 0;
    alarms += session->queue_alarm ? 1 : 0;
    const std::size_t queued = session->outgoing.queue().clients_size();
    const bool between = session->queue_alarm ? queued > watermarks_.low : queued < watermarks_.high;
    failures.require(watermarks_.high == 0 || between, "alarm and queue differ");
  }
  failures.about({}, {});
  failures.equal(tree_.size() + groups_.member_count(), subscriptions, "subscriptions in the tree");
  groups_.check(lines);
  for (const auto& [id, connection] : connections_) {
    timers += (connection->timer.at ? 1 : 0) + (connection->retry_timer.at ? 1 : 0) +
              (connection->await_rel_timer.at ? 1 : 0);
    failures.about("connection of", connection->peer);
    failures.require(connection->open, "closed and still there");
    being_authenticated += connection->being_authenticated ? 1 : 0;
    failures.require(!connection->held_connect || connection->session == nullptr, "CONNECT is held");
    const Session* session = connection->session;
    if (session == nullptr) continue;
    failures.require(session->connection == connection.get(), "its session has another connection");
    std::size_t unreleased = 0;
    for (const auto& [packet_id, incoming] : session->incoming)
      unreleased += incoming.counted_on == id ? 1 : 0;
    failures.equal(connection->unreleased_count, unreleased, "unreleased QoS 2 messages");
    // No lost wake-up: what may be sent has been sent.
    Outgoing& outgoing = connection->session->outgoing;
    const bool waiting =
        outgoing.next_to_resend().has_value() || (outgoing.has_queued() && outgoing.window_open());
    failures.require(!waiting || connection->congested, "a message waits for nothing");
  }
  failures.about({}, {});
  failures.require(authentications_ >= being_authenticated, "authentications that nobody waits for");
  failures.equal(timers_.size(), timers, "timers");
  failures.equal(queue_alarm_count_, alarms, "queue alarms");
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
  resources.queue_alarms = queue_alarm_count_;
  resources.queued_messages = planted_.leaked.size();
  for (const auto& [id, connection] : connections_)
    resources.receive_buffer_bytes += connection->decoder.buffer_bytes();
  for (const auto& [client_id, session] : sessions_) {
    resources.queued_messages += session->outgoing.queued_count();
    resources.inflight_messages += session->outgoing.unfinished_count();
    resources.incoming_packet_ids += session->incoming.size();
    resources.wills += session->will ? 1 : 0;
  }
  return resources;
}

}  // namespace mqttvet::core
