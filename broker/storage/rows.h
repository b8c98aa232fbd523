// Groups of columns that several tables and both directions share. Each pair binds to, and reads from,
// columns that stand next to each other in the order of the schema.
#pragma once

#include <chrono>
#include <optional>

#include "broker/core/record.h"
#include "broker/storage/sqlite.h"

namespace mqttvet::storage {

// session: protocol_version ... will_user_properties
void bind_session(Database& database, Statement& statement, const core::SessionRecord& session,
                  std::string& scratch);
core::SessionRecord read_session(Statement& statement, std::string client_id);

// subscription: topic_filter ... subscription_identifier
void bind_subscription(Statement& statement, const core::SubscriptionRecord& subscription);
core::SubscriptionRecord read_subscription(Statement& statement);

// message: all columns. `scratch` keeps bytes that must live until the statement has run.
void bind_message(Database& database, Statement& statement, const core::Message& message, core::Now now,
                  std::string& scratch);
core::Message read_message(Statement& statement, core::Now now);

// outgoing: key ... shared_filter
void bind_outgoing(Database& database, Statement& statement, const core::OutgoingRecord& outgoing,
                   std::string& scratch);
core::OutgoingRecord read_outgoing(Statement& statement);

// A counter or key of the core as SQLite's signed integer. Throws Failure if it is 2^63 or more.
std::int64_t to_column(Database& database, std::uint64_t value, const char* name);

}  // namespace mqttvet::storage
