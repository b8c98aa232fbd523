// Every limit and choice of the broker, in one place, with its unit. emqttd's name of a key stands beside it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/codec/packet.h"
#include "broker/core/access_lists.h"

namespace mqttvet::core {

// Where clients are sent instead of being served (section 4.11).
enum class Redirect : std::uint8_t {
  none,
  use_another_server,  // for now: 0x9C
  server_moved,        // for ever: 0x9D
};

// In which order a session's queue is sent.
enum class QueueType : std::uint8_t {
  simple,    // as the messages came
  priority,  // higher topics first; equal ones as they came
};

// Who goes when the queue is full. QoS 0 always goes before QoS 1 and 2, and never displaces one of them.
enum class QueueDropPolicy : std::uint8_t {
  oldest,           // the oldest, whatever its priority
  newest,           // the one that has just come
  lowest_priority,  // the oldest of the lowest priority
};

struct TopicPriority {
  std::string topic_filter;
  std::uint8_t priority = 0;
  bool operator==(const TopicPriority&) const = default;
};

struct Config {
  // --- Packets and connections ---

  // Of a whole packet. [mqtt.packet.max_packet_size]
  std::uint32_t maximum_packet_size_bytes = 1024 * 1024;
  // [mqtt.packet.max_clientid_len]
  std::uint16_t client_id_bytes_max = 1024;
  // From Opened to a complete CONNECT. [mqtt.client.idle_timeout]
  std::chrono::seconds connect_timeout{10};
  // Deeper topics and filters are refused.
  std::uint16_t topic_levels_max = 128;
  // 0: the client's keep-alive is taken as it is.
  std::chrono::seconds server_keep_alive_max{0};
  // How long a client may be silent, in hundredths of its keep alive. The standard says 150; more is against
  // it. [hard-wired: 1.25, checked at most twice]
  std::uint16_t keep_alive_percent = 150;
  // Per connection. Above it QoS 0 is dropped, the rest waits in the session.
  std::size_t write_queue_bytes_max = 16 * 1024 * 1024;

  // --- What is offered: announced to 5.0 clients in CONNACK (section 3.2.2.3) ---

  // Of messages and wills. A subscription may ask for more, and is granted this.
  codec::QoS maximum_qos = codec::QoS::exactly_once;
  bool retain_available = true;
  bool wildcard_subscription_available = true;
  bool subscription_identifier_available = true;
  // Topic Aliases that a client may set, per connection. 0: none.
  std::uint16_t topic_alias_maximum = 16;
  // Topic Aliases that we set, per connection, if the client takes that many. 0: none.
  std::uint16_t topic_alias_maximum_outgoing = 16;
  // Response Information is this with the client id behind it. Empty: none is given.
  std::string response_information_prefix = {};
  // Refuse a payload that calls itself UTF-8 and is not (0x99).
  bool check_payload_format = false;
  // Other than none: every CONNECT is refused.
  Redirect redirect = Redirect::none;
  // Where to go instead: servers, separated by blanks (section 4.11). Empty: it is not said.
  std::string server_reference = {};

  // --- Flow control ---

  // Inbound QoS 1 and 2 at once, per connection (5.0).
  std::uint16_t receive_maximum = 100;
  // QoS 2 messages of one client that wait for its PUBREL. 5.0: lowers Receive Maximum. 3.1.1 and 3.1: one
  // more ends the connection, unacknowledged, so that it comes again. 0: no limit but that of the packet ids.
  // [mqtt.session.max_awaiting_rel]
  std::uint16_t max_awaiting_rel = 0;
  // A client that is connected and owes us a PUBREL or a PUBCOMP for longer is disconnected; nothing is
  // forgotten. 0: never. [mqtt.session.await_rel_timeout]
  std::chrono::seconds await_rel_timeout{0};
  // Outbound unfinished exchanges. 0: the client's Receive Maximum alone decides. [mqtt.session.max_inflight]
  std::uint16_t max_inflight = 100;
  // Resend on a live 3.1.1 / 3.1 connection. 0: only on resume; never for 5.0.
  // [mqtt.session.unack_retry_interval]
  std::chrono::seconds retry_interval{0};
  // Of a new session. A test sets it near the wrap.
  codec::PacketId first_packet_id = 1;
  // Ids wrap after it, to 1. A test makes the space small.
  codec::PacketId last_packet_id = 65535;

  // --- Sessions ---

  // Of CleanSession 0 in 3.1.1 / 3.1; codec::kNeverExpires: never.
  // [mqtt.session.expired_after, in minutes there]
  std::chrono::seconds session_expiry_interval_v3{48 * 3600};
  // A longer request is shortened, and told (5.0).
  std::chrono::seconds session_expiry_interval_max = codec::kNeverExpires;
  // Of one session. 0: no limit. The memory of a session has to have an end.
  std::size_t subscriptions_max = 10000;

  // --- Shared subscriptions ---

  // "$share/NAME/FILTER" for every version, and "$queue/FILTER". False: CONNACK says so, and 3.1.1 sees
  // ordinary filters.
  bool shared_subscription_available = true;
  // A member that goes offline, and whose session goes on, leaves what it has not acknowledged of QoS 1, and
  // what waits for it, to the members that are online. False: it keeps them until its session ends.
  bool shared_redispatch_at_disconnect = false;

  // --- Queues (per session) ---

  // 0: no limit. [mqtt.queue.max_length]
  std::size_t queue_messages_max = 10000;
  // Keep QoS 0 messages of an offline session; not over a restart. [mqtt.queue.queue_qos0]
  bool queue_qos0 = false;
  // [mqtt.queue.type]
  QueueType queue_type = QueueType::simple;
  // Of a priority queue: the first filter that matches decides; other topics have 0. [mqtt.queue.priority]
  std::vector<TopicPriority> queue_topic_priorities = {};
  QueueDropPolicy queue_drop_policy = QueueDropPolicy::oldest;
  // Parts of queue_messages_max: from the high one on an alarm is raised, at the low one it is cleared. High
  // 0: no alarms. [mqtt.queue.high_watermark, low_watermark]
  std::uint16_t queue_high_watermark_percent = 60;
  std::uint16_t queue_low_watermark_percent = 20;

  // --- Retained messages ---

  // 0: no limit. [broker.retained.max_message_num]
  std::size_t retained_messages_max = 100000;
  // A larger payload is delivered, and the topic has no retained message any more. 0: no limit.
  // [broker.retained.max_playload_size]
  std::size_t retained_payload_bytes_max = 0;
  // A retained message goes this long after it came, restarts of the broker included; or earlier, with its
  // Message Expiry Interval. 0: never. [broker.retained.expired_after]
  std::chrono::seconds retained_expiry_interval{0};

  // --- $SYS ---

  // Between two publications of the broker's figures. 0: nothing is published to $SYS at all.
  // [broker.sys_interval]
  std::chrono::seconds sys_interval{0};
  std::string version = "mqttvet";  // $SYS/broker/version

  // --- Who may do what ---

  // With a list of users: serve clients without a user name as well. [mqtt.allow_anonymous]
  bool allow_anonymous = false;
  // With a list of rules: allow what none of them fits. [mqtt.acl_nomatch]
  bool acl_allow_unmatched = false;
  // Passwords and the like that are being checked at the same time; further clients are told that the server
  // is busy (0x89), so that a flood of them costs no memory.
  std::uint32_t authentications_max = 1000;
  // To begin with; Reload replaces them. Not a key: they have files of their own.
  AccessLists access_lists = {};
};

}  // namespace mqttvet::core
