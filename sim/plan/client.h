// One MQTT client of a plan, whatever program drives it: Paho C++, Paho C, or our own raw client.
#pragma once

#include <functional>
#include <string>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

struct Outcome {
  bool done = false;  // carried out and, where the protocol answers, answered
  std::string text;   // why not, in the client library's words: "timeout", "MQTT error [-3]: disconnected"
};

// A message that a client's application was given (for Paho: by its callback), beside what the wire shows.
struct Arrival {
  std::string client;
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retained = false;
  bool duplicate = false;
  wire::Properties properties{};  // 5.0: as the library hands them out
};

// Operations are carried out in the order of the calls, one at a time; each reports its end exactly once, in
// an event of the world. Lives in the world's time and never blocks its caller. Expect, ExpectClosed and
// DoWait are not for it.
class Client {
 public:
  virtual ~Client() = default;
  virtual void perform(const Operation& operation, std::function<void(Outcome)> done) = 0;
  // The network connection is up and CONNACK was received.
  virtual bool connected() const = 0;
};

}  // namespace mqttvet::sim
