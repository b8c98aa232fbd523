// What a program asks a Paho library for, given as packets, in the words of sim/guest/paho_app.h.
#pragma once

#include "conformance/harness/program.h"
#include "sim/guest/paho_app.h"

namespace mqttvet::conformance {

// A client object of the library, or the library's refusal to make one.
class App {
 public:
  App(Library library, const ProgramSettings& settings, const std::string& server_uri,
      sim::PahoEvents events);

  // Blocks until the library says how it ended, a minute at most. Of a CONNECT only Clean Start and the
  // properties count. Several threads may be in it.
  sim::Outcome carry_out(const wire::Packet& request);

 private:
  std::unique_ptr<sim::PahoApp> app_;  // null: refused
  std::string refusal_;
};

// As a PUBLISH without a packet identifier.
wire::Publish message_of(const sim::Arrival& arrival);

}  // namespace mqttvet::conformance
