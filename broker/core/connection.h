// One network connection and what ends with it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "broker/codec/boxed.h"
#include "broker/codec/decoder.h"
#include "broker/core/seam.h"
#include "broker/core/timers.h"
#include "broker/core/topic_alias.h"

namespace mqttvet::core {

struct Connection {
  Connection(const Opened& opened, std::uint32_t maximum_packet_size)
      : id(opened.connection),
        peer(opened.peer),
        certificate_name(opened.certificate_name),
        message_rate_max(opened.limits.message_rate_max),
        maximum_packet_size_bytes(maximum_packet_size),
        decoder(maximum_packet_size) {}
  Connection(const Connection&) = delete;  // timers point here

  const ConnectionId id;
  const std::string peer;
  const codec::Boxed<std::string> certificate_name;  // who it is, without a password
  const std::uint32_t message_rate_max;              // PUBLISH packets per second; 0: no limit
  const std::uint32_t maximum_packet_size_bytes;     // that we take
  codec::Decoder decoder;
  bool open = true;            // false: closed in this step; nothing of it has an effect any more
  Session* session = nullptr;  // null: no CONNECT accepted yet

  // --- From CONNECT ---
  codec::ProtocolVersion version = codec::ProtocolVersion::v5_0;
  std::chrono::seconds keep_alive{0};                     // what is enforced; 0: nothing
  std::uint32_t client_maximum_packet_size = UINT32_MAX;  // bytes
  bool wants_problem_information = true;                  // Reason String and User Property in every answer
  bool bridge = false;                                    // one of mosquitto's kind
  bool session_ends_with_connection = false;              // the Session Expiry Interval was 0 in CONNECT
  std::uint16_t keep_alive_percent = 150;

  // --- Who the client is (handle_auth.cpp) ---
  std::unique_ptr<codec::Connect> held_connect;  // until it is known; then CONNACK
  bool being_authenticated = false;              // Authenticate was asked, Authenticated has not come
  std::string authentication_method;             // of CONNECT; empty: none
  codec::Boxed<codec::Bytes> exchange;           // after AUTH 0x18: the authenticator's, until the next AUTH

  // The client may be silent for 1.5 times its keep alive (or what is configured), and longer if we don't
  // listen.
  Monotonic last_moment() const {
    return std::max(last_packet_at, throttled_until) +
           Monotonic::duration(keep_alive) * keep_alive_percent / 100;
  }

  // --- State ---
  std::unique_ptr<IncomingTopicAliases> incoming_aliases;  // null: it has set none yet
  std::unique_ptr<OutgoingTopicAliases> outgoing_aliases;  // null: it takes none
  Monotonic last_packet_at{};
  Monotonic connected_at{};            // when CONNECT was accepted
  Monotonic messages_paid_until{};     // the messages so far, at the rate that is allowed, take until then
  Monotonic throttled_until{};         // it is not read before
  std::uint32_t unreleased_count = 0;  // QoS 2 exchanges that take up our Receive Maximum
  std::size_t unwritten_bytes = 0;     // sent less written
  bool congested = false;              // the write queue was full when a message was to be sent
  std::uint64_t sent_from_queue = 0;   // planted bug B012
  Timer timer{Timer::Purpose::connection, this, nullptr, {}, 0};
  Timer retry_timer{Timer::Purpose::retry, this, nullptr, {}, 0};
  Timer await_rel_timer{Timer::Purpose::await_rel, this, nullptr, {}, 0};
};

}  // namespace mqttvet::core
