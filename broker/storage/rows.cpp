#include "broker/storage/rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "broker/mutants/mutants.h"
#include "broker/storage/encoding.h"

namespace mqttvet::storage {
namespace {

constexpr std::int64_t kPacketIdMax = 0xFFFF;
constexpr std::int64_t kFourByteMax = 0xFFFF'FFFF;

template <class Enum>
std::int64_t number(Enum value) {
  return static_cast<std::int64_t>(value);
}

// --- Pieces ------------------------------------------------------------------------------------------------

// Intervals are Four Byte Integers in the standard.
std::int64_t seconds_to_column(Database& database, std::chrono::seconds interval, const char* name) {
  const std::int64_t count = interval.count();
  if (count < 0 || count > kFourByteMax) database.fail(fmt::format("cannot hold a {} of {} s", name, count));
  return count;
}

std::chrono::seconds read_seconds(Statement& statement) {
  return std::chrono::seconds(statement.read_integer(0, kFourByteMax));
}

codec::QoS read_qos(Statement& statement) {
  return static_cast<codec::QoS>(statement.read_integer(0, 2));
}

std::optional<std::string> read_optional_text(Statement& statement) {
  if (statement.skip_null()) return std::nullopt;
  return statement.read_text();
}

std::optional<std::string> read_optional_blob(Statement& statement) {
  if (statement.skip_null()) return std::nullopt;
  return statement.read_blob();
}

void bind_properties(Database& database, Statement& statement, const codec::MessageProperties& properties,
                     std::string& scratch) {
  auto user_properties = encode(properties.user_properties);
  if (!user_properties) database.fail("cannot hold a user property longer than 65535 bytes");
  scratch = std::move(*user_properties);
  statement.optional_integer(properties.payload_format_indicator
                                 ? std::optional<std::int64_t>(*properties.payload_format_indicator)
                                 : std::nullopt);
  statement.optional_text(properties.content_type)
      .optional_text(properties.response_topic)
      .optional_blob(properties.correlation_data)
      .blob(scratch);
}

codec::MessageProperties read_properties(Statement& statement) {
  codec::MessageProperties properties;
  if (!statement.skip_null()) properties.payload_format_indicator = statement.read_flag();
  properties.content_type = read_optional_text(statement);
  properties.response_topic = read_optional_text(statement);
  properties.correlation_data = read_optional_blob(statement);
  auto user_properties = decode_user_properties(statement.read_blob());
  if (!user_properties) statement.fail_column("ends in the middle, expected UTF-8 String Pairs");
  properties.user_properties = std::move(*user_properties);
  return properties;
}

void bind_will(Database& database, Statement& statement, const codec::Will& will, std::string& scratch) {
  statement.integer(number(will.qos)).integer(will.retain).text(will.topic_name).blob(will.payload);
  statement.integer(seconds_to_column(database, will.will_delay_interval, "will delay interval"));
  if (will.message_expiry_interval) {
    statement.integer(seconds_to_column(database, *will.message_expiry_interval, "message expiry interval"));
  } else {
    statement.null();
  }
  bind_properties(database, statement, will.properties, scratch);
}

codec::Will read_will(Statement& statement) {
  codec::Will will;
  will.qos = read_qos(statement);
  will.retain = statement.read_flag();
  will.topic_name = statement.read_text();
  will.payload = statement.read_blob();
  will.will_delay_interval = read_seconds(statement);
  if (!statement.skip_null()) will.message_expiry_interval = read_seconds(statement);
  will.properties = read_properties(statement);
  return will;
}

}  // namespace

std::int64_t to_column(Database& database, std::uint64_t value, const char* name) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    database.fail(fmt::format("cannot hold the {} {}, expected less than 2^63", name, value));
  }
  return static_cast<std::int64_t>(value);
}

// --- session -----------------------------------------------------------------------------------------------

void bind_session(Database& database, Statement& statement, const core::SessionRecord& session,
                  std::string& scratch) {
  statement.integer(number(session.version))
      .integer(seconds_to_column(database, session.session_expiry_interval, "session expiry interval"))
      .optional_integer(session.disconnected_at
                            ? std::optional<std::int64_t>(session.disconnected_at->time_since_epoch().count())
                            : std::nullopt)
      .integer(session.next_packet_id)
      .text(session.user_name);
  if (session.will)
    bind_will(database, statement, *session.will, scratch);  // else: unbound parameters are NULL
}

core::SessionRecord read_session(Statement& statement, std::string client_id) {
  core::SessionRecord session;
  session.client_id = std::move(client_id);
  session.version = static_cast<codec::ProtocolVersion>(
      statement.read_integer(number(codec::ProtocolVersion::v3_1), number(codec::ProtocolVersion::v5_0)));
  session.session_expiry_interval = read_seconds(statement);
  if (!statement.skip_null()) {
    session.disconnected_at = core::Wall(std::chrono::nanoseconds(statement.read_integer()));
  }
  session.next_packet_id = static_cast<core::PacketId>(statement.read_integer(0, kPacketIdMax));
  session.user_name = statement.read_text();
  if (!statement.skip_null()) session.will = read_will(statement);
  return session;
}

// --- subscription ------------------------------------------------------------------------------------------

void bind_subscription(Statement& statement, const core::SubscriptionRecord& subscription) {
  const codec::SubscriptionOptions& options = subscription.options;
  statement.text(subscription.topic_filter)
      .integer(number(options.maximum_qos))
      .integer(options.no_local)
      .integer(options.retain_as_published)
      .integer(number(options.retain_handling))
      .optional_integer(subscription.subscription_identifier
                            ? std::optional<std::int64_t>(*subscription.subscription_identifier)
                            : std::nullopt);
}

core::SubscriptionRecord read_subscription(Statement& statement) {
  core::SubscriptionRecord subscription;
  subscription.topic_filter = statement.read_text();
  subscription.options.maximum_qos = read_qos(statement);
  subscription.options.no_local = statement.read_flag();
  subscription.options.retain_as_published = statement.read_flag();
  subscription.options.retain_handling = static_cast<codec::RetainHandling>(statement.read_integer(0, 2));
  if (!statement.skip_null()) {
    subscription.subscription_identifier =
        static_cast<std::uint32_t>(statement.read_integer(0, kFourByteMax));
  }
  return subscription;
}

// --- message -----------------------------------------------------------------------------------------------

void bind_message(Database& database, Statement& statement, const core::Message& message, core::Now now,
                  std::string& scratch) {
  statement.integer(to_column(database, static_cast<std::uint64_t>(message.id), "message id"))
      .text(message.publisher)
      .integer(number(message.qos))
      .integer(message.retain)
      .text(message.topic_name)
      .blob(message.payload)
      .integer(to_column(message.arrived_at, now));
  if (message.expiry_interval) {
    statement.integer(seconds_to_column(database, *message.expiry_interval, "message expiry interval"));
  } else {
    statement.null();
  }
  bind_properties(database, statement, message.properties, scratch);
}

core::Message read_message(Statement& statement, core::Now now) {
  core::Message message;
  message.id = static_cast<core::MessageId>(statement.read_integer(0));
  message.publisher = statement.read_text();
  message.qos = read_qos(statement);
  message.retain = statement.read_flag();
  message.topic_name = statement.read_text();
  message.payload = statement.read_blob();
  message.arrived_at = std::min(to_monotonic(statement.read_integer(), now), now.monotonic);
  if (MUTANT(B068_age_lost_on_restart)) message.arrived_at = now.monotonic;
  if (!statement.skip_null()) message.expiry_interval = read_seconds(statement);
  message.properties = read_properties(statement);
  return message;
}

// --- outgoing ----------------------------------------------------------------------------------------------

void bind_outgoing(Database& database, Statement& statement, const core::OutgoingRecord& outgoing,
                   std::string& scratch) {
  scratch = encode(outgoing.subscription_identifiers);
  statement.integer(to_column(database, outgoing.key, "key"))
      .integer(to_column(database, outgoing.position, "position"))
      .integer(number(outgoing.state))
      .integer(outgoing.packet_id)
      .integer(number(outgoing.qos))
      .integer(outgoing.retain)
      .blob(scratch)
      .text(outgoing.shared_filter);
}

core::OutgoingRecord read_outgoing(Statement& statement) {
  core::OutgoingRecord outgoing;
  outgoing.key = static_cast<std::uint64_t>(statement.read_integer(0));
  outgoing.position = static_cast<std::uint64_t>(statement.read_integer(0));
  outgoing.state = static_cast<core::OutgoingRecord::State>(statement.read_integer(0, 2));
  outgoing.packet_id = static_cast<core::PacketId>(statement.read_integer(0, kPacketIdMax));
  outgoing.qos = read_qos(statement);
  outgoing.retain = statement.read_flag();
  auto identifiers = decode_subscription_identifiers(statement.read_blob());
  if (!identifiers) statement.fail_column("has a length that is no multiple of four");
  outgoing.subscription_identifiers = std::move(*identifiers);
  outgoing.shared_filter = statement.read_text();
  return outgoing;
}

}  // namespace mqttvet::storage
