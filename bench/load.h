// What a broker is put under, over plain sockets or TLS, and what it is measured by. Every function ends with
// std::runtime_error if the broker closes a connection, or answers nothing for five seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "bench/client.h"

namespace mqttvet::bench {

constexpr std::uint16_t kWindow = 100;  // what both brokers take from one client, and have in flight to one
constexpr std::size_t kPayloadBytes = 64;

// So much of something in so much time.
struct Throughput {
  std::uint64_t count = 0;
  double seconds = 0;
};

struct Load {
  int qos = 0;  // of the publishes and of the subscriptions
  std::size_t publishers = 1;
  std::size_t subscribers = 1;  // each gets every message
  std::uint64_t messages_max = 0;
  std::chrono::milliseconds time_max{0};  // no message is sent after it; what was sent is waited for
};

// Publishes as fast as the broker takes it, with at most kWindow messages on their way, of all publishers
// together (fewer if there are many subscribers). Counts deliveries, all acknowledgements included. Sessions
// are kept (Clean Session 0).
Throughput put_under_load(const Endpoint& endpoint, const Load& load);

struct Latency {
  double p50_us = 0;
  double p99_us = 0;
};

// From when a message with QoS 1 should have been sent, at this steady rate, to when the subscriber has it.
Latency measure_latency(const Endpoint& endpoint, unsigned messages_per_second,
                        std::chrono::milliseconds time);

// Clients that connect, are accepted, and disconnect; some at the same time.
Throughput connect_and_leave(const Endpoint& endpoint, std::size_t clients);

// Calls idle() while so many clients are connected and say nothing.
void keep_idle(const Endpoint& endpoint, std::size_t clients, const std::function<void()>& idle);

// A session's queue fills with messages of QoS 1 while its client is away; then it comes back, and takes and
// acknowledges them: only that is measured, from the call of filled() on.
Throughput drain_queue(const Endpoint& endpoint, std::uint64_t messages, const std::function<void()>& filled);

}  // namespace mqttvet::bench
