// Everything but throughput: latency, connections, queues.
#include <poll.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/load.h"

namespace mqttvet::bench {
namespace {

using Clock = std::chrono::steady_clock;
using wire::PacketType;

std::int64_t nanoseconds_now() {
  return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

std::string numbered_address(std::size_t i) {
  constexpr std::size_t kPerAddress = 5000;
  return "127.0.0." + std::to_string(2 + i / kPerAddress);
}

}  // namespace

Latency measure_latency(const Endpoint& endpoint, unsigned messages_per_second,
                        std::chrono::milliseconds time) {
  Client publisher(endpoint, {"publisher"});
  publisher.expect(PacketType::connack);
  Client subscriber(endpoint, {"subscriber"});
  subscriber.expect(PacketType::connack);
  subscribe(subscriber, "latency", 1);
  const auto count =
      std::max<std::uint64_t>(1, messages_per_second * static_cast<std::uint64_t>(time.count()) / 1000);
  const std::int64_t interval = 1'000'000'000 / messages_per_second;
  const std::int64_t begun = nanoseconds_now();
  std::uint64_t sent = 0;
  std::vector<double> microseconds;
  while (microseconds.size() < count) {
    const std::int64_t due = begun + static_cast<std::int64_t>(sent) * interval;
    if (sent < count && nanoseconds_now() >= due) {
      wire::Publish publish;
      publish.qos = 1;
      publish.topic = "latency";
      publish.packet_id = static_cast<std::uint16_t>(1 + sent++ % 60'000);
      publish.payload = std::to_string(due);
      publisher.send(bytes_of(publish));
      publisher.flush();
      continue;
    }
    pollfd descriptors[] = {{subscriber.descriptor(), POLLIN, 0}, {publisher.descriptor(), POLLIN, 0}};
    const std::int64_t left =
        sent < count ? std::max<std::int64_t>(0, due - nanoseconds_now()) : 5'000'000'000;
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    if (ppoll(descriptors, 2, &timeout, nullptr) == 0 && sent == count)
      throw std::runtime_error("the broker falls silent");
    publisher.receive([](const Seen&) {});
    subscriber.receive([&](const Seen& seen) {
      microseconds.push_back(static_cast<double>(nanoseconds_now() - std::stoll(std::string(seen.rest))) /
                             1000);
      subscriber.send(acknowledge(PacketType::puback, seen.packet_id));
    });
    subscriber.flush();
  }
  std::sort(microseconds.begin(), microseconds.end());
  return {microseconds[microseconds.size() / 2], microseconds[microseconds.size() * 99 / 100]};
}

Throughput connect_and_leave(const Endpoint& endpoint, std::size_t clients) {
  constexpr std::size_t kAtTheSameTime = 50;
  const std::string disconnect = bytes_of(wire::Disconnect{});
  const auto begun = Clock::now();
  for (std::size_t done = 0; done < clients;) {
    std::vector<std::unique_ptr<Client>> some;
    for (std::size_t i = 0; i < kAtTheSameTime && done < clients; ++i, ++done)
      some.push_back(std::make_unique<Client>(
          endpoint, Client::Options{"client" + std::to_string(done), true, numbered_address(done)}));
    for (const auto& client : some) client->expect(PacketType::connack);
    for (const auto& client : some) {
      client->send(disconnect);
      client->flush();
    }
  }
  return {clients, std::chrono::duration<double>(Clock::now() - begun).count()};
}

void keep_idle(const Endpoint& endpoint, std::size_t clients, const std::function<void()>& idle) {
  std::vector<std::unique_ptr<Client>> connected;
  for (std::size_t i = 0; i < clients; ++i) {
    const Client::Options options{"idle" + std::to_string(i), true, numbered_address(i)};
    connected.push_back(std::make_unique<Client>(endpoint, options));
    connected.back()->expect(PacketType::connack);
  }
  idle();
}

Throughput drain_queue(const Endpoint& endpoint, std::uint64_t messages,
                       const std::function<void()>& filled) {
  const Client::Options away{"away", false};
  {
    Client subscriber(endpoint, away);
    subscriber.expect(PacketType::connack);
    subscribe(subscriber, "drain", 1);
    subscriber.send(bytes_of(wire::Disconnect{}));
    subscriber.flush();
  }
  Client publisher(endpoint, {"publisher"});
  publisher.expect(PacketType::connack);
  std::uint64_t sent = 0, acknowledged = 0;
  const auto wait_for = [](Client& client) {
    pollfd descriptor{client.descriptor(), POLLIN, 0};
    if (poll(&descriptor, 1, kSilenceMaxMs) <= 0) throw std::runtime_error("the broker falls silent");
  };
  while (acknowledged < messages) {
    for (; sent < messages && sent - acknowledged < kWindow; ++sent) {
      wire::Publish publish;
      publish.qos = 1;
      publish.topic = "drain";
      publish.packet_id = static_cast<std::uint16_t>(1 + sent % kWindow);
      publish.payload = std::string(kPayloadBytes, 'x');
      publisher.send(bytes_of(publish));
    }
    publisher.flush();
    wait_for(publisher);
    publisher.receive([&](const Seen&) { ++acknowledged; });
  }
  filled();
  const auto begun = Clock::now();
  Client subscriber(endpoint, away);
  std::uint64_t received = 0;
  while (received < messages || subscriber.has_output()) {
    if (!subscriber.has_output()) wait_for(subscriber);
    subscriber.receive([&](const Seen& seen) {
      if (seen.type != PacketType::publish) return;
      ++received;
      subscriber.send(acknowledge(PacketType::puback, seen.packet_id));
    });
    subscriber.flush();
  }
  return {messages, std::chrono::duration<double>(Clock::now() - begun).count()};
}

}  // namespace mqttvet::bench
