// A server for the client under test: what a client case plays. It does only what it is told (peer.h).
#pragma once

#include <string>

#include "conformance/harness/peer.h"  // IWYU pragma: export

namespace mqttvet::conformance {

class Application;

class Server final : public Peer {
 public:
  Server(Run& run, std::string name);

  // The client's next network connection. Replaces the one there is. The time-out of `within`: default
  // Pace::answer_within.
  void accept(Duration within = {});
  // Nobody connects meanwhile. Default: Pace::quiet_for.
  void expect_no_connection(Duration during = {});
  // The client's next connection, its CONNECT, and this answer. What CONNECT says is for the case to judge.
  Connect greet(const Connack& answer = {}, Duration within = {});
  // The application connects for the first time, and is told so.
  Connect welcome(Application& application, const Connack& answer = {});

  // SUBSCRIBE, and a SUBACK that grants what was asked for.
  Subscribe grant();
  // UNSUBSCRIBE, and an UNSUBACK that says Success.
  Unsubscribe take_back();
  // The client is alive, and has read what was sent before: it acknowledges a PUBLISH with QoS 1.
  void expect_open();

 private:
  void leaving(const Packet& packet) override;
};

}  // namespace mqttvet::conformance
