// A simulated TCP/IP network: hosts with names, listeners, and byte-stream connections between them. Streams
// are cut into segments that travel with latency (and so overtake each other before reassembly), wait in
// bounded buffers, and meet the faults a real network has. Both the guests' sockets and the raw clients and
// broker nodes use the same Endpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world/world.h"

namespace mqttvet::sim {

class Connection;
class Fabric;

// One end of a connection. Non-blocking: what can't be done now is refused, and `on_change` says when to try
// again. Destroying it closes it. What was received before an error stays readable; then the error shows.
class Endpoint {
 public:
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  enum class State : std::uint8_t { connecting, open, closed };
  enum class Error : std::uint8_t { none, refused, unreachable, reset, timed_out };

  State state() const;
  Error error() const;                 // why it is closed, or none
  bool readable() const;               // bytes, the end of the stream or an error can be read
  bool at_end() const;                 // the peer has finished and everything was read
  std::size_t writable_bytes() const;  // room in the send buffer; 0 while connecting

  // Takes up to `capacity` received bytes; 0: none now, end or error (see above).
  std::size_t read(char* into, std::size_t capacity);
  // Gives bytes to the stream; returns how many were taken.
  std::size_t write(std::string_view bytes);
  void finish();  // FIN: no more writes, reading goes on
  void close();   // the socket is closed: FIN, or RST if received bytes are unread
  void abort();   // RST

  // Called, always from an event of its own, after readiness may have changed. Null: nobody.
  void on_change(std::function<void()> callback);

  const std::string& host() const;  // of this end
  const std::string& peer_host() const;
  std::uint16_t port() const;  // of this end
  std::uint16_t peer_port() const;
  std::uint64_t connection_number() const;  // 1, 2, ... in the order of connect()

 private:
  friend class Connection;
  Endpoint(std::shared_ptr<Connection> connection, bool is_client);
  std::shared_ptr<Connection> connection_;
  bool is_client_;
};
using EndpointPtr = std::shared_ptr<Endpoint>;

// How the network between two hosts behaves. What is in flight keeps the conditions it left under. Bytes and
// times are drawn from the connection's own random stream.
struct LinkConditions {
  Duration latency_min = std::chrono::microseconds(200);
  Duration latency_max = std::chrono::milliseconds(2);
  std::size_t segment_bytes_max = 1460;
  bool fragment = false;     // cut segments at random places, down to single bytes
  bool short_reads = false;  // a read may return less than there is
  bool partial_writes =
      false;  // a write may take less than there is room for (default: only near a full buffer)
  std::size_t send_buffer_bytes = 64 * 1024;
  std::size_t receive_buffer_bytes = 64 * 1024;
};

// How long TCP waits. The defaults are Linux's but for the two bounds that would make faults last for
// minutes.
struct NetworkTimeouts {
  Duration connect = std::chrono::seconds(127);  // SYN at 0, 1, 3, 7, ... 63 s, then timed_out
  Duration retransmission_min = std::chrono::milliseconds(200);  // doubles with every loss up to
  Duration retransmission_max = std::chrono::seconds(8);         // this
  Duration user = std::chrono::minutes(15);  // sent and not acknowledged for so long: timed_out
  Duration orphan =
      std::chrono::seconds(60);  // after close(): to get rid of the rest, and for the peer's FIN
};

// What is seen of a connection at the client's side, in the order of time: the place where all oracles look.
struct Observed {
  enum class Kind : std::uint8_t { opened, client_sent, client_received, closed } kind;
  Time at;
  std::uint64_t connection = 0;
  std::string_view client_host;
  std::string_view server_host;
  std::string_view
      bytes;  // of client_sent (as they enter the client's socket) and client_received (as they arrive)
  std::string_view reason;  // of closed: "client closed", "server closed", "reset", "cut", ...
};
// Exactly one `opened` and one `closed` per established connection. `closed` comes when the client's end is
// closed or fails, whichever is first; after the server's FIN the client may still send until it closes
// ("server closed").

// Must not outlive its world. Endpoints may outlive it; they are closed then.
class Network {
 public:
  explicit Network(World& world);
  ~Network();

  // A host with an address of its own (10.0.0.1, 10.0.0.2, ... in the order of creation), known by name and
  // by address.
  void add_host(const std::string& name);
  std::string address_of(const std::string& name) const;          // "" if unknown
  std::string host_at(const std::string& name_or_address) const;  // "" if unknown

  // Serves a port. `accept` is called at the time of the third handshake segment (or of the first that
  // overtakes it). Closing: null function.
  void listen(const std::string& host, std::uint16_t port, std::function<void(EndpointPtr)> accept);

  // Starts a connection; the endpoint is `connecting` until the handshake is done, refused or timed out.
  EndpointPtr connect(const std::string& from_host, const std::string& to_host, std::uint16_t port);

  // Of a host: every link of that host; if both ends of a link have their own, the client's hold.
  void set_conditions(const LinkConditions& all);
  void set_conditions(const std::string& host, const LinkConditions& conditions);
  void set_timeouts(const NetworkTimeouts& timeouts);

  // Observer and gate must not call back into the network: what they want to do, they schedule.
  void observe(std::function<void(const Observed&)> observer);

  // --- Faults. Each returns how many connections it changed: its effect. ---
  enum class Direction : std::uint8_t { both, to_client, to_server };
  // Every connection of the host. reset: RST both ways, at once; what is in flight is lost. Otherwise FIN
  // both ways, behind what is in flight; bytes written after that are answered by RST, as by a peer that
  // closed.
  int cut(const std::string& host, bool reset);
  // Segments of its connections (also of new ones) wait until the end of it; nothing is lost.
  int stall(const std::string& host, Direction, Duration);
  // The host's applications can read nothing until the end of it: what arrives fills their sockets' buffers.
  int hold_reads(const std::string& host, Duration);
  // Half-open: the host's connections fail (its applications see `reset`), and the peers are not told: what
  // they send is never acknowledged. What the host sent before is still delivered.
  int vanish(const std::string& host);
  // The machine lost power: its endpoints and listeners are gone, silently; nothing reaches it. It is up
  // again when it next calls listen() or connect(); then it answers RST to whoever still believes in an old
  // connection, and what it sent in its former life and is still on its way gets lost.
  int drop_all(const std::string& host);
  // Sets, per direction, whether segments are lost. TCP sends them again, less and less often, until one
  // arrives (so a stream goes on up to `retransmission_max` after the end of the partition) or the sender
  // gives up.
  void partition(const std::string& host_a, const std::string& host_b, bool a_to_b, bool b_to_a);
  void heal();  // ends every stall, partition and hold

  // Aimed faults: asked for each piece of bytes of a connection, in stream order, before it enters the
  // connection (client_sent) or is handed to the client (client_received). `bytes_pass` of them may still
  // pass, and `then` is what happens to the connection right after those; with `nothing`, the gate is asked
  // again for the rest, in another event.
  //   reset, fin   the client's end sees it at once; the server gets every byte that passed, then RST or FIN
  //   vanish       as vanish(), for this connection
  //   stall        what follows in this direction waits for `stall_for`
  // Default: everything passes.
  struct Passage {
    std::size_t bytes_pass;
    enum class Then : std::uint8_t { nothing, reset, fin, vanish, stall } then = Then::nothing;
    Duration stall_for{0};
  };
  using Gate = std::function<Passage(std::uint64_t connection, std::string_view client_host, bool client_sent,
                                     std::string_view bytes)>;
  void set_gate(Gate gate);

  // What it holds now, for the quiescence check. A connection counts until both its applications have closed
  // it and both hosts have forgotten it.
  struct Resources {
    std::size_t connections = 0;
    std::size_t bytes_buffered = 0;
    std::size_t segments_in_flight = 0;
  };
  Resources resources() const;

 private:
  std::shared_ptr<Fabric> fabric_;
};

}  // namespace mqttvet::sim
