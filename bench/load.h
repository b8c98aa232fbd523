// One publisher and one subscriber that keep a broker busy, over plain sockets.
#pragma once

#include <chrono>
#include <cstdint>

namespace mqttvet::bench {

struct Load {
  int qos = 0;  // of the publishes and of the subscription
  std::uint64_t messages_max = 0;
  std::chrono::milliseconds time_max{0};  // no message is sent after it; what was sent is waited for
};

struct Throughput {
  std::uint64_t messages = 0;  // from the publisher to the subscriber, all acknowledgements included
  double seconds = 0;
};

// Connects both (MQTT 3.1.1, Clean Session 0), subscribes, and publishes as fast as the broker takes it, with
// at most kWindow messages that are not yet delivered and acknowledged. Payloads have kPayloadBytes.
// std::runtime_error if the broker closes a connection, or answers nothing for five seconds.
Throughput put_under_load(int port, const Load& load);

constexpr std::uint16_t kWindow = 100;  // what both brokers take from one client, and have in flight to one
constexpr std::size_t kPayloadBytes = 64;

}  // namespace mqttvet::bench
