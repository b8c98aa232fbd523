// For tests: a world with hosts, and applications that read and write whole texts.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/network/network.h"

namespace mqttvet::sim {

// An application at one end: reads whatever comes (unless told not to), writes as much as the socket takes.
class Peer {
 public:
  explicit Peer(EndpointPtr e) : endpoint(std::move(e)) {
    endpoint->on_change([this] { changed(); });
  }
  void say(std::string_view text) {
    to_write += text;
    write();
  }
  void read() {
    char buffer[512];
    while (const std::size_t count = endpoint->read(buffer, sizeof buffer)) heard.append(buffer, count);
  }
  void write() { to_write.erase(0, endpoint->write(to_write)); }
  void changed() {
    ++changes;
    if (reads) read();
    write();
  }

  EndpointPtr endpoint;
  std::string heard;
  std::string to_write;
  bool reads = true;
  int changes = 0;
};

// Two hosts, "alice" and "broker", 10 ms apart; the broker serves port 1883.
struct TestNetwork {
  explicit TestNetwork(std::uint64_t seed = 1) : world(seed), network(world) {
    conditions.latency_min = conditions.latency_max = std::chrono::milliseconds(10);
    network.set_conditions(conditions);
    network.add_host("broker");
    network.add_host("alice");
    serve();
  }
  void serve() {
    network.listen("broker", 1883, [this](EndpointPtr endpoint) {
      accepted.push_back(std::make_unique<Peer>(std::move(endpoint)));
      accepted_at = world.now();
    });
  }
  std::unique_ptr<Peer> connect(const std::string& from = "alice") {
    return std::make_unique<Peer>(network.connect(from, "broker", 1883));
  }
  // A connection that is open at both ends; 30 ms have passed.
  std::unique_ptr<Peer> connected(const std::string& from = "alice") {
    auto peer = connect(from);
    pass(std::chrono::milliseconds(30));
    return peer;
  }
  // The clock really moves on, also through silence.
  void pass(Duration duration) {
    world.after(duration, [] {});
    world.run_until(world.now() + duration);
  }
  Peer& server() { return *accepted.back(); }

  World world;
  LinkConditions conditions;
  Network network;
  std::vector<std::unique_ptr<Peer>> accepted;
  Time accepted_at{0};
};

}  // namespace mqttvet::sim
