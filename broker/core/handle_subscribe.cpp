// SUBSCRIBE and UNSUBSCRIBE (sections 3.8 and 3.10).
#include <algorithm>

#include "broker/codec/topic.h"
#include "broker/core/state.h"

namespace mqttvet::core {

using codec::ReasonCode;

// The subscriptions are active and stored before SUBACK; retained messages follow it, filter by filter.
void Broker::State::handle(Connection& connection, codec::Subscribe& subscribe) {
  // A 5.0 client was told in CONNACK, and to ask all the same is a Protocol Error (sections 3.2.2.3.11 to
  // 3.2.2.3.13). Others have their subscriptions refused one by one.
  if (connection.version == codec::ProtocolVersion::v5_0) {
    if (const auto refusal = beyond_capabilities(config_, subscribe)) return fail(connection, *refusal);
  }
  Session& session = *connection.session;
  codec::Suback suback;
  suback.packet_id = subscribe.packet_id;
  std::vector<const codec::Subscribe::Request*> wants_retained;
  for (const auto& request : subscribe.requests) {
    bool existed = false;
    const ReasonCode granted = subscribe_to(connection, request, subscribe.subscription_identifier, existed);
    SPEC("MQTT5-3.8.4-6");
    SPEC("MQTT311-3.8.4-5");
    suback.reason_codes.push_back(granted);
    if (codec::is_failure(granted)) continue;
    if (is_shared(request.topic_filter) && !MUTANT(B084_retained_to_shared)) continue;  // section 4.8.2
    SPEC("MQTT5-3.3.1-9");
    SPEC("MQTT5-3.3.1-10");
    SPEC("MQTT5-3.3.1-11");
    const codec::RetainHandling handling = request.options.retain_handling;
    if (handling == codec::RetainHandling::do_not_send) continue;
    if (handling == codec::RetainHandling::send_if_new && existed) continue;
    if (existed && MUTANT(E_H01_repeated_subscribe_gets_none)) continue;
    wants_retained.push_back(&request);
  }
  if (connection.version == codec::ProtocolVersion::v3_1 &&
      std::ranges::any_of(suback.reason_codes, codec::is_failure)) {
    return fail(connection, ReasonCode::not_authorized,
                "a subscription is refused, and 3.1 has no word for it");
  }
  if (std::ranges::any_of(suback.reason_codes, codec::is_failure) &&
      MUTANT(E_F15_one_refused_filter_fails_all)) {
    for (const auto& request : subscribe.requests) unsubscribe_from(session, request.topic_filter);
    std::ranges::fill(suback.reason_codes, ReasonCode::unspecified_error);
    wants_retained.clear();
  }
  SPEC("MQTT5-3.8.4-1");
  SPEC("MQTT311-3.8.4-1");
  send(connection, suback, MUTANT(DUR5_suback_before_persist) ? RecordSequence{} : latest_);
  for (const auto* request : wants_retained) send_retained(session, request->topic_filter);
}

// success: none.
ReasonCode Broker::State::refusal_of(const Session& session, const std::string& topic_filter) const {
  if (codec::level_count(topic_filter) > config_.topic_levels_max) return ReasonCode::topic_filter_invalid;
  const bool shared = is_shared(topic_filter);
  if (!shared && config_.shared_subscription_available && codec::is_shared(topic_filter)) {
    return ReasonCode::topic_filter_invalid;  // 3.1.1: in 5.0 it was refused with its packet
  }
  if (!access_.may_subscribe(session.identity(),
                             shared ? *shared_part(topic_filter) : std::string_view(topic_filter))) {
    return ReasonCode::not_authorized;
  }
  if (!config_.wildcard_subscription_available && codec::has_wildcard(topic_filter)) {
    SPEC("MQTT311-3.8.3-2");
    return ReasonCode::wildcard_subscriptions_not_supported;
  }
  if (config_.subscriptions_max != 0 && session.subscriptions.size() >= config_.subscriptions_max &&
      !session.subscriptions.contains(topic_filter)) {
    return ReasonCode::quota_exceeded;
  }
  return ReasonCode::success;
}

ReasonCode Broker::State::subscribe_to(const Connection& connection, const codec::Subscribe::Request& request,
                                       std::optional<std::uint32_t> subscription_identifier, bool& existed) {
  const Session& session = *connection.session;
  const std::string& topic_filter = request.topic_filter;
  const ReasonCode refusal = refusal_of(session, topic_filter);
  if (refusal != ReasonCode::success) return refusal;
  existed = session.subscriptions.contains(topic_filter);
  SubscriptionRecord record{topic_filter, request.options, subscription_identifier};
  SPEC("MQTT5-3.2.2-10");
  record.options.maximum_qos = std::min(record.options.maximum_qos, config_.maximum_qos);
  if (connection.bridge) {  // SPEC_NOTES N14
    record.options.no_local = !is_shared(topic_filter);
    record.options.retain_as_published = true;
  }
  if (MUTANT(B094_suback_before_active)) {
    plant_later([this, client_id = session.client_id, record] {
      if (Session* subscriber = find_session(client_id)) subscribe(*subscriber, record);
    });
  } else {
    subscribe(*connection.session, record);
  }
  return static_cast<ReasonCode>(record.options.maximum_qos);
}

void Broker::State::subscribe(Session& session, const SubscriptionRecord& record) {
  add_subscription(session, record);
  if (session.is_persistent() || MUTANT(B093_clean_subs_survive_restart))
    persist(PutSubscription{session.client_id, record});
}

// Adds it, or replaces options and identifier of the one with this filter, in place: no message is missed
// meanwhile.
void Broker::State::add_subscription(Session& session, const SubscriptionRecord& record) {
  const auto [place, is_new] = session.subscriptions.try_emplace(record.topic_filter);
  SPEC("MQTT5-3.8.4-3");
  SPEC("MQTT311-3.8.4-3");
  if (!is_new && MUTANT(B087_resub_no_update)) return;
  place->second = Subscription{record.options, record.subscription_identifier};
  if (!is_new) return;
  if (is_shared(record.topic_filter)) {
    groups_.join(record.topic_filter, session, place->second, tree_);
  } else {
    tree_.insert(record.topic_filter, session, place->second);
  }
}

bool Broker::State::is_shared(std::string_view topic_filter) const {
  return config_.shared_subscription_available && topic_filter.starts_with('$') && shared_part(topic_filter);
}

void Broker::State::leave_tree(const Session& session, std::string_view topic_filter) {
  if (is_shared(topic_filter)) {
    groups_.leave(topic_filter, session, tree_);
  } else {
    tree_.erase(topic_filter, session);
  }
}

void Broker::State::send_retained(Session& session, const std::string& topic_filter) {
  const auto found = session.subscriptions.find(topic_filter);
  if (found == session.subscriptions.end()) return;
  if (!config_.retain_available) return;
  const Subscription& subscription = found->second;
  std::vector<MessagePtr> messages;
  retained_.match(is_shared(topic_filter) ? *shared_part(topic_filter) : topic_filter, messages);
  if (messages.size() > 3 && MUTANT(B009_retained_budget_drop)) messages.resize(3);
  figures_.match(topic_filter, messages);
  for (const MessagePtr& message : messages) {
    SPEC("MQTT5-3.8.3-3");
    if (subscription.options.no_local && message->publisher == session.client_id) continue;
    SPEC("MQTT311-3.3.1-8");
    Delivery delivery{&session, subscription.options.maximum_qos, true, {}, {}};
    if (message->qos > delivery.maximum_qos && MUTANT(B080_retained_qos_cap))
      delivery.maximum_qos = message->qos;
    if (subscription.subscription_identifier) {
      delivery.subscription_identifiers.push_back(*subscription.subscription_identifier);
    }
    deliver(message, delivery);
  }
}

void Broker::State::handle(Connection& connection, const codec::Unsubscribe& unsubscribe) {
  codec::Unsuback unsuback;
  unsuback.packet_id = unsubscribe.packet_id;
  for (const std::string& topic_filter : unsubscribe.topic_filters) {
    if (MUTANT(E_H02_unsubscribe_late)) {
      plant_later([this, client_id = connection.session->client_id, topic_filter] {
        if (Session* session = find_session(client_id)) unsubscribe_from(*session, topic_filter);
      });
      unsuback.reason_codes.push_back(ReasonCode::success);
      continue;
    }
    SPEC("MQTT5-3.11.3-1");
    unsuback.reason_codes.push_back(unsubscribe_from(*connection.session, topic_filter));
  }
  SPEC("MQTT5-3.10.4-4");
  SPEC("MQTT5-3.10.4-5");
  SPEC("MQTT311-3.10.4-4");
  SPEC("MQTT311-3.10.4-5");
  send(connection, unsuback, latest_);
}

// What is in flight or queued already is delivered all the same [MQTT5-3.10.4-3, MQTT311-3.10.4-3]; but what
// waits for a member of a group goes to another one, if there is another.
ReasonCode Broker::State::unsubscribe_from(Session& session, const std::string& topic_filter) {
  const auto found = session.subscriptions.find(topic_filter);
  if (found == session.subscriptions.end()) {
    if (MUTANT(B095_unsub_unknown_crash)) planted_.null_filters.insert(topic_filter);
    return ReasonCode::no_subscription_existed;
  }
  SPEC("MQTT5-3.10.4-1");
  SPEC("MQTT5-3.10.4-2");
  SPEC("MQTT311-3.10.4-1");
  SPEC("MQTT311-3.10.4-2");
  leave_tree(session, topic_filter);
  session.subscriptions.erase(found);
  if (session.is_persistent()) persist(DeleteSubscription{session.client_id, topic_filter});
  if (groups_.find(topic_filter) != nullptr) hand_over(take_orphans(session, Take::queued, topic_filter));
  if (session.outgoing.unfinished_count() != 0 && MUTANT(B099_unsub_drops_inflight))
    plant_drop(session, topic_filter);
  if (MUTANT(B090_share_vs_normal_key)) plant_unsubscribe_twin(session, topic_filter);
  return ReasonCode::success;
}

}  // namespace mqttvet::core
