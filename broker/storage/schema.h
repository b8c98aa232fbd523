// The tables of a mqttvet database. docs/storage-format.md explains them with an example.
#pragma once

#include <cstdint>

namespace mqttvet::storage {

// In the header of the file, where file(1) and every SQLite tool show them.
inline constexpr std::int64_t kApplicationId = 0x4D51'5456;  // "MQTV"
inline constexpr std::int64_t kSchemaVersion = 2;            // user_version; grows with every change below

// Every table is STRICT: SQLite itself refuses a value of another type. There are no foreign keys: the store
// keeps the references right by design, and checks them when it reads.
inline constexpr const char* kSchema = R"sql(
CREATE TABLE session (
  session INTEGER PRIMARY KEY,               -- names the session within this file
  client_id TEXT NOT NULL UNIQUE,
  protocol_version INTEGER NOT NULL,         -- 3: MQTT 3.1, 4: 3.1.1, 5: 5.0
  session_expiry_interval INTEGER NOT NULL,  -- seconds; 4294967295: never
  disconnected_at INTEGER,                   -- nanoseconds since 1970-01-01 UTC; NULL: was connected
  next_packet_id INTEGER NOT NULL,           -- where the search for a free packet id goes on
  user_name TEXT NOT NULL,                   -- who owns the session; '': anonymous
  will_qos INTEGER,                          -- 0, 1, 2; NULL: no will, and so are all columns below
  will_retain INTEGER,                       -- 0, 1
  will_topic_name TEXT,
  will_payload BLOB,
  will_delay_interval INTEGER,               -- seconds
  will_message_expiry_interval INTEGER,      -- seconds; NULL: the will message does not expire
  will_payload_format_indicator INTEGER,     -- 0: bytes, 1: UTF-8; NULL: absent
  will_content_type TEXT,                    -- NULL: absent
  will_response_topic TEXT,                  -- NULL: absent
  will_correlation_data BLOB,                -- NULL: absent
  will_user_properties BLOB                  -- UTF-8 String Pairs (section 1.5.7), one after the other
) STRICT;

CREATE TABLE subscription (
  session INTEGER NOT NULL,                  -- session.session
  topic_filter TEXT NOT NULL,                -- whole, with $share/NAME/ if it is shared
  maximum_qos INTEGER NOT NULL,              -- 0, 1, 2: the granted QoS
  no_local INTEGER NOT NULL,                 -- 0, 1
  retain_as_published INTEGER NOT NULL,      -- 0, 1
  retain_handling INTEGER NOT NULL,          -- 0: send, 1: send if new, 2: do not send
  subscription_identifier INTEGER,           -- NULL: none
  PRIMARY KEY (session, topic_filter)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  message INTEGER PRIMARY KEY,               -- unique in this file, for ever; grows
  publisher TEXT NOT NULL,                   -- client id; '': the broker itself
  qos INTEGER NOT NULL,                      -- 0, 1, 2: as published
  retain INTEGER NOT NULL,                   -- 0, 1: as published
  topic_name TEXT NOT NULL,
  payload BLOB NOT NULL,
  arrived_at INTEGER NOT NULL,               -- nanoseconds since 1970-01-01 UTC
  message_expiry_interval INTEGER,           -- seconds since then; NULL: it does not expire
  payload_format_indicator INTEGER,          -- 0: bytes, 1: UTF-8; NULL: absent
  content_type TEXT,                         -- NULL: absent
  response_topic TEXT,                       -- NULL: absent
  correlation_data BLOB,                     -- NULL: absent
  user_properties BLOB NOT NULL              -- UTF-8 String Pairs (section 1.5.7), one after the other
) STRICT;

CREATE TABLE outgoing (                      -- messages on their way to a client
  session INTEGER NOT NULL,                  -- session.session
  key INTEGER NOT NULL,                      -- names the delivery for ever within the session
  position INTEGER NOT NULL,                 -- order within each state
  state INTEGER NOT NULL,                    -- 0: queued, 1: PUBLISH sent, 2: PUBREC received
  packet_id INTEGER NOT NULL,                -- 0: none yet
  qos INTEGER NOT NULL,                      -- 0, 1, 2: of this delivery
  retain INTEGER NOT NULL,                   -- 0, 1: of this delivery
  subscription_identifiers BLOB NOT NULL,    -- four bytes each, most significant first
  shared_filter TEXT NOT NULL,               -- the $share filter that brought it here; '': an ordinary subscription
  message INTEGER NOT NULL,                  -- message.message
  PRIMARY KEY (session, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE incoming (                      -- QoS 2 packet ids received and not yet released (section 4.3.3)
  session INTEGER NOT NULL,                  -- session.session
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (session, packet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE retained (
  topic_name TEXT PRIMARY KEY NOT NULL,
  message INTEGER NOT NULL                   -- message.message
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
  name TEXT PRIMARY KEY NOT NULL,            -- 'last_message': the greatest message.message ever stored
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('last_message', 0);
)sql";

}  // namespace mqttvet::storage
