// A client of a load: it does no more than it must, for it must not be what is measured.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/wire/wire.h"

namespace mqttvet::bench {

// Where a broker listens, on 127.0.0.1.
struct Endpoint {
  int port = 0;
  bool tls = false;  // whatever the certificate is
};

// Of a packet that came.
struct Seen {
  wire::PacketType type;
  int qos = 0;
  std::string_view packet_id;  // its two bytes; empty if it has none
  std::string_view rest;       // of a PUBLISH: the payload
};

// One connection of a client with MQTT 3.1.1. Everything ends with std::runtime_error if the broker closes
// it.
class Client {
 public:
  struct Options {
    std::string client_id;
    bool clean_session = true;
    // Of 127.0.0.0/8: each source address has ports of its own. Empty: the system's choice.
    std::string source_address = {};
  };
  // Connects and sends CONNECT; CONNACK is to be expected.
  Client(const Endpoint& endpoint, const Options& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  int descriptor() const { return descriptor_; }
  void send(std::string_view bytes) { output_ += bytes; }
  bool has_output() const { return !output_.empty(); }
  // Writes what there is to write, as far as the socket takes it.
  void flush();

  // Calls take(Seen) for every whole packet that is there, or comes with one read.
  template <typename Take>
  void receive(Take take) {
    read();
    std::string_view rest = input_;
    while (const auto seen = cut(rest)) take(*seen);
    input_.erase(0, input_.size() - rest.size());
  }

  // Waits, five seconds at most, for the answer to a request, the only packet that is on its way.
  void expect(wire::PacketType type);

 private:
  struct Tls;

  void read();
  std::ptrdiff_t read_some(char* buffer, std::size_t size);
  std::ptrdiff_t write_some();
  static std::optional<Seen> cut(std::string_view& bytes);

  int descriptor_ = -1;
  std::unique_ptr<Tls> tls_;
  std::string output_;
  std::string input_;
};

std::string bytes_of(const wire::Packet& packet);
// PUBACK, PUBREC, PUBREL or PUBCOMP.
std::string acknowledge(wire::PacketType type, std::string_view packet_id);
// Subscribes, and waits for SUBACK.
void subscribe(Client& client, const std::string& topic_filter, int qos);

constexpr int kSilenceMaxMs = 5000;

}  // namespace mqttvet::bench
