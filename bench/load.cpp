#include "bench/load.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/broker_process.h"
#include "conformance/wire/wire.h"

namespace mqttvet::bench {
namespace {

using Clock = std::chrono::steady_clock;
using wire::PacketType;
constexpr int kSilenceMaxMs = 5000;

std::string bytes_of(const wire::Packet& packet) {
  return wire::encode(packet, wire::Version::v3_1_1);
}

// Of a packet that came: no more than a load generator needs, which must not be the bottleneck.
struct Seen {
  PacketType type;
  int qos;
  std::string_view packet_id;  // its two bytes; empty if it has none
};

class Connection {
 public:
  Connection(int port, const std::string& client_id) : descriptor_(connect_to(port)) {
    if (descriptor_ < 0) throw std::runtime_error("the broker does not listen");
    wire::Connect connect;
    connect.version = wire::Version::v3_1_1;
    connect.clean_start = false;  // a session that a broker with a disk must keep there
    connect.client_id = client_id;
    send(bytes_of(connect));
    flush();
    expect(PacketType::connack);
  }
  ~Connection() { close(descriptor_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor() const { return descriptor_; }
  bool has_output() const { return !output_.empty(); }
  void send(std::string_view bytes) { output_ += bytes; }

  // Writes what there is to write, as far as the socket takes it.
  void flush() {
    if (output_.empty()) return;
    const ssize_t count = ::send(descriptor_, output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) output_.erase(0, static_cast<std::size_t>(count));
    if (count < 0 && errno != EAGAIN && errno != EINTR) throw std::runtime_error("the broker went away");
  }

  // Calls take(Seen) for every whole packet that is there, or comes with one read.
  template <typename Take>
  void receive(Take take, int flags = MSG_DONTWAIT) {
    char buffer[64 * 1024];
    const ssize_t count = recv(descriptor_, buffer, sizeof buffer, flags);
    if (count == 0) throw std::runtime_error("the broker closed a connection");
    if (count < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      throw std::runtime_error("the broker went away");
    }
    input_.append(buffer, static_cast<std::size_t>(count));
    std::string_view rest = input_;
    while (const auto seen = cut(rest)) take(*seen);
    input_.erase(0, input_.size() - rest.size());
  }

  // Waits for the answer to a request, the only packet that is on its way.
  void expect(PacketType type) {
    pollfd descriptor{descriptor_, POLLIN, 0};
    if (poll(&descriptor, 1, kSilenceMaxMs) <= 0) throw std::runtime_error("the broker does not answer");
    bool came = false;
    receive([&](const Seen& seen) { came = seen.type == type; });
    if (!came) throw std::runtime_error("the broker did not answer with " + std::string(name_of(type)));
  }

 private:
  // Takes the first packet off `bytes`; nullopt if it is not whole. MQTT 2.2, 3.3.2.
  static std::optional<Seen> cut(std::string_view& bytes) {
    std::size_t length = 0, at = 1;
    for (int shift = 0;; shift += 7) {
      if (at >= bytes.size()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      length |= static_cast<std::size_t>(byte & 0x7F) << shift;
      if (!(byte & 0x80)) break;
    }
    if (bytes.size() - at < length) return std::nullopt;
    const auto first = static_cast<unsigned char>(bytes[0]);
    const std::string_view body = bytes.substr(at, length);
    bytes.remove_prefix(at + length);
    Seen seen{static_cast<PacketType>(first >> 4), (first >> 1) & 3, {}};
    if (seen.type != PacketType::publish) {
      seen.qos = 0;
      seen.packet_id = body.substr(0, 2);
    } else if (seen.qos > 0) {
      const std::size_t topic_length = static_cast<unsigned char>(body[1]);  // ours are short
      seen.packet_id = body.substr(2 + topic_length, 2);
    }
    return seen;
  }

  int descriptor_;
  std::string output_;
  std::string input_;
};

std::string acknowledge(PacketType type, std::string_view packet_id) {
  const unsigned flags = type == PacketType::pubrel ? 2 : 0;
  std::string bytes{static_cast<char>(static_cast<unsigned>(type) << 4 | flags), 2};
  return bytes.append(packet_id);
}

class LoadRun {
 public:
  LoadRun(int port, const Load& load)
      : load_(load),
        publisher_(port, "publisher-" + std::to_string(load.qos)),
        subscriber_(port, "subscriber-" + std::to_string(load.qos)) {
    const std::string topic = "bench/" + std::to_string(load.qos);  // sessions of other loads may be there
    wire::Subscribe subscribe;
    subscribe.packet_id = 1;
    subscribe.subscriptions.push_back({topic, static_cast<std::uint8_t>(load.qos)});
    subscriber_.send(bytes_of(subscribe));
    subscriber_.flush();
    subscriber_.expect(PacketType::suback);
    // Acknowledgements come in order [MQTT-4.6.0-2], so kWindow identifiers in turn are enough.
    for (std::uint16_t id = 1; id <= kWindow; ++id) {
      wire::Publish publish;
      publish.qos = static_cast<std::uint8_t>(load.qos);
      publish.topic = topic;
      publish.packet_id = id;
      publish.payload = std::string(kPayloadBytes, 'x');
      publishes_.push_back(bytes_of(publish));
    }
  }

  Throughput carry_out() {
    const auto begun = Clock::now();
    while (true) {
      const bool more = sent_ < load_.messages_max && Clock::now() - begun < load_.time_max;
      if (!more && done() == sent_ && !subscriber_.has_output()) break;
      if (more) publish();
      publisher_.flush();
      subscriber_.flush();
      if (done() < sent_) wait();
      publisher_.receive([this](const Seen& seen) { publisher_received(seen); });
      subscriber_.receive([this](const Seen& seen) { subscriber_received(seen); });
    }
    return {sent_, std::chrono::duration<double>(Clock::now() - begun).count()};
  }

 private:
  std::uint64_t done() const { return std::min(completed_, delivered_); }

  // As many as the window takes: one write.
  void publish() {
    while (sent_ < load_.messages_max && sent_ - done() < kWindow)
      publisher_.send(publishes_[sent_++ % kWindow]);
    if (load_.qos == 0) completed_ = sent_;
  }

  void wait() {
    pollfd descriptors[2];
    for (int i = 0; const Connection* connection : {&publisher_, &subscriber_}) {
      const short events = connection->has_output() ? POLLIN | POLLOUT : POLLIN;
      descriptors[i++] = {connection->descriptor(), events, 0};
    }
    if (poll(descriptors, 2, kSilenceMaxMs) <= 0) throw std::runtime_error("the broker falls silent");
  }

  void publisher_received(const Seen& seen) {
    if (seen.type == PacketType::puback || seen.type == PacketType::pubcomp) ++completed_;
    if (seen.type == PacketType::pubrec) publisher_.send(acknowledge(PacketType::pubrel, seen.packet_id));
  }

  void subscriber_received(const Seen& seen) {
    if (seen.type == PacketType::pubrel) {
      subscriber_.send(acknowledge(PacketType::pubcomp, seen.packet_id));
      ++delivered_;
    }
    if (seen.type != PacketType::publish) return;
    if (seen.qos < 2) ++delivered_;
    if (seen.qos == 1) subscriber_.send(acknowledge(PacketType::puback, seen.packet_id));
    if (seen.qos == 2) subscriber_.send(acknowledge(PacketType::pubrec, seen.packet_id));
  }

  const Load& load_;
  Connection publisher_;
  Connection subscriber_;
  std::vector<std::string> publishes_;
  std::uint64_t sent_ = 0;
  std::uint64_t completed_ = 0;  // the publisher's part is over
  std::uint64_t delivered_ = 0;  // the subscriber's part is over
};

}  // namespace

Throughput put_under_load(int port, const Load& load) {
  return LoadRun(port, load).carry_out();
}

}  // namespace mqttvet::bench
