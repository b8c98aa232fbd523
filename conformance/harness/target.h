// What is being tested, as a case sees it: byte streams to it, a clock, and a few hooks. The simulated broker
// and live ones look the same from here.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/fault.h"
#include "conformance/harness/limits.h"
#include "conformance/harness/program.h"
#include "conformance/wire/packet.h"

namespace mqttvet::conformance {

using Time = std::chrono::nanoseconds;  // since the run of a case began
using Duration = std::chrono::nanoseconds;

// What a target may lack, and a case may need.
enum class Capability : std::uint8_t {
  mqtt_3_1,
  mqtt_3_1_1,
  mqtt_5_0,
  qos_1,
  qos_2,
  retain,
  wildcard_subscription,
  subscription_identifier,
  shared_subscription,
  topic_alias,              // Topic Alias Maximum of CONNACK above 0
  several_in_flight,        // sends ten messages of QoS 1 and more before the first is acknowledged
  persistent_session,       // keeps sessions beyond their connection
  enhanced_authentication,  // SCRAM-SHA-256, of the user in TargetFacts::credentials
  users,                    // a second user, and refused credentials, are known: TargetFacts::users
  restart,                  // Venue::restart()
  kill,                     // Venue::kill()
  saved,                    // what was acknowledged survives restart()
  durable,                  // and kill()
  websocket,                // it is reached over WebSocket
  time_jumps,               // to wait costs nothing: hours pass in a moment
  paho,                     // programs on the Paho libraries can be run: Venue::start()
};
// "qos-2", "shared-subscription"
std::string_view name_of(Capability);
std::optional<Capability> capability_from(std::string_view name);

// Another configuration of the same target: what it offers is limited, or it begins near an edge.
enum class Variant : std::uint8_t {
  plain,
  maximum_qos_0,
  maximum_qos_1,
  no_retain,
  no_wildcard_subscription,
  no_subscription_identifier,
  no_shared_subscription,
  no_topic_alias,
  receive_maximum_1,
  maximum_packet_size_2048,
  server_keep_alive_2,    // seconds
  session_expiry_max_2,   // seconds
  checks_payload_format,  // refuses a payload that is not the UTF-8 it says it is
  packet_ids_up_to_8,     // of its own: they wrap soon
  no_queue_limit,         // 0 in the configuration, where that means none
  sent_elsewhere,         // every CONNECT is refused with 0x9C and a Server Reference
};
// "maximum-qos-1"
std::string_view name_of(Variant);
std::optional<Variant> variant_from(std::string_view name);
inline constexpr Variant kLastVariant = Variant::sent_elsewhere;

// Why a stream ended. A refused, failed or timed-out connection was never open.
enum class Ending : std::uint8_t { finished, reset, refused, timed_out, failed };

// How a stream tells what happens to it; only ever called from within Venue::wait().
class ChannelEvents {
 public:
  virtual void opened(Time at) = 0;
  virtual void received(Time at, std::string_view bytes) = 0;
  // Once; nothing follows. `text` is for people ("connection reset by peer").
  virtual void ended(Time at, Ending how, const std::string& text) = 0;

 protected:
  ~ChannelEvents() = default;
};

// How WebSocket carries the bytes of one send() (chapter 6).
enum class Framing : std::uint8_t {
  binary,      // one frame
  fragmented,  // one binary message in frames of eight bytes
  text,        // a text frame: no receiver may accept it
};

// One network connection of a client. Destroying it without close() is abort().
class Channel {
 public:
  virtual ~Channel() = default;
  // Takes all of them; they leave as the network permits. Without effect once it has ended.
  virtual void send(std::string_view bytes) = 0;
  // The same, framed so. REQUIRES: Capability::websocket, but for Framing::binary.
  virtual void send_as(Framing, std::string_view bytes) { send(bytes); }
  // Sec-WebSocket-Protocol of the target's answer, once open; empty without WebSocket.
  virtual std::string sub_protocol() const { return {}; }
  virtual void finish() = 0;  // FIN behind what was sent; reading goes on
  virtual void close() = 0;   // FIN behind what was sent. No further event; the rest goes by itself.
  virtual void abort() = 0;   // RST; what was not sent yet is lost. No further event.
  virtual void hold_reading(bool hold) = 0;  // the receive window closes: a client that stalls
  // The fault it was opened with has happened.
  virtual bool fault_struck() const { return false; }
};

// How long things may take.
struct Pace {
  Duration answer_within;  // a target that has not answered by then does not answer
  Duration quiet_for;      // "nothing comes" means: for so long
  Duration timer_slack;    // a timer of the target may be so much late
};

// The target during one run of one case. Used by one thread.
class Venue {
 public:
  virtual ~Venue() = default;

  virtual Time now() const = 0;
  // Starts a connection, perhaps one on which something goes wrong. `events` must outlive the channel.
  virtual std::unique_ptr<Channel> connect(ChannelEvents& events, const std::optional<Fault>& fault) = 0;
  // Lets time pass until a channel has told something, or until `deadline`.
  virtual void wait(Time deadline) = 0;

  // Both return when the target serves again; open connections are lost. REQUIRES: the capability.
  virtual void restart() = 0;  // orderly
  virtual void kill() = 0;     // as by kill -9

  // Whatever of the target this run has come through, by name, where that can be known: the places of our
  // broker's planted bugs.
  virtual std::vector<std::string> reached() const { return {}; }
  // A program on this library that talks to the target; if the target is a client library, to us. `events`
  // must outlive it. REQUIRES: Capability::paho.
  virtual std::unique_ptr<Program> start(Library library, const ProgramSettings& settings,
                                         ProgramEvents& events);

  // --- Of a client library under test: what its programs connect to ---
  // The oldest connection that waits for an answer; null: none does. `events` must outlive the channel.
  virtual std::unique_ptr<Channel> accept(ChannelEvents& events);
  virtual bool is_asked_for_a_connection() const { return false; }
};

struct Credentials {
  std::optional<std::string> user_name{};
  std::optional<std::string> password{};
};

// What is known of a target before a case runs: told by its file, read from CONNACK, or probed.
struct TargetFacts {
  std::set<Capability> capabilities;
  // Why one is absent, where there is more to say than that it is ("CONNACK says Maximum QoS 1").
  std::map<Capability, std::string> reasons;
  Credentials credentials;  // every CONNECT carries them unless the case says otherwise
  Pace pace;
  wire::Connack connack;  // of MQTT 5.0: the limits the target announces; default if it has no 5.0
  Variant variant = Variant::plain;
  // Of a client under test: its library.
  Library library = Library::paho_c;
  // Told by the target's file: what no probe may add.
  std::set<Capability> lacks{};
  Limits limits{};

  bool has(Capability capability) const { return capabilities.contains(capability); }
};

// What a case is about, and a target is.
enum class Subject : std::uint8_t { broker, client };

// A broker to be tested, or a client library.
class Target {
 public:
  virtual ~Target() = default;
  virtual std::string name() const = 0;  // as it was given: "sim", "mqtt://127.0.0.1:1883"
  virtual Subject subject() const { return Subject::broker; }
  virtual bool simulated() const = 0;  // time jumps, and every run has a target of its own
  virtual const TargetFacts& facts() const = 0;
  virtual void set_facts(TargetFacts facts) = 0;  // before runs begin: what a probe found out
  // For one run. `seed` varies what a simulation leaves open; live targets ignore it.
  // A live target is asked from several threads.
  virtual std::unique_ptr<Venue> open(std::uint64_t seed) = 0;
  // Starts a target that does not run, or has died. False: nobody knows how. Throws std::runtime_error if it
  // doesn't come up.
  virtual bool start() { return false; }
  // Ends one that start() has started; nothing if nobody knows how.
  virtual void stop() {}
  // The same target, configured so and probed. Null: there is none, and whoever wants one has to make do with
  // the target as it is. Owned by this one.
  virtual Target* variant(Variant) { return nullptr; }
};

}  // namespace mqttvet::conformance
