// One TCP connection: two sides with their sockets, and a Stream each way. Internal to this folder.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "sim/network/fabric.h"
#include "sim/network/stream.h"

namespace mqttvet::sim {

// One host's half: its socket as the application sees it, and what its kernel knows of the connection.
struct Side {
  enum class Kernel : std::uint8_t {
    alive,
    forgotten,  // answers RST
    vanished,   // unreachable for ever: answers nothing
  };
  Side(Connection& connection, Host& h, bool client, Random stream, std::size_t receive_buffer_bytes)
      : host(&h), is_client(client), random(stream), out(connection, client, receive_buffer_bytes) {}

  Host* host;
  const bool is_client;
  std::uint16_t port = 0;
  Endpoint::State state = Endpoint::State::connecting;
  Endpoint::Error error = Endpoint::Error::none;
  Kernel kernel = Kernel::alive;
  bool is_closed_by_application = false;
  bool end_received = false;
  bool wants_to_write = false;  // a write took less than it was given
  ByteQueue received;
  std::function<void()> on_change;
  bool on_change_was_set = false;
  World::EventId notification = World::EventId::none;
  World::EventId reset = World::EventId::none;   // an RST on its way to this side
  World::EventId orphan = World::EventId::none;  // gives up what is left after close()
  Random random;
  Stream out;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Fabric> fabric, std::uint64_t number, Host& client, Host& server,
             std::uint16_t server_port);
  ~Connection();

  // Starts the handshake; gives the client's end.
  EndpointPtr open();
  // The network is gone: closes everything, schedules nothing.
  void detach();

  // --- The application's calls, see Endpoint ---
  Side& side_of(const Host& host) { return client_.host == &host ? client_ : server_; }
  Side& side(bool client) { return client ? client_ : server_; }
  bool is_readable(const Side& side) const;
  bool is_held(const Side& side) const { return fabric_.world.now() < side.host->reads_held_until; }
  std::size_t writable_bytes(const Side& side) const;
  std::size_t read(Side& side, char* into, std::size_t capacity);
  std::size_t write(Side& side, std::string_view bytes);
  void finish(Side& side);
  void close(Side& side);
  void abort(Side& side);
  void set_on_change(Side& side, std::function<void()> callback);

  // --- Faults: whether they changed anything ---
  bool cut_by_reset();
  bool cut_by_fin();
  bool vanish(Side& side);
  bool lose_power(Side& side);
  void forget_flights(Side& side);  // what the side sent before it lost power
  void release();                   // stalls are over
  void wake(Side& side);            // a hold of its reads is over

  // --- The streams' ---
  Side& sender(bool to_server) { return to_server ? client_ : server_; }
  Side& receiver(bool to_server) { return to_server ? server_ : client_; }
  const LinkConditions& conditions() const {
    return fabric_.conditions_between(*client_.host, *server_.host);
  }
  Duration draw_latency(Side& from);
  Time stalled_until(bool to_server) const {
    return Fabric::stalled_until(*client_.host, *server_.host, to_server);
  }
  bool is_lost(bool to_server) const;  // on the way, or at a receiver that has vanished
  void establish();                    // the server learns that the client is there
  bool is_established() const { return established_; }
  Network::Passage ask_gate(bool client_sent, std::string_view bytes);
  void receive(Side& to, std::string_view bytes);
  void receive_end(Side& to);
  void passed(Side& from, const Network::Passage& passage);  // the gate's `then`, after the bytes that passed
  void answer_by_reset(Side& receiver);
  void fail(Side& side, Endpoint::Error error, std::string_view reason);
  void acknowledged(Side& sender);
  void note(const Side& side, std::string_view what, std::string_view bytes = {}) {
    fabric_.note(*side.host, what, number_, bytes);
  }

  Fabric& fabric() { return fabric_; }
  std::uint64_t number() const { return number_; }
  bool involves(const Host& host) const { return client_.host == &host || server_.host == &host; }
  bool is_detached() const { return detached_; }
  std::size_t buffered_bytes() const;
  std::size_t segment_count() const { return client_.out.segment_count() + server_.out.segment_count(); }

 private:
  Random random(std::string_view side, const Host& client, std::uint64_t nth) const;
  enum class Step : std::uint8_t { syn, syn_ack, refusal, ack };
  void send_step(Step step);
  void step_arrives();
  void lose_step();
  void give_up_connecting(Endpoint::Error error, std::string_view what);
  void opened();

  void end(Side& side, bool by_reset);
  void reset_arrives(Side& to);
  bool is_live(const Side& side) const { return side.kernel == Side::Kernel::alive; }
  bool is_gone(const Side& side) const;
  void sever(std::uint64_t to_server_offset, std::uint64_t to_client_offset);
  void notify(Side& side);
  void call(Side& side);
  void watch_orphan(Side& side, Time at);
  void orphan_due(Side& side);
  void forget(Side& side);
  void end_for_client(std::string_view reason);
  void bury_if_over();
  void cancel(World::EventId& event);

  const std::shared_ptr<Fabric> owner_;
  Fabric& fabric_;
  const std::uint64_t number_;
  Side client_;
  Side server_;
  bool detached_ = false;
  bool over_ = false;
  bool severed_ = false;
  bool established_ = false;  // at the server
  bool observed_open_ = false;
  bool observed_closed_ = false;

  Step step_ = Step::syn;
  Time started_at_{0};
  Duration ack_retry_ = std::chrono::seconds(1);
  bool step_held_ = false;
  World::EventId handshake_ = World::EventId::none;
  World::EventId connect_deadline_ = World::EventId::none;
};

}  // namespace mqttvet::sim
