#include "bench/load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace mqttvet::bench {
namespace {

using Clock = std::chrono::steady_clock;
using wire::PacketType;

// The clients that something has come for.
class Readiness {
 public:
  Readiness() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~Readiness() { close(descriptor_); }
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  void add(Client& client, std::size_t number) {
    epoll_event event{EPOLLIN, {.u64 = number}};
    epoll_ctl(descriptor_, EPOLL_CTL_ADD, client.descriptor(), &event);
  }
  // Calls take(number) for each; returns how many there were.
  template <class Take>
  int wait(int timeout_ms, Take take) {
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(descriptor_, events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int i = 0; i < count; ++i) take(events[static_cast<std::size_t>(i)].data.u64);
    return count;
  }

 private:
  int descriptor_;
};

class LoadRun {
 public:
  LoadRun(const Endpoint& endpoint, const Load& load)
      : load_(load), window_(std::clamp<std::uint64_t>(10'000 / load.subscribers, 10, kWindow)) {
    // Sessions of other loads may be there.
    const std::string name = "/" + std::to_string(load.qos) + "-" + std::to_string(load.publishers) + "-" +
                             std::to_string(load.subscribers);
    for (std::size_t i = 0; i < load.publishers + load.subscribers; ++i) {
      const std::string client_id = std::to_string(i) + name;
      clients_.push_back(std::make_unique<Client>(endpoint, Client::Options{client_id, false}));
      clients_.back()->expect(PacketType::connack);
      if (i >= load.publishers) subscribe(*clients_.back(), "bench" + name, load.qos);
      readiness_.add(*clients_.back(), i);
    }
    // Acknowledgements come in order [MQTT-4.6.0-2], so kWindow identifiers in turn are enough.
    for (std::uint16_t id = 1; id <= kWindow; ++id) {
      wire::Publish publish;
      publish.qos = static_cast<std::uint8_t>(load.qos);
      publish.topic = "bench" + name;
      publish.packet_id = id;
      publish.payload = std::string(kPayloadBytes, 'x');
      publishes_.push_back(bytes_of(publish));
    }
  }

  Throughput carry_out() {
    const auto begun = Clock::now();
    while (true) {
      const bool more = sent_ < load_.messages_max && Clock::now() - begun < load_.time_max;
      if (more) publish();
      const bool all_written = flush();
      if (!more && completed_ == sent_ && delivered_ == sent_ * load_.subscribers && all_written) break;
      wait(all_written && !(more && sent_ - done() < window_) ? kSilenceMaxMs : 1);
    }
    return {delivered_, std::chrono::duration<double>(Clock::now() - begun).count()};
  }

 private:
  std::uint64_t done() const { return std::min(completed_, delivered_ / load_.subscribers); }

  // As many as the window takes, in turn.
  void publish() {
    while (sent_ < load_.messages_max && sent_ - done() < window_) {
      const std::uint64_t round = sent_ / load_.publishers;
      clients_[sent_ % load_.publishers]->send(publishes_[round % kWindow]);
      ++sent_;
    }
    if (load_.qos == 0) completed_ = sent_;
  }

  // Whether nothing is left.
  bool flush() {
    bool all_written = true;
    for (std::size_t i = 0; i < load_.publishers; ++i) all_written &= flush(*clients_[i]);
    std::erase_if(unwritten_, [&](Client* client) { return flush(*client); });
    return all_written && unwritten_.empty();
  }
  static bool flush(Client& client) {
    client.flush();
    return !client.has_output();
  }

  void wait(int timeout_ms) {
    const int count = readiness_.wait(timeout_ms, [this](std::size_t i) {
      Client& client = *clients_[i];
      if (i < load_.publishers) {
        client.receive([&](const Seen& seen) { publisher_received(client, seen); });
        return;
      }
      client.receive([&](const Seen& seen) { subscriber_received(client, seen); });
      if (!flush(client)) unwritten_.push_back(&client);
    });
    if (count == 0 && timeout_ms == kSilenceMaxMs) throw std::runtime_error("the broker falls silent");
  }

  void publisher_received(Client& publisher, const Seen& seen) {
    if (seen.type == PacketType::puback || seen.type == PacketType::pubcomp) ++completed_;
    if (seen.type == PacketType::pubrec) publisher.send(acknowledge(PacketType::pubrel, seen.packet_id));
  }

  void subscriber_received(Client& subscriber, const Seen& seen) {
    if (seen.type == PacketType::pubrel) {
      subscriber.send(acknowledge(PacketType::pubcomp, seen.packet_id));
      ++delivered_;
    }
    if (seen.type != PacketType::publish) return;
    if (seen.qos < 2) ++delivered_;
    if (seen.qos == 1) subscriber.send(acknowledge(PacketType::puback, seen.packet_id));
    if (seen.qos == 2) subscriber.send(acknowledge(PacketType::pubrec, seen.packet_id));
  }

  const Load& load_;
  const std::uint64_t window_;
  std::vector<std::unique_ptr<Client>> clients_;  // the publishers, then the subscribers
  Readiness readiness_;
  std::vector<Client*> unwritten_;  // subscribers that the broker does not read
  std::vector<std::string> publishes_;
  std::uint64_t sent_ = 0;
  std::uint64_t completed_ = 0;  // the publishers' part is over
  std::uint64_t delivered_ = 0;  // a subscriber's part is over
};

}  // namespace

Throughput put_under_load(const Endpoint& endpoint, const Load& load) {
  return LoadRun(endpoint, load).carry_out();
}

}  // namespace mqttvet::bench
