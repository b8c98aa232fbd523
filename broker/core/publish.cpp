// From an accepted message to its deliveries: retained messages and routing (sections 3.3.1.3, 3.3.4, 4.7).
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

bool Broker::State::publish(const MessagePtr& message) {
  if (planted_.null_filters.contains(message->topic_name) && MUTANT(B095_unsub_unknown_crash)) plant_crash();
  if (message->retain) store_retained(message);
  if (message->retain && message->payload.empty() && MUTANT(B085_empty_retained_not_forwarded)) return false;
  return route(message);
}

void Broker::State::store_retained(const MessagePtr& message) {
  const std::string& topic_name = message->topic_name;
  const std::size_t bytes_max = config_.retained_payload_bytes_max;
  const bool too_large = bytes_max != 0 && message->payload.size() > bytes_max;
  if (too_large) {
    ++counters_.not_retained_too_large;
    log(Log::Level::warning, Log::Area::message, "too large to be retained: " + topic_name);
  }
  if (message->payload.empty() || too_large) {  // an older value would be wrong
    SPEC("MQTT5-3.3.1-6");
    SPEC("MQTT5-3.3.1-7");
    SPEC("MQTT311-3.3.1-10");
    SPEC("MQTT311-3.3.1-11");
    if (retained_.erase(topic_name)) persist(DeleteRetained{topic_name});
  } else if (config_.retained_messages_max != 0 && retained_.size() >= config_.retained_messages_max &&
             (!retained_.contains(topic_name) ||
              MUTANT(E_H06_full_keeps_old))) {  // replacing one never fails
    ++counters_.not_retained_full;
    if (!retained_full_logged_)
      log(Log::Level::warning, Log::Area::message, "no room for more retained messages");
    retained_full_logged_ = true;
  } else {
    SPEC("MQTT5-3.3.1-5");
    SPEC("MQTT311-3.3.1-5");
    retained_full_logged_ = false;
    const bool stored = retained_.contains(topic_name) && MUTANT(B082_replace_loses_payload);
    retained_.put(message, retained_until(*message));
    if (!stored) persist(PutRetained{message});
  }
  arm_retained_timer();
}

std::optional<Monotonic> Broker::State::retained_until(const Message& message) const {
  const auto expires_at = message.expires_at();
  if (config_.retained_expiry_interval.count() == 0) return expires_at;
  Monotonic end = message.arrived_at + config_.retained_expiry_interval;
  if (MUTANT(E_H08_retained_twice_as_long)) end += config_.retained_expiry_interval;
  return std::min(expires_at.value_or(end), end);
}

void Broker::State::drop_expired_retained() {
  for (const std::string& topic_name : retained_.expired(now_.monotonic)) {
    ++counters_.dropped_expired;
    retained_.erase(topic_name);
    persist(DeleteRetained{topic_name});
  }
  arm_retained_timer();
}

void Broker::State::arm_retained_timer() {
  const auto next = retained_.next_expiry();
  if (retained_timer_.at == next) return;
  timers_.cancel(retained_timer_);
  if (next) timers_.arm(retained_timer_, *next);
}

// One copy to each session, with what its matching subscriptions ask for together: the highest QoS, all
// identifiers, and the RETAIN flag if one of them wants it as published.
bool Broker::State::route(const MessagePtr& message) {
  subscribers_.clear();
  deliveries_.clear();
  matched_groups_.clear();
  tree_.match(message->topic_name, subscribers_, matched_groups_);
  ++routing_;
  for (const Subscriber& subscriber : subscribers_) {
    Session& session = *subscriber.session;
    const Subscription& subscription = *subscriber.subscription;
    SPEC("MQTT5-3.8.3-3");
    if (subscription.options.no_local && session.client_id == message->publisher) continue;
    if (session.routed_in != routing_) {
      session.routed_in = routing_;
      session.routed_index = deliveries_.size();
      deliveries_.push_back({&session, QoS::at_most_once, false, {}, {}});
    } else if (MUTANT(B088_overlap_first_wins)) {
      continue;
    }
    Delivery& delivery = deliveries_[session.routed_index];
    SPEC("MQTT5-3.3.4-2");
    SPEC("MQTT311-3.3.5-1");
    delivery.maximum_qos = std::max(delivery.maximum_qos, subscription.options.maximum_qos);
    SPEC("MQTT5-3.3.1-12");
    SPEC("MQTT5-3.3.1-13");
    SPEC("MQTT311-3.3.1-9");
    if (subscription.options.retain_as_published && message->retain) delivery.retain = true;
    SPEC("MQTT5-3.3.4-3");
    SPEC("MQTT5-3.3.4-4");
    if (subscription.subscription_identifier) {
      delivery.subscription_identifiers.push_back(*subscription.subscription_identifier);
    }
  }
  for (SharedGroup* group : matched_groups_) {
    if (group->routed_in == routing_) continue;  // "$queue/" filters may match twice
    group->routed_in = routing_;
    deliveries_.push_back(shared_delivery(*group, *message));
    for (std::size_t more = 1; more < group->members.size() && MUTANT(E_E10_a_copy_for_each_member); ++more)
      deliveries_.push_back(shared_delivery(*group, *message));
  }
  if (deliveries_.size() > 1 && MUTANT(B089_fanout_mutates)) plant_lower_qos();
  for (Delivery& delivery : deliveries_) deliver(message, delivery);
  return !deliveries_.empty();
}

}  // namespace mqttvet::core
