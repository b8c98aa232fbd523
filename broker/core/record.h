// What the core asks to be kept on disk, and what it is given back after a restart: the Session State of
// section 4.1 and the retained messages, as plain records. The core emits them in order (Persist);
// broker/storage applies them to tables and reads them back as a Snapshot. Records of sessions that end with
// their connection are never emitted, nor those of QoS 0 messages in a queue.
//
// The records of one step belong together: after a crash all of them are there, or none. A QoS 2 PUBLISH
// stores its packet id and its deliveries in one step; with the id alone the message would be lost, with the
// deliveries alone repeated.
//
// Instants are wall-clock times here: the monotonic clock does not survive a restart. In a Snapshot the
// messages' `arrived_at` is already a monotonic time of the new process (storage is told `now` when it
// loads), and never later than `now`: a wall clock that was set back gives a message no more time than it was
// published with.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/codec/boxed.h"
#include "broker/codec/packet.h"
#include "broker/core/message.h"
#include "broker/core/time.h"

namespace mqttvet::core {

// The n-th record ever emitted by this Broker value; 0: none.
enum class RecordSequence : std::uint64_t {};

struct SessionRecord {
  std::string client_id;
  codec::ProtocolVersion version = codec::ProtocolVersion::v5_0;
  std::chrono::seconds session_expiry_interval{0};  // codec::kNeverExpires: never; 0 is not persisted
  std::optional<Wall> disconnected_at;              // absent: was connected when the record was written
  PacketId next_packet_id = 1;
  codec::Boxed<codec::Will> will;  // not yet published, not discarded
  std::string user_name;           // who owns the session; empty: anonymous
  bool operator==(const SessionRecord&) const = default;
};

struct SubscriptionRecord {
  std::string topic_filter;
  codec::SubscriptionOptions options;
  std::optional<std::uint32_t> subscription_identifier;
  bool operator==(const SubscriptionRecord&) const = default;
};

// One message on its way to one client. `key` names it for ever within the session. `position` grows with
// every change of state, so that within each state it gives the order: queue order, order of first sending,
// order of PUBREC.
struct OutgoingRecord {
  enum class State : std::uint8_t {
    queued = 0,    // not sent yet; no packet id
    sent = 1,      // PUBLISH sent, neither PUBACK nor PUBREC received
    released = 2,  // PUBREC received, PUBCOMP not
  };
  std::uint64_t key = 0;
  std::uint64_t position = 0;
  State state = State::queued;
  PacketId packet_id = 0;
  QoS qos = QoS::at_least_once;  // of the delivery: min(published, granted)
  bool retain = false;           // RETAIN flag of the delivery
  std::vector<std::uint32_t> subscription_identifiers;
  std::string shared_filter;  // the $share filter that brought it here; empty: an ordinary subscription
  MessagePtr message;
};

// --- Records -----------------------------------------------------------------------------------------------

struct PutSession {  // creates or replaces the row; what belongs to the session stays
  SessionRecord session;
};
struct DeleteSession {  // and everything that belongs to it
  std::string client_id;
};
struct PutSubscription {  // creates or replaces
  std::string client_id;
  SubscriptionRecord subscription;
};
struct DeleteSubscription {
  std::string client_id;
  std::string topic_filter;
};
struct PutOutgoing {
  std::string client_id;
  OutgoingRecord outgoing;
};
struct UpdateOutgoing {  // a change of state
  std::string client_id;
  std::uint64_t key = 0;
  std::uint64_t position = 0;
  OutgoingRecord::State state = OutgoingRecord::State::queued;
  PacketId packet_id = 0;
  PacketId next_packet_id = 1;  // of the session, after this change
};
struct DeleteOutgoing {
  std::string client_id;
  std::uint64_t key = 0;
  MessageId message{};  // the one that it held, so that the store need not look
};
struct PutIncoming {  // a QoS 2 packet id received and not yet released (section 4.3.3)
  std::string client_id;
  PacketId packet_id = 0;
};
struct DeleteIncoming {
  std::string client_id;
  PacketId packet_id = 0;
};
struct PutRetained {
  MessagePtr message;  // of message->topic_name
};
struct DeleteRetained {
  std::string topic_name;
};

using Record =
    std::variant<PutSession, DeleteSession, PutSubscription, DeleteSubscription, PutOutgoing, UpdateOutgoing,
                 DeleteOutgoing, PutIncoming, DeleteIncoming, PutRetained, DeleteRetained>;

// --- Snapshot ----------------------------------------------------------------------------------------------

struct RestoredSession {
  SessionRecord session;
  std::vector<SubscriptionRecord> subscriptions;  // by topic filter
  std::vector<OutgoingRecord> outgoing;           // by position
  std::vector<PacketId> incoming;                 // ascending
};

struct Snapshot {
  MessageId last_message_id{};            // the greatest ever stored
  std::vector<RestoredSession> sessions;  // by client id
  std::vector<MessagePtr> retained;       // by topic name
};

}  // namespace mqttvet::core
