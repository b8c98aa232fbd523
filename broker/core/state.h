// What a Broker holds, and everything it does. Each group of functions has its file.
//
//   bytes -> handle_* -> publish -> route -> deliver -> pump -> Send
//                   \-> Session and Connection, Persist
//
// Within a step nothing is freed: a connection that ends goes to closed_, so that whoever still handles its
// packets sees open == false. Sessions end only where nothing else holds them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "broker/codec/encoder.h"
#include "broker/codec/packet.h"
#include "broker/core/access.h"
#include "broker/core/broker.h"
#include "broker/core/capabilities.h"
#include "broker/core/connection.h"
#include "broker/core/mutants.h"
#include "broker/core/planted_bugs.h"
#include "broker/core/retained.h"
#include "broker/core/session.h"
#include "broker/core/shared_groups.h"
#include "broker/core/spec.h"
#include "broker/core/subscription_tree.h"
#include "broker/core/timers.h"

namespace mqttvet::core {

// One message's way to one session: what all its matching subscriptions together ask for; or its way to one
// member of a group.
struct Delivery {
  Session* session = nullptr;
  QoS maximum_qos = QoS::at_most_once;
  bool retain = false;
  std::vector<std::uint32_t> subscription_identifiers;
  std::string shared_filter = {};  // of the group; empty: ordinary subscriptions
};

class Broker::State {
 public:
  State(Config config, std::uint64_t seed, Snapshot restored, Now now);

  // --- broker.cpp: the step ---
  void step(const Input& input, Now now, Actions& actions);
  std::optional<Monotonic> next_deadline() const;

  // --- invariants.cpp ---
  std::vector<std::string> check_invariants() const;
  Resources resources() const;
  const Counters& counters() const { return counters_; }

 private:
  // --- broker.cpp ---
  void take(const Opened& input);
  void take(const Received& input);
  void take(const Written& input);
  void take(const Closed& input);
  void take(const Persisted& input);
  void take(const PeerMessage& input);
  void take(const RedirectClients& input);  // redirect.cpp
  void handle_packets(Connection& connection);
  void take(const Tick& input);
  void take(const Stop& input);
  void run_timers();
  void fire(const Timer& timer);
  std::vector<ConnectionId> sorted_connections() const;
  bool reads_nothing(const Connection& connection) const;
  void handle_keep_alive(Connection& connection);
  void handle_decode_error(Connection& connection, const codec::DecodeError& error);

  // --- handle_connect.cpp ---
  void handle(Connection& connection, codec::Connect& connect);
  std::optional<Refusal> refusal_of(const codec::Connect& connect) const;
  std::optional<Refusal> refusal_of(const codec::Will& will) const;
  void refuse(Connection& connection, const Refusal& refusal);
  void admit(Connection& connection, codec::Connect& connect, const std::string& user_name,
             codec::Bytes data);
  bool belongs_to_another(const codec::Connect& connect, const std::string& user_name) const;
  void take_over(const std::string& client_id, ConnectionId newer);
  void attach(Connection& connection, Session& session, codec::Connect& connect,
              const std::string& user_name);
  void enforce(Connection& connection, const codec::Connect& connect);
  codec::Connack accept(const Connection& connection, const codec::Connect& connect, bool assigned) const;
  std::chrono::seconds session_expiry_interval_of(const codec::Connect& connect) const;
  std::optional<std::string> response_information_for(const std::string& client_id) const;
  std::string make_client_id();

  // --- redirect.cpp ---
  std::optional<Refusal> redirection() const;
  std::optional<std::string> server_reference_for(codec::ReasonCode reason_code) const;

  // --- handle_auth.cpp: who the client is ---
  void take(const Authenticated& input);
  void take(const Reload& input);
  void authenticate(Connection& connection, codec::Connect& connect);
  void handle(Connection& connection, const codec::Auth& auth);
  void ask(Connection& connection, Authenticate question);
  void send_auth(Connection& connection, codec::ReasonCode reason_code, const codec::Bytes& data);
  // The peer is wrong, before CONNACK or after it.
  void reject(Connection& connection, const Refusal& refusal);

  // --- handle_publish.cpp ---
  void handle(Connection& connection, codec::Publish& publish);
  void receive_exactly_once(Connection& connection, codec::Publish& publish);
  std::optional<Refusal> resolve_alias(Connection& connection, codec::Publish& publish);
  void refuse(Connection& connection, const codec::Publish& publish, const Refusal& refusal);
  void handle(Connection& connection, const codec::Pubrel& pubrel);
  MessagePtr make_message(const Session& session, codec::Publish& publish);
  void throttle(Connection& connection);

  // --- handle_acknowledgement.cpp: of what we sent ---
  void handle(Connection& connection, const codec::Puback& puback);
  void handle(Connection& connection, const codec::Pubrec& pubrec);
  void handle(Connection& connection, const codec::Pubcomp& pubcomp);
  void finish(Session& session, Outgoing::Iterator message);

  // --- handle_subscribe.cpp ---
  void handle(Connection& connection, codec::Subscribe& subscribe);
  void handle(Connection& connection, const codec::Unsubscribe& unsubscribe);
  codec::ReasonCode refusal_of(const Session& session, const std::string& topic_filter) const;
  codec::ReasonCode subscribe_to(const Connection& connection, const codec::Subscribe::Request& request,
                                 std::optional<std::uint32_t> subscription_identifier, bool& existed);
  codec::ReasonCode unsubscribe_from(Session& session, const std::string& topic_filter);
  void subscribe(Session& session, const SubscriptionRecord& record);
  void add_subscription(Session& session, const SubscriptionRecord& record);
  bool is_shared(std::string_view topic_filter) const;
  void leave_tree(const Session& session, std::string_view topic_filter);
  void send_retained(Session& session, const std::string& topic_filter);

  // --- handle_disconnect.cpp: the ways a connection ends; and the packets without an effect of their own ---
  enum class WillFate { publish, discard };
  void handle(Connection& connection, const codec::Disconnect& disconnect);
  void handle(Connection& connection, const codec::Pingreq& pingreq);
  // The peer is wrong: DISCONNECT with the reason for 5.0, then the end, as if the network had failed.
  void fail(Connection& connection, codec::ReasonCode reason_code, std::string_view text);
  void fail(Connection& connection, const Refusal& refusal);
  void close(Connection& connection, Close::How how, WillFate fate = WillFate::publish);
  void end_connection(Connection& connection, WillFate fate);

  // --- session_life.cpp ---
  Session* find_session(std::string_view client_id);
  Session& create_session(const std::string& client_id);
  void detach(Session& session);
  void go_offline(Session& session, WillFate fate);
  void end_session(Session& session);
  void arm(Session& session);
  void fire(Session& session);
  void put(Session& session);
  void publish_will(Session& session);

  // --- publish.cpp: from an accepted message to its deliveries ---
  bool publish(const MessagePtr& message);  // whether there was a subscriber
  void store_retained(const MessagePtr& message);
  // When the message is to be retained no longer.
  std::optional<Monotonic> retained_until(const Message& message) const;
  void drop_expired_retained();
  void arm_retained_timer();
  bool route(const MessagePtr& message);

  // --- shared.cpp: one message, one member ---
  Delivery shared_delivery(SharedGroup& group, const Message& message);
  const Subscriber& choose_member(SharedGroup& group, const Message& message);
  enum class Able : std::uint8_t { online, offline, online_full, offline_full, forbidden };  // best first
  Able ability_of(const Session& member, QoS qos) const;
  // What a member leaves behind, in order. from_filter: of this group only; empty: of all.
  struct Orphan {
    MessagePtr message;
    std::string shared_filter;
  };
  enum class Take : std::uint8_t { queued, unacknowledged_too };
  std::vector<Orphan> take_orphans(Session& session, Take take, std::string_view from_filter);
  void hand_over(std::vector<Orphan> orphans);
  bool has_online_member(const SharedGroup& group) const;
  void redispatch_of_offline(Session& session);
  void hand_over_at_stop();

  // --- deliver.cpp: from a delivery to the wire ---
  void deliver(const MessagePtr& message, Delivery& delivery);
  void deliver_at_most_once(Session& session, OutgoingRecord record);
  void enqueue(Session& session, OutgoingRecord record);
  bool make_room(Session& session, QoS qos, std::uint8_t priority);
  void drop(Session& session, Outgoing::Iterator message);
  void pump(Session& session);
  void send_queue(Session& session);
  void resend(Session& session, Outgoing::Iterator message);
  // First sending. stored: the queue entry has been persisted already.
  void send_first(Session& session, Outgoing::Iterator message, bool stored);
  // False: it is larger than the client takes, and was not sent.
  bool send_publish(Connection& connection, const OutgoingRecord& record, PacketId packet_id, bool dup,
                    RecordSequence after);
  bool fits(const Connection& connection, const OutgoingRecord& record) const;
  // The alias, if it was encoded with one, is the client's only when the packet has been sent.
  struct EncodedPublish {
    codec::Bytes head;
    std::optional<OutgoingTopicAliases::Use> alias;
  };
  std::optional<EncodedPublish> encode_publish(const Connection& connection, const OutgoingRecord& record,
                                               PacketId packet_id, bool dup) const;
  // Whether the access control list lets it; counts what it does not.
  bool may_receive(const Session& session, const Message& message);
  bool is_expired(const Message& message) const;
  bool is_congested(Connection& connection);

  // --- queue_watch.cpp: priorities and alarms of the queues ---
  std::uint8_t priority_of(std::string_view topic_name) const;
  void set_watermarks();
  void take_live(const Config& wanted);
  void watch_queue(Session& session);
  void clear_queue_alarm(Session& session);

  // --- sys.cpp: the broker's own topics ---
  void publish_figures();
  void publish_figure(const std::string& name, std::string value);
  void publish_alarms();
  MessagePtr make_sys_message(const std::string& name, std::string payload, QoS qos, bool retain);

  // --- await_rel.cpp: exchanges of QoS 2 that stay half done ---
  void await_rel(Connection& connection);
  void end_await_rel(Connection& connection);
  std::optional<Monotonic> oldest_half_done(const Connection& connection) const;
  std::uint16_t receive_maximum() const;

  // --- resume.cpp ---
  void resume(Session& session);
  void retry(Connection& connection);
  void note_sent(Connection& connection);

  // --- restore.cpp ---
  void restore(const RestoredSession& restored);
  void restore_outgoing(const std::string& client_id, std::vector<OutgoingRecord>&& records);
  void restore_timers(Session& session, const SessionRecord& record);

  // --- emit.cpp: actions ---
  // Reason String and User Properties are left out where the client does not want them or the packet would
  // be too large with them. False: it is too large without them as well, and was not sent.
  template <class Packet>
  bool send(Connection& connection, const Packet& packet, RecordSequence after = {});
  void send_bytes(Connection& connection, codec::Bytes head, codec::SharedBytes payload,
                  RecordSequence after);
  RecordSequence persist(Record record);
  RecordSequence persist_put(const Session& session, const OutgoingMessage& message);
  RecordSequence persist_update(const Session& session, const OutgoingMessage& message);
  void persist_delete(const Session& session, const OutgoingMessage& message);
  void log(Log::Level level, Log::Area area, std::string text);

  Config config_;
  std::uint64_t seed_;
  Access access_;
  std::optional<std::set<std::string, std::less<>>> users_;  // AccessLists::users
  std::size_t authentications_ = 0;                          // asked for and not answered
  std::unordered_map<ConnectionId, std::unique_ptr<Connection>>
      connections_;                                                // looked up; order: sorted_connections()
  std::vector<std::unique_ptr<Connection>> closed_;                // in this step
  std::map<std::string_view, std::unique_ptr<Session>> sessions_;  // by client id, which is the session's own
  SubscriptionTree tree_;
  SharedGroups groups_;
  RetainedMessages retained_;
  Timers timers_;
  Timer retained_timer_{Timer::Purpose::retained, nullptr, nullptr, {}, 0};
  Timer sys_timer_{Timer::Purpose::sys, nullptr, nullptr, {}, 0};
  RetainedMessages figures_;  // of $SYS; not stored, and not counted among the retained messages
  Monotonic started_at_{};
  std::size_t connected_max_ = 0;
  struct Watermarks {
    std::size_t high = 0;  // 0: no alarms
    std::size_t low = 0;   // below `high`
  } watermarks_;
  std::size_t queue_alarm_count_ = 0;
  std::vector<std::pair<std::string, std::string>>
      alarms_;  // name and text; published at the end of the step
  Counters counters_;

  std::uint64_t last_message_id_ = 0;
  std::uint64_t last_session_serial_ = 0;
  std::uint64_t last_client_id_number_ = 0;
  RecordSequence latest_{};  // the last record that was emitted
  bool refusing_ = false;    // stopped, or the disk has failed: nothing has an effect any more
  bool retained_full_logged_ = false;
  std::vector<Record> unsaved_;  // of the constructor, emitted by the first step

  // The step in progress.
  Now now_;
  Actions* actions_ = nullptr;

  // Kept for their memory.
  std::uint64_t routing_ = 0;
  std::vector<Subscriber> subscribers_;
  std::vector<SharedGroup*> matched_groups_;
  std::vector<Delivery> deliveries_;

  // --- planted_bugs.cpp: what needs more than a line ---
  void plant_later(std::function<void()> work);
  void end_planted_step(std::size_t late);
  void plant_crash();
  void plant_lost_qos0_subscriptions(Session& session);
  void plant_wrapped_end(Session& session);
  void plant_retained_messages(Session& session);
  void plant_lower_qos();
  void plant_stored_will(Session& session, const codec::Will& will);
  void plant_drop(Session& session, const std::string& topic_filter);
  static std::uint8_t plant_priority_by_hash(std::uint8_t priority, std::string_view topic_name);
  static void plant_packet_id_zero(codec::Bytes& publish);
  void plant_charge_of_the_other_side(Connection& connection);
  void plant_late_incoming(Connection& connection, codec::Publish& publish);
  void plant_reverse_packets(Connection& connection);
  void plant_stuck_session(Session& session);
  void plant_look_up(const Connection& connection, const std::string& client_id);
  bool plant_wedge(Connection& connection, const codec::Connect& connect);
  void plant_unregister(Session& session);
  void plant_will(const codec::Connect& connect);
  void plant_wall_clock();
  void plant_unsubscribe_twin(Session& session, std::string_view topic_filter);
  void plant_stored_clean_session(const Session& session);
  void plant_late_reap(Session& session);
  void plant_lost_subscriptions(const std::string& client_id);
  void plant_handle_refused(Connection& connection, const codec::ClientPacket& packet);
  void plant_stale_connection(Connection& older);
  void plant_end_of_stale(const Session& session);
  void plant_late_resend(Session& session);
  PlantedState planted_;
};

// Why something failed, as far as the packet can say it: Reason String and User Properties.
template <class Packet>
bool has_problem_information(const Packet& packet) {
  if constexpr (requires { packet.properties.reason_string; }) {
    return packet.properties.reason_string || !packet.properties.user_properties.empty();
  } else {
    return false;
  }
}

template <class Packet>
Packet without_problem_information(Packet packet) {
  if constexpr (requires { packet.properties.reason_string; }) {
    packet.properties.reason_string.reset();
    packet.properties.user_properties.clear();
  }
  return packet;
}

template <class Packet>
bool Broker::State::send(Connection& connection, const Packet& packet, RecordSequence after) {
  constexpr bool always = std::is_same_v<Packet, codec::Connack> || std::is_same_v<Packet, codec::Disconnect>;
  if (!always && !connection.wants_problem_information && has_problem_information(packet)) {
    SPEC("MQTT5-3.1.2-29");
    return send(connection, without_problem_information(packet), after);
  }
  codec::Bytes bytes;
  codec::encode(packet, connection.version, bytes);
  SPEC("MQTT5-3.1.2-24");
  if (bytes.size() > connection.client_maximum_packet_size) {
    if (!has_problem_information(packet)) return false;
    SPEC("MQTT5-3.2.2-19");
    SPEC("MQTT5-3.2.2-20");
    SPEC("MQTT5-3.4.2-2");
    SPEC("MQTT5-3.5.2-2");
    SPEC("MQTT5-3.9.2-1");
    SPEC("MQTT5-3.14.2-3");
    return send(connection, without_problem_information(packet), after);
  }
  if (!bytes.empty()) send_bytes(connection, std::move(bytes), nullptr, after);
  return true;
}

}  // namespace mqttvet::core
