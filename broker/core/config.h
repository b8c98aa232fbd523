// Every limit and choice of the broker, in one place, with its unit. emqttd's name of a key stands beside it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/codec/packet.h"

namespace mqttvet::core {

struct Config {
  // --- Packets and connections ---
  std::uint32_t maximum_packet_size_bytes = 1024 * 1024;  // whole packet [mqtt.packet.max_packet_size]
  std::uint16_t client_id_bytes_max = 1024;               // [mqtt.packet.max_clientid_len]
  std::chrono::seconds connect_timeout{10};               // from Opened to a complete CONNECT [mqtt.client.idle_timeout]
  std::uint16_t topic_levels_max = 128;                   // deeper topics and filters are refused
  std::chrono::seconds server_keep_alive_max{0};          // 0: the client's keep-alive is taken as it is
  std::size_t write_queue_bytes_max = 16 * 1024 * 1024;   // per connection; above it QoS 0 is dropped, the rest waits

  // --- Flow control ---
  std::uint16_t receive_maximum = 100;    // inbound QoS 1 and 2 at once, per connection (5.0) [mqtt.session.max_awaiting_rel]
  std::uint16_t max_inflight = 100;       // outbound unfinished exchanges; 0: the client's Receive Maximum alone decides
                                          // [mqtt.session.max_inflight]
  std::chrono::seconds retry_interval{0};  // resend on a live 3.1.1 / 3.1 connection; 0: only on resume; never for 5.0
                                           // [mqtt.session.unack_retry_interval]
  codec::PacketId first_packet_id = 1;     // of a new session; a test sets it near the wrap
  codec::PacketId last_packet_id = 65535;  // ids wrap after it; a test makes the space small

  // --- Sessions ---
  std::chrono::seconds session_expiry_interval_v3{48 * 3600};  // CleanSession 0 of 3.1.1 / 3.1; codec::kNeverExpires: never
                                                               // [mqtt.session.expired_after, in minutes there]
  std::chrono::seconds session_expiry_interval_max = codec::kNeverExpires;  // a longer request is shortened and told (5.0)

  // --- Queues (per session) ---
  std::size_t queue_messages_max = 10000;  // 0: no limit [mqtt.queue.max_length]
  bool queue_qos0 = false;                 // keep QoS 0 messages of an offline session [mqtt.queue.queue_qos0]

  // --- Retained messages ---
  std::size_t retained_messages_max = 100000;  // 0: no limit [broker.retained.max_message_num]
};

}  // namespace mqttvet::core
