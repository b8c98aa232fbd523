// One MQTT client of a plan, whatever program drives it. Operations are carried out in order, one at a time; each reports
// its end exactly once. Runs in the world's time; never blocks the caller.
#pragma once

#include <functional>
#include <string>

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
};

}  // namespace mqttvet::sim
