// A broker of a hundred lines for the tests of the guests: enough of MQTT 3.1.1 and 5.0 for a client to
// connect, subscribe and publish at every QoS. Every message goes to every subscriber.
#pragma once

#include <list>
#include <set>
#include <string>
#include <vector>

#include "sim/network/network.h"

namespace mqttvet::sim {

class TestBroker {
 public:
  TestBroker(World& world, Network& network);

  int connects = 0;  // CONNECTs received
  int releases = 0;  // PUBRELs received
  int pings = 0;
  int disconnects = 0;                // DISCONNECTs received
  std::vector<std::string> payloads;  // of PUBLISHes received, each packet identifier once per connection

 private:
  struct Peer {
    EndpointPtr endpoint;
    std::string input;
    bool v5 = false;
    bool subscribed = false;
    std::set<std::uint16_t> unreleased;
    std::uint16_t next_packet_id = 1;
  };
  void serve(Peer& peer);
  void handle(Peer& peer, unsigned char first, const std::string& body);
  void handle_publish(Peer& peer, unsigned char first, const std::string& body);
  void deliver(const std::string& topic, const std::string& payload, int qos);
  static void send(Peer& peer, unsigned char first, const std::string& body);

  World& world_;
  std::list<Peer> peers_;
};

}  // namespace mqttvet::sim
