// Shared subscriptions (section 4.8.2): each message goes to one member, and is not lost with it.
//
//   the member's session ends       sent, QoS 1 -> another member    sent, QoS 2 -> nobody    queued ->
//   another it unsubscribes                 stays with it                    stays with it            queued
//   -> another it goes offline                 stays with it, or as if the session had ended
//                                   (shared_redispatch_at_disconnect), but QoS 2 waits for it
//   it answers with a failure       nobody gets it
//
// What nobody can take over stays where it is, or ends with the session.
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

Delivery Broker::State::shared_delivery(SharedGroup& group, const Message& message) {
  const Subscriber& member = choose_member(group, message);
  const Subscription& subscription = *member.subscription;
  SPEC("MQTT5-4.8.2-3");
  Delivery delivery{member.session, subscription.options.maximum_qos, false, {}, group.topic_filter};
  delivery.retain = subscription.options.retain_as_published && message.retain;
  if (subscription.subscription_identifier) {
    delivery.subscription_identifiers.push_back(*subscription.subscription_identifier);
  }
  return delivery;
}

// In turns; but whoever is online is preferred to whoever is not, and whoever has room to both.
const Subscriber& Broker::State::choose_member(SharedGroup& group, const Message& message) {
  const std::size_t count = group.members.size();
  std::size_t best = group.turn;
  std::optional<Able> best_ability;
  for (std::size_t step = 0; step < count && best_ability != Able::online; ++step) {
    const std::size_t index = (group.turn + step) % count;
    const Subscriber& member = group.members[index];
    Able ability =
        ability_of(*member.session, std::min(message.qos, member.subscription->options.maximum_qos));
    if (!access_.may_receive(member.session->identity(), message.topic_name)) ability = Able::forbidden;
    if (best_ability && ability >= *best_ability) continue;
    best_ability = ability;
    best = index;
  }
  group.turn = (best + 1) % count;
  return group.members[best];
}

Broker::State::Able Broker::State::ability_of(const Session& member, QoS qos) const {
  const bool has_room =
      config_.queue_messages_max == 0 || member.outgoing.queued_count() < config_.queue_messages_max;
  if (member.connection != nullptr) {
    const bool reads =
        qos != QoS::at_most_once || member.connection->unwritten_bytes <= config_.write_queue_bytes_max;
    return has_room && reads ? Able::online : Able::online_full;
  }
  const bool keeps = qos != QoS::at_most_once || config_.queue_qos0;
  return has_room && keeps ? Able::offline : Able::offline_full;
}

// --- A lost member -----------------------------------------------------------------------------------------

std::vector<Broker::State::Orphan> Broker::State::take_orphans(Session& session, Take take,
                                                               std::string_view from_filter) {
  std::vector<Orphan> orphans;
  Outgoing& outgoing = session.outgoing;
  const auto is_orphan = [&](const OutgoingRecord& record) {
    if (record.shared_filter.empty()) return false;
    if (!from_filter.empty() && record.shared_filter != from_filter) return false;
    SPEC("MQTT5-4.8.2-4");
    SPEC("MQTT5-4.8.2-5");  // QoS 2 is completed with the client it was begun with, or not at all
    if (record.state == OutgoingRecord::State::sent && record.qos != QoS::at_least_once) return false;
    return groups_.find(record.shared_filter) != nullptr;
  };
  std::vector<Outgoing::Iterator> found;
  const auto look_at = [&](Outgoing::List& list) {
    for (auto message = list.begin(); message != list.end(); ++message) {
      if (is_orphan(message->record)) found.push_back(message);
    }
  };
  if (take == Take::unacknowledged_too) look_at(outgoing.sent());
  for (Outgoing::List* list : outgoing.queue().lists()) look_at(*list);
  for (const Outgoing::Iterator message : found) {
    orphans.push_back({message->record.message, message->record.shared_filter});
    drop(session, message);
  }
  if (session.queue_alarm) watch_queue(session);
  return orphans;
}

void Broker::State::hand_over(std::vector<Orphan> orphans) {
  for (const Orphan& orphan : orphans) {
    SharedGroup* group = groups_.find(orphan.shared_filter);
    if (group == nullptr) continue;
    const bool by_name = *shared_part(orphan.shared_filter) == orphan.message->topic_name;
    if (!by_name && MUTANT(B091_redispatch_by_topic)) continue;
    ++counters_.shared_handed_over;
    Delivery delivery = shared_delivery(*group, *orphan.message);
    deliver(orphan.message, delivery);
  }
}

bool Broker::State::has_online_member(const SharedGroup& group) const {
  const auto able = [this](const Subscriber& member) {
    return ability_of(*member.session, QoS::at_least_once) == Able::online;
  };
  return std::ranges::any_of(group.members, able);
}

// What the sessions that end with their connections leave, goes to those that are stored.
void Broker::State::hand_over_at_stop() {
  for (const auto& [client_id, session] : sessions_) {
    if (session->is_persistent()) continue;
    for (const auto& [filter, subscription] : session->subscriptions) leave_tree(*session, filter);
  }
  for (const auto& [client_id, session] : sessions_) {
    if (!session->is_persistent()) hand_over(take_orphans(*session, Take::unacknowledged_too, {}));
  }
}

// The session goes on: what nobody online can take over waits for it.
void Broker::State::redispatch_of_offline(Session& session) {
  for (const auto& [topic_filter, subscription] : session.subscriptions) {
    const SharedGroup* group = is_shared(topic_filter) ? groups_.find(topic_filter) : nullptr;
    if (group == nullptr || !has_online_member(*group)) continue;
    hand_over(take_orphans(session, Take::unacknowledged_too, topic_filter));
  }
}

}  // namespace mqttvet::core
