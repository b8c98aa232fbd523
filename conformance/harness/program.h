// A program on a client library, as the library's users write one: what a client case tests, and what an
// interop case drives. It asks the library for something and is told by callbacks what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/wire/packet.h"

namespace mqttvet::conformance {

enum class Library : std::uint8_t { paho_c, paho_cpp };
// "paho-c", "paho-cpp"
std::string_view name_of(Library);

// How the program makes its client.
struct ProgramSettings {
  wire::Connect connect;   // what it wants its CONNECT to say
  bool reconnect = false;  // the library comes back by itself after a lost connection, one second later
};

// What the program is told; only ever called from within Venue::wait().
class ProgramEvents {
 public:
  // The library says that the request with this number is done, or why not.
  virtual void request_ended(std::uint32_t number, bool done, const std::string& text) = 0;
  // As the application gets it: without a packet identifier.
  virtual void message_arrived(const wire::Publish& message) = 0;

 protected:
  ~ProgramEvents() = default;
};

// Its destruction ends the program; no event follows.
class Program {
 public:
  virtual ~Program() = default;
  // Asks the library for what one of these packets does: CONNECT (the settings are those of the program; of
  // this one only Clean Start and the properties count), DISCONNECT, SUBSCRIBE, UNSUBSCRIBE or PUBLISH.
  // Requests may overlap. `number`: whatever the caller likes.
  virtual void begin(std::uint32_t number, const wire::Packet& request) = 0;
};

}  // namespace mqttvet::conformance
