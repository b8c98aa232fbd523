#include "broker/driver/config_table.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "broker/core/topic_filter.h"

namespace mqttvet::driver {
namespace {

using core::Config;

// A packet has a fixed header, and the longest Remaining Length is four bytes of seven bits (section 2.1.4).
constexpr std::uint64_t kPacketBytesMax = 1 + 4 + 268'435'455;
constexpr std::uint64_t kSecondsMax = 0xFFFFFFFE;  // one more means never (section 3.1.2.11.2)
constexpr std::uint64_t kTenYears = 10ull * 366 * 24 * 3600;
constexpr std::uint64_t kMany = 1ull << 40;

constexpr std::string_view kPackets = "Packets and connections";
constexpr std::string_view kOffered = "What is offered to clients";
constexpr std::string_view kFlow = "Flow control";
constexpr std::string_view kSessions = "Sessions";
constexpr std::string_view kShared = "Shared subscriptions";
constexpr std::string_view kQueues = "Queues, one per session";
constexpr std::string_view kSys = "The broker's own topics";
constexpr std::string_view kRetained = "Retained messages";
constexpr std::string_view kAccess = "Who may do what";

const WrittenOut kMaximumQos{
    [](Config& config, std::string_view text) {
      if (text != "0" && text != "1" && text != "2") return false;
      config.maximum_qos = static_cast<codec::QoS>(text[0] - '0');
      return true;
    },
    [](const Config& config) { return std::to_string(static_cast<int>(config.maximum_qos)); }};

constexpr std::string_view kRedirects[] = {"none", "use_another_server", "server_moved"};  // core::Redirect

const WrittenOut kRedirect{
    [](Config& config, std::string_view text) {
      const auto* found = std::ranges::find(kRedirects, text);
      if (found == std::end(kRedirects)) return false;
      config.redirect = static_cast<core::Redirect>(found - std::begin(kRedirects));
      return true;
    },
    [](const Config& config) { return std::string(kRedirects[static_cast<std::size_t>(config.redirect)]); }};
// --- Words and lists ---------------------------------------------------------------------------------------

bool set_queue_type(Config& config, std::string_view text) {
  if (text != "simple" && text != "priority") return false;
  config.queue_type = text == "simple" ? core::QueueType::simple : core::QueueType::priority;
  return true;
}
std::string queue_type(const Config& config) {
  return config.queue_type == core::QueueType::simple ? "simple" : "priority";
}

constexpr std::string_view kPolicies[] = {"oldest", "newest", "lowest_priority"};  // as core::QueueDropPolicy

bool set_drop_policy(Config& config, std::string_view text) {
  const auto found = std::ranges::find(kPolicies, text);
  if (found == std::end(kPolicies)) return false;
  config.queue_drop_policy = static_cast<core::QueueDropPolicy>(found - std::begin(kPolicies));
  return true;
}
std::string drop_policy(const Config& config) {
  return std::string(kPolicies[static_cast<std::size_t>(config.queue_drop_policy)]);
}

// The last '=' divides an entry: a filter may have one.
std::optional<core::TopicPriority> read_priority(std::string_view entry) {
  const std::size_t equals = entry.rfind('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const std::string_view filter = entry.substr(0, equals);
  const std::string_view number = entry.substr(equals + 1);
  std::uint8_t priority = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), priority);
  if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  if (!core::is_topic_filter(filter)) return std::nullopt;
  return core::TopicPriority{std::string(filter), priority};
}

bool set_priorities(Config& config, std::string_view text) {
  std::vector<core::TopicPriority> entries;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    const std::string_view entry = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    if (entry.empty()) continue;
    auto priority = read_priority(entry);
    if (!priority) return false;
    entries.push_back(std::move(*priority));
  }
  config.queue_topic_priorities = std::move(entries);
  return true;
}
std::string priorities(const Config& config) {
  std::string text;
  for (const core::TopicPriority& entry : config.queue_topic_priorities) {
    text += (text.empty() ? "" : " ") + entry.topic_filter + "=" + std::to_string(entry.priority);
  }
  return text;
}

// clang-format off
const ConfigRow kTable[] = {
    {"maximum_packet_size_bytes", &Config::maximum_packet_size_bytes, kPackets, "bytes of a whole packet",
     "Larger packets are refused (0x95).", "mqtt.packet.max_packet_size", 128, kPacketBytesMax},
    {"client_id_bytes_max", &Config::client_id_bytes_max, kPackets, "bytes",
     "Longer client identifiers are refused (0x85).", "mqtt.packet.max_clientid_len", 23, 65535},
    {"connect_timeout", &Config::connect_timeout, kPackets, "seconds",
     "From the connection to a complete CONNECT.", "mqtt.client.idle_timeout", 1, kTenYears},
    {"topic_levels_max", &Config::topic_levels_max, kPackets, "levels",
     "Topic names and filters with more levels are refused.", "", 1, 65535},
    {"server_keep_alive_max", &Config::server_keep_alive_max, kPackets, "seconds; 0: as the client asks",
     "A longer keep alive is shortened, and a 5.0 client is told.", "", 0, 65535},
    {"keep_alive_percent", &Config::keep_alive_percent, kPackets, "hundredths of the keep alive",
     "How long a client may be silent. The standard says 150; more is against it.", "", 100, 1000},
    {"write_queue_bytes_max", &Config::write_queue_bytes_max, kPackets, "bytes per connection",
     "Above it QoS 0 is dropped, and the rest waits in the session.", "", 1024, kMany},

    {"maximum_qos", kMaximumQos, kOffered, "0, 1 or 2",
     "Messages and wills with a higher QoS are refused (0x9B); subscriptions are granted less."},
    {"retain_available", &Config::retain_available, kOffered, "true or false",
     "Without it, messages and wills that are to be retained are refused (0x9A)."},
    {"wildcard_subscription_available", &Config::wildcard_subscription_available, kOffered, "true or false",
     "Without it, topic filters with wildcards are refused (0xA2)."},
    {"subscription_identifier_available", &Config::subscription_identifier_available, kOffered,
     "true or false", "Without it, Subscription Identifiers are refused (0xA1)."},
    {"topic_alias_maximum", &Config::topic_alias_maximum, kOffered, "aliases per connection; 0: none",
     "Topic Aliases that a 5.0 client may set.", "", 0, 65535},
    {"topic_alias_maximum_outgoing", &Config::topic_alias_maximum_outgoing, kOffered,
     "aliases per connection; 0: none", "Topic Aliases that we set, if the 5.0 client takes as many.", "", 0,
     65535},
    {"response_information_prefix", &Config::response_information_prefix, kOffered,
     "a topic's beginning; empty: none",
     "A 5.0 client that asks for Response Information gets this with its client identifier behind it.", "", 0,
     32767},
    {"check_payload_format", &Config::check_payload_format, kOffered, "true or false",
     "Refuse messages and wills whose payload calls itself UTF-8 and is not (0x99)."},
    {"redirect", kRedirect, kOffered, "none, use_another_server or server_moved",
     "Send every client to another server, for now (0x9C) or for ever (0x9D)."},
    {"server_reference", &Config::server_reference, kOffered, "HOST or HOST:PORT, separated by blanks",
     "Where redirected 5.0 clients are told to go.", "", 0, 32767},

    {"receive_maximum", &Config::receive_maximum, kFlow, "messages",
     "QoS 1 and 2 messages that a 5.0 client may have unacknowledged on their way to us.", "", 1, 65535},
    {"max_awaiting_rel", &Config::max_awaiting_rel, kFlow, "messages; 0: no limit",
     "QoS 2 messages that wait for PUBREL. 5.0: lowers Receive Maximum; before: one more ends the connection.",
     "mqtt.session.max_awaiting_rel", 0, 65535},
    {"await_rel_timeout", &Config::await_rel_timeout, kFlow, "seconds; 0: never",
     "A connected client that owes a PUBREL or PUBCOMP for longer is disconnected; nothing is forgotten.",
     "mqtt.session.await_rel_timeout", 0, kTenYears},
    {"max_inflight", &Config::max_inflight, kFlow, "messages; 0: the client's Receive Maximum decides",
     "QoS 1 and 2 messages unacknowledged on their way to a client.", "mqtt.session.max_inflight", 0, 65535},
    {"retry_interval", &Config::retry_interval, kFlow, "seconds; 0: only on resume",
     "Resend to a connected 3.1.1 or 3.1 client what it has not acknowledged; never to a 5.0 client.",
     "mqtt.session.unack_retry_interval", 0, kTenYears},
    {"first_packet_id", &Config::first_packet_id, kFlow, "packet id",
     "The first packet identifier of a new session. For tests.", "", 1, 65535},
    {"last_packet_id", &Config::last_packet_id, kFlow, "packet id",
     "Packet identifiers start again from 1 after it. For tests.", "", 1, 65535},

    {"session_expiry_interval_v3", &Config::session_expiry_interval_v3, kSessions, "seconds or never",
     "How long the session of a 3.1.1 or 3.1 client with CleanSession 0 outlives its connection.",
     "mqtt.session.expired_after", 1, kSecondsMax, true},
    {"session_expiry_interval_max", &Config::session_expiry_interval_max, kSessions, "seconds or never",
     "A 5.0 client that asks for more gets this, and is told.", "", 0, kSecondsMax, true},
    {"subscriptions_max", &Config::subscriptions_max, kSessions, "subscriptions per session; 0: no limit",
     "Further ones are refused (0x97).", "", 0, kMany},

    {"shared_subscription_available", &Config::shared_subscription_available, kShared, "true or false",
     "$share/NAME/FILTER, and $queue/FILTER, for every version of MQTT."},
    {"shared_redispatch_at_disconnect", &Config::shared_redispatch_at_disconnect, kShared, "true or false",
     "A member that goes offline leaves QoS 1 and its queue to those online; else when its session ends."},

    {"queue_messages_max", &Config::queue_messages_max, kQueues, "messages per session; 0: no limit",
     "Messages that wait for the client or for its window.", "mqtt.queue.max_length", 0, kMany},
    {"queue_qos0", &Config::queue_qos0, kQueues, "true or false",
     "Keep QoS 0 messages of an offline session, in memory.", "mqtt.queue.queue_qos0"},
    {"queue_type", WrittenOut{set_queue_type, queue_type}, kQueues, "simple or priority",
     "The order in which a queue is sent: as the messages came, or by the priority of their topics.",
     "mqtt.queue.type"},
    {"queue_topic_priorities", WrittenOut{set_priorities, priorities}, kQueues,
     "FILTER=PRIORITY (0 to 255), separated by blanks",
     "Of a priority queue: the first filter that matches decides; other topics have 0.",
     "mqtt.queue.priority"},
    {"queue_drop_policy", WrittenOut{set_drop_policy, drop_policy}, kQueues, "oldest, newest or lowest_priority",
     "Which message a full queue loses; QoS 0 always goes before QoS 1 and 2."},
    {"queue_high_watermark_percent", &Config::queue_high_watermark_percent, kQueues,
     "hundredths of queue_messages_max; 0: no alarms", "A queue of this length raises an alarm.",
     "mqtt.queue.high_watermark", 0, 100},
    {"queue_low_watermark_percent", &Config::queue_low_watermark_percent, kQueues,
     "hundredths of queue_messages_max", "A queue of this length clears its alarm.",
     "mqtt.queue.low_watermark", 0, 100},

    {"retained_messages_max", &Config::retained_messages_max, kRetained, "messages; 0: no limit",
     "Further topics are not retained; known ones are still replaced.", "broker.retained.max_message_num", 0,
     kMany},
    {"retained_payload_bytes_max", &Config::retained_payload_bytes_max, kRetained, "bytes; 0: no limit",
     "A larger payload is delivered, and its topic has no retained message any more.",
     "broker.retained.max_playload_size", 0, kMany},
    {"retained_expiry_interval", &Config::retained_expiry_interval, kRetained, "seconds; 0: never",
     "How long a message is retained, the time in which the broker is down included.",
     "broker.retained.expired_after", 0, kTenYears},

    {"sys_interval", &Config::sys_interval, kSys, "seconds; 0: nothing is published to $SYS",
     "Between two publications of the broker's figures.", "broker.sys_interval", 0, kTenYears},

    {"allow_anonymous", &Config::allow_anonymous, kAccess, "true or false",
     "With a users file: serve clients without a user name as well.", "mqtt.allow_anonymous"},
    {"acl_allow_unmatched", &Config::acl_allow_unmatched, kAccess, "true or false",
     "With an ACL file: allow what no rule of it fits.", "mqtt.acl_nomatch"},
    {"authentications_max", &Config::authentications_max, kAccess, "clients at the same time",
     "Passwords being checked; further clients are told that the server is busy (0x89).", "", 1, 1'000'000},
};
// clang-format on

}  // namespace

core::Config program_defaults() {
  Config config;
  config.sys_interval = std::chrono::seconds(60);
  return config;
}

std::span<const ConfigRow> config_table() {
  return kTable;
}

}  // namespace mqttvet::driver
