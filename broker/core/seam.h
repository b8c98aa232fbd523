// The seam between the broker and everything that has a clock, a socket or a disk: what can happen to a
// broker (Input), and what it asks to be done (Action).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/codec/boxed.h"
#include "broker/codec/bytes.h"
#include "broker/codec/reason_code.h"
#include "broker/core/access_lists.h"
#include "broker/core/config.h"
#include "broker/core/record.h"
#include "broker/core/time.h"

namespace mqttvet::core {

// One network connection. Given out by the world, never used twice in the life of a Broker.
enum class ConnectionId : std::uint64_t {};

// --- Inputs ------------------------------------------------------------------------------------------------

// What the way in which a client came allows it, where that is less than Config does.
struct ConnectionLimits {
  std::uint32_t packet_size_bytes_max = UINT32_MAX;
  std::uint32_t message_rate_max = 0;        // PUBLISH packets per second; 0: no limit
  std::optional<Monotonic> connect_by = {};  // when a complete CONNECT must be there
};
struct Opened {  // a client's connection was accepted, and any handshake of TLS and WebSocket is done
  ConnectionId connection{};
  std::string peer;  // for the log: "127.0.0.1:40312"
  // The common name of the client's verified certificate, where that is its user name: no password is asked.
  std::optional<std::string> certificate_name{};
  ConnectionLimits limits{};
};
struct Received {  // the next bytes of the stream; valid during the step only
  ConnectionId connection{};
  codec::BytesView bytes;
};
struct Written {  // this many bytes of earlier Sends have left the write queue: the measure of back-pressure
  ConnectionId connection{};
  std::size_t bytes = 0;
};
// Gone, whoever closed it; nothing more will come. Every Opened ends with exactly one Closed, also after a
// Close action.
struct Closed {
  ConnectionId connection{};
};
struct Persisted {  // every record up to and including `up_to` is on disk; or, !ok, the disk failed
  RecordSequence up_to{};
  bool ok = true;
};
struct PeerMessage {  // from another shard or node; the cluster's place
  std::uint32_t from = 0;
  codec::BytesView bytes;
};
struct RedirectClients {  // from now on they are sent to another server; or, none, served again
  Redirect redirect = Redirect::none;
  std::string server_reference;
};
// The answer to an Authenticate; exactly one for each, also after Closed.
struct Authenticated {
  ConnectionId connection{};
  // success; continue_authentication; or why not: bad_user_name_or_password, not_authorized,
  // bad_authentication_method, server_unavailable.
  codec::ReasonCode reason_code = codec::ReasonCode::not_authorized;
  std::string user_name = {};  // who it is, if success
  codec::Bytes data = {};      // Authentication Data for the client; may be empty
  codec::Bytes exchange = {};  // to be given back with the next step of the exchange
};
struct Reload {  // the operator has changed the lists
  AccessLists access_lists;
  codec::Boxed<Config> config =
      {};  // and the configuration: live_config.h says what is taken of it; none: nothing
};
struct Tick {};  // time has passed: next_deadline() is due
struct Stop {};  // graceful end: publish nothing, say DISCONNECT 0x8B to 5.0 clients, close every connection

using Input = std::variant<Opened, Received, Written, Closed, Persisted, PeerMessage, Authenticated, Reload,
                           RedirectClients, Tick, Stop>;

// --- Actions -----------------------------------------------------------------------------------------------

// Append head and payload to the connection's stream. They, and everything sent to this connection after
// them, may leave only when every record up to `after` is Persisted: an acknowledgement never outruns the
// state it promises.
struct Send {
  ConnectionId connection{};
  codec::Bytes head;
  codec::SharedBytes payload;  // may be null
  RecordSequence after{};
};
struct Close {
  ConnectionId connection{};
  enum class How : std::uint8_t { after_flush, at_once } how = How::after_flush;
};
struct Throttle {  // read nothing of this connection before that time
  ConnectionId connection{};
  Monotonic until{};
};
struct Persist {
  RecordSequence sequence{};
  Record record;
};
// Find out who the client is. Checking a password is slow on purpose: it happens elsewhere, while other
// clients are served.
struct Authenticate {
  ConnectionId connection{};
  std::string method;  // Authentication Method (section 4.12); empty: user name and password
  std::string user_name;
  codec::Bytes password;
  codec::Bytes data;      // Authentication Data of this step
  codec::Bytes exchange;  // what the step before left to be remembered; empty: this is the first
};
struct SendPeer {
  std::uint32_t to = 0;
  codec::Bytes bytes;
};
struct Log {  // one line for the operator
  enum class Level : std::uint8_t { debug, info, warning, error } level = Level::info;
  enum class Area : std::uint8_t {
    broker,      // its start, its end, its disk
    net,         // listeners and handshakes
    connection,  // clients that come, and are sent away
    session,     // taken over, expired
    message,     // what queues and retained messages have no room for
  } area = Area::broker;
  std::string text;
};

using Action = std::variant<Send, Close, Throttle, Persist, Authenticate, SendPeer, Log>;
using Actions = std::vector<Action>;

}  // namespace mqttvet::core
