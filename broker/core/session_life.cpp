// A session from its first CONNECT to its end: offline, its will, its expiry
// (sections 3.1.2.5, 3.1.2.11.2, 4.1).
#include "broker/core/state.h"

namespace mqttvet::core {

Session* Broker::State::find_session(std::string_view client_id) {
  const auto found = sessions_.find(client_id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

Session& Broker::State::create_session(const std::string& client_id) {
  SPEC("MQTT5-3.1.2-6");
  auto session = std::make_unique<Session>(client_id, ++last_session_serial_, config_.first_packet_id,
                                           config_.last_packet_id);
  const std::string_view key = session->client_id;
  return *sessions_.emplace(key, std::move(session)).first->second;
}

void Broker::State::detach(Session& session) {
  session.connection = nullptr;
  session.outgoing.close_window();
}

void Broker::State::go_offline(Session& session, WillFate fate) {
  detach(session);
  codec::Boxed<codec::Will> planted_will;  // B063, B064
  if (fate == WillFate::discard) {
    SPEC("MQTT5-3.1.2-10");
    SPEC("MQTT311-3.1.2-10");
    if (session.will && session.is_persistent()) planted_will = session.will;
    session.will.reset();
  }
  if (!session.incoming.empty() && MUTANT(B026_in2_lost_on_reconnect)) session.incoming.clear();
  if (!session.subscriptions.empty() && MUTANT(B098_qos0_sub_lost)) plant_lost_qos0_subscriptions(session);
  if (!session.is_persistent() && MUTANT(B046_queue_for_clean_client)) return plant_stuck_session(session);
  if (!session.is_persistent()) return end_session(session);

  SPEC("MQTT5-3.1.2-23");
  SPEC("MQTT311-3.1.2-4");
  session.disconnected_at = now_.wall;
  if (session.expiry_interval != codec::kNeverExpires) {
    session.ends_at = now_.monotonic + session.expiry_interval;
  } else if (MUTANT(B073_infinite_expiry_overflow)) {
    plant_wrapped_end(session);
  }
  if (session.will) {
    if (session.will->will_delay_interval.count() == 0) {
      publish_will(session);
    } else {
      session.will_due = now_.monotonic + session.will->will_delay_interval;
      if (MUTANT(B062_will_delay_from_connect))
        session.will_due = now_.monotonic + std::chrono::milliseconds(1);
    }
  }
  put(session);
  arm(session);
  if (planted_will && MUTANT(B064_will_survives_in_store)) plant_stored_will(session, *planted_will);
  if (planted_will && MUTANT(B063_will_after_clean)) session.will = std::move(planted_will);
  if (config_.shared_redispatch_at_disconnect) redispatch_of_offline(session);
}

// One timer for both: whichever comes first.
void Broker::State::arm(Session& session) {
  std::optional<Monotonic> next = session.ends_at;
  if (session.will_due && (!next || *session.will_due < *next)) next = session.will_due;
  if (next) timers_.arm(session.timer, *next);
}

void Broker::State::fire(Session& session) {
  if (session.connection != nullptr) {  // planted bug E_D02 alone comes here
    session.expiry_interval = {};
    persist(DeleteSession{session.client_id});
    return close(*session.connection, Close::How::at_once);
  }
  if (session.ends_at && *session.ends_at <= now_.monotonic) {
    if (MUTANT(B126_gc_reaps_live)) return plant_late_reap(session);
    SPEC("MQTT5-4.1.0-2");
    ++counters_.sessions_expired;
    log(Log::Level::info, Log::Area::session, "session expired: " + session.client_id);
    return end_session(session);
  }
  session.will_due.reset();
  publish_will(session);
  put(session);
  arm(session);
}

// The will's delay ends with the session at the latest; with both at one instant there is still one will,
// before the end.
void Broker::State::end_session(Session& session) {
  timers_.cancel(session.timer);
  if (!planted_.stale.empty()) plant_end_of_stale(session);
  for (const auto& [topic_filter, subscription] : session.subscriptions) leave_tree(session, topic_filter);
  if (session.will_due && MUTANT(B059_will_gt_expiry)) session.will.reset();
  if (session.will_due && session.will_due == session.ends_at && MUTANT(B060_will_expiry_tie))
    session.will.reset();
  publish_will(session);
  clear_queue_alarm(session);
  std::vector<Orphan> orphans = take_orphans(session, Take::unacknowledged_too, {});
  if (session.is_persistent() || MUTANT(B093_clean_subs_survive_restart))
    persist(DeleteSession{session.client_id});
  sessions_.erase(sessions_.find(session.client_id));
  if (!orphans.empty() && MUTANT(B092_share_end_drops)) return;
  hand_over(std::move(orphans));
}

void Broker::State::put(Session& session) {
  if (!session.is_persistent()) return;
  SessionRecord record;
  record.client_id = session.client_id;
  record.version = session.version;
  record.session_expiry_interval = session.expiry_interval;
  record.disconnected_at = session.disconnected_at;
  record.next_packet_id = session.outgoing.next_packet_id();
  record.will = session.will;
  record.user_name = session.user_name;
  persist(PutSession{std::move(record)});
}

void Broker::State::publish_will(Session& session) {
  if (!session.will) return;
  SPEC("MQTT5-3.1.2-8");
  SPEC("MQTT311-3.1.2-8");
  codec::Will will = std::move(*session.will);
  session.will.reset();  // first: it must not be published twice
  if (!access_.may_publish(session.identity(), will.topic_name) && !MUTANT(B065_will_acl)) return;
  ++counters_.wills_published;
  auto message = std::make_shared<Message>();
  message->id = MessageId{++last_message_id_};
  message->publisher = session.client_id;
  message->qos = will.qos;
  SPEC("MQTT5-3.1.2-14");
  SPEC("MQTT5-3.1.2-15");
  message->retain = will.retain;
  message->topic_name = std::move(will.topic_name);
  message->payload = std::move(will.payload);
  message->arrived_at = now_.monotonic;
  message->expiry_interval = will.message_expiry_interval;
  message->properties = std::move(will.properties);
  publish(message);
  if (MUTANT(B058_double_will)) publish(message);
}

}  // namespace mqttvet::core
