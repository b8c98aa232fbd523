// After a restart: the sessions, subscriptions, messages and timers as storage read them back.
#include <algorithm>

#include "broker/core/state.h"

namespace mqttvet::core {

Broker::State::State(Config config, std::uint64_t seed, Snapshot restored, Now now)
    : config_(std::move(config)),
      seed_(seed),
      access_(std::move(config_.access_lists.rules), config_.acl_allow_unmatched),
      users_(std::move(config_.access_lists.users)),
      last_message_id_(static_cast<std::uint64_t>(restored.last_message_id)),
      now_(now) {
  started_at_ = now.monotonic;
  if (!restored.sessions.empty() && MUTANT(E_D10_sessions_in_memory_only)) {
    for (const RestoredSession& session : restored.sessions)
      unsaved_.emplace_back(DeleteSession{session.session.client_id});
    restored.sessions.clear();
  }
  set_watermarks();
  for (const RestoredSession& session : restored.sessions) restore(session);
  for (RestoredSession& session : restored.sessions) {
    restore_outgoing(session.session.client_id, std::move(session.outgoing));
  }
  for (MessagePtr& message : restored.retained) {
    const auto until = retained_until(*message);
    retained_.put(std::move(message), until);
  }
  arm_retained_timer();
  for (const auto& [client_id, session] : sessions_) watch_queue(*session);
  if (config_.sys_interval.count() > 0) timers_.arm(sys_timer_, now.monotonic);
}

void Broker::State::restore(const RestoredSession& restored) {
  const SessionRecord& record = restored.session;
  Session& session = create_session(record.client_id);
  session.version = record.version;
  session.expiry_interval = record.session_expiry_interval;
  session.user_name = record.user_name;
  session.will = record.will;
  session.restored = true;
  session.outgoing.set_next_packet_id(record.next_packet_id);
  for (const SubscriptionRecord& subscription : restored.subscriptions)
    add_subscription(session, subscription);
  for (const PacketId packet_id : restored.incoming) session.incoming[packet_id] = {};
  restore_timers(session, record);
}

void Broker::State::restore_outgoing(const std::string& client_id, std::vector<OutgoingRecord>&& records) {
  for (OutgoingRecord& record : records) {
    Session* session = find_session(client_id);
    const bool in_flight = record.state != OutgoingRecord::State::queued;
    if (in_flight && MUTANT(B120_inflight_to_origin)) session = find_session(record.message->publisher);
    if (!in_flight && MUTANT(B121_queue_not_loaded)) continue;
    if (session != nullptr) {
      const std::uint8_t priority = priority_of(record.message->topic_name);
      session->outgoing.restore(std::move(record), priority);
    }
  }
}

// The time in which the broker was down counts: an offline session goes on to expire from when its client
// left. A client that was connected has been offline since now. The will's delay counts from now for both
// (section 3.1.2.5).
void Broker::State::restore_timers(Session& session, const SessionRecord& record) {
  session.disconnected_at = record.disconnected_at.value_or(now_.wall);
  if (!record.disconnected_at) {
    SessionRecord offline = record;
    offline.disconnected_at = now_.wall;
    unsaved_.emplace_back(PutSession{std::move(offline)});
  }
  if (session.expiry_interval != codec::kNeverExpires) {
    // The wall clock may have jumped: never less than nothing, never more than the whole interval.
    const Monotonic::duration whole = session.expiry_interval;
    const Monotonic::duration left = whole - (now_.wall - *session.disconnected_at);
    session.ends_at = now_.monotonic + std::clamp(left, Monotonic::duration(0), whole);
  }
  if (session.will) session.will_due = now_.monotonic + session.will->will_delay_interval;
  if (session.ends_at && MUTANT(B071_restored_immortal)) session.ends_at.reset();
  arm(session);
}

}  // namespace mqttvet::core
