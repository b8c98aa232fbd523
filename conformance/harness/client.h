// A client of a case: blocking verbs over conformance/wire. It does only what it is told; nothing is
// acknowledged or answered by itself.
//
// Whatever arrives is decoded strictly, recorded with its time, and kept in an inbox. A packet that the
// target may never send ends the case with `fail`, whatever the case is about.
//
// Verbs that only prepare (connect, subscribe, publish, ...) end the case as inconclusive or unimplemented
// when the target refuses, which it may; silence, a wrong answer and a closed connection fail it. Whoever
// wants to judge a refusal uses send() and expect().
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/run.h"
#include "conformance/wire/encoder.h"
#include "conformance/wire/reader.h"

namespace mqttvet::conformance {

// How the target ended a connection.
struct Closing {
  Ending how = Ending::finished;
  Time at{0};
  std::optional<std::uint8_t> reason_code;  // of its DISCONNECT, or of a refusing CONNACK
  std::vector<Packet> packets;              // that came before and were not expected: all of them
};

// One way to react, for Client::expect_one_of().
struct Reaction {
  enum class What : std::uint8_t { packet, closed, nothing } what;
  std::string text;                              // "refuses the filter with 0x8F"
  bool strict = true;                            // false: permitted, but the case is non-strict then
  std::optional<PacketType> type{};              // of What::packet
  std::function<bool(const Packet&)> matches{};  // of What::packet; null: any of this type
};
inline Reaction closes(std::string text = "closes the connection", bool strict = true) {
  return {Reaction::What::closed, std::move(text), strict};
}
inline Reaction stays_silent(std::string text = "does nothing", bool strict = true) {
  return {Reaction::What::nothing, std::move(text), strict};
}
template <typename P>
Reaction sends(std::string text, std::function<bool(const P&)> matches = nullptr, bool strict = true) {
  std::function<bool(const Packet&)> of_packet;
  if (matches) of_packet = [matches](const Packet& packet) { return matches(std::get<P>(packet)); };
  return {Reaction::What::packet, std::move(text), strict, P::kType, std::move(of_packet)};
}

class Client final : private ChannelEvents {
 public:
  Client(Run& run, std::string name, std::string client_id);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const std::string& name() const { return name_; }
  const std::string& client_id() const { return client_id_; }
  // For a second client with the identifier of the first: b.set_client_id(a.client_id()).
  void set_client_id(std::string client_id) { client_id_ = std::move(client_id); }
  Version version() const { return version_; }
  void set_version(Version version) { version_ = version; }  // before it connects
  // What comes is recorded as bytes and not judged: for an answer whose version is not known. Before it
  // opens.
  void do_not_decode() { decoding_ = false; }

  // --- Connecting ---

  // The network connection only. Replaces the one there is.
  void open();
  // The next connection, and only that, has this fault.
  void arrange(const Fault& fault) { arranged_ = fault; }
  // A CONNECT with our version, identifier and credentials, Clean Start 1, keep-alive 0: to change and
  // send().
  Connect connect_packet() const;
  // Opens, sends CONNECT and expects a CONNACK that accepts. Version, and where they are empty also client
  // identifier and credentials, are filled in.
  Connack connect(Connect packet = {});
  // A session that outlives its connections: Clean Start 0, and in 5.0 this Session Expiry Interval. For the
  // first connection as for every further one.
  Connack connect_persistent(std::chrono::seconds expiry = std::chrono::seconds(600), Connect packet = {});

  // --- Sending ---

  void send(const Packet& packet);
  void send(const Encoder& packet);
  void send_hex(std::string_view hex);  // "C0 00"
  void send_bytes(std::string_view bytes);
  // Only the first bytes of it: then a cut, or send_bytes() with the rest.
  void send_first(std::size_t bytes, const Packet& packet);
  // In pieces of so many bytes, each on its way before the next.
  void send_in_pieces(std::size_t bytes, const Packet& packet);
  // Over WebSocket: all of it in one message of this kind. Needs Capability::websocket.
  void send_as(Framing framing, std::string_view bytes);
  // What the target has chosen in the WebSocket handshake.
  std::string sub_protocol() const { return channel_ ? channel_->sub_protocol() : std::string(); }
  // 1, 2, ...: not yet used by this client.
  std::uint16_t next_packet_id();

  // --- Exchanges: send, and see them through ---

  // Expects a SUBACK that grants exactly this QoS.
  Suback subscribe(const std::string& topic_filter, std::uint8_t qos = 0);
  // A packet_id of 0 is filled in. Expects a SUBACK that refuses nothing.
  Suback subscribe(Subscribe packet);
  Unsuback unsubscribe(const std::string& topic_filter);
  // Until PUBACK or PUBCOMP. Returns the packet identifier, 0 for QoS 0.
  std::uint16_t publish(const std::string& topic, const std::string& payload, std::uint8_t qos = 0);
  std::uint16_t publish(Publish packet);  // a packet_id of 0 is filled in
  // Expects a PUBLISH and acknowledges it, QoS 2 until PUBCOMP.
  Publish receive(Duration within = {});
  // Acknowledges what expect<Publish>() returned.
  void acknowledge(const Publish& publish);
  // PINGREQ, PINGRESP. The connection is alive, and what was sent before has been read.
  void ping();

  // --- Ending ---

  void disconnect(std::uint8_t reason_code = 0, Properties properties = {});  // DISCONNECT, then FIN
  void close();                                                               // FIN, no DISCONNECT
  void half_close();                                                          // the same, but still reads
  void cut();                                                                 // RST
  void stall(bool on = true);  // stops reading, the connection stays

  // --- Expecting. `within`: default Pace::answer_within. ---

  // The first packet of this type in the inbox, or the next to come. Others stay in the inbox, for the
  // standard rarely says in which order packets of different types come.
  template <typename P>
  P expect(Duration within = {}) {
    return std::get<P>(expect_type(P::kType, within, false));
  }
  // The very next packet, whatever its type.
  template <typename P>
  P expect_next(Duration within = {}) {
    return std::get<P>(expect_type(P::kType, within, true));
  }
  Packet expect_any(Duration within = {});
  // A PUBLISH with this topic and payload.
  Publish expect_publish(std::string_view topic, std::string_view payload, Duration within = {});
  // No packet, and the connection stays. Default: Pace::quiet_for. Without effect on what is expected later.
  void expect_nothing(Duration during = {});
  // The target closes the connection. In 5.0 it should say why before that: another Reason Code than these,
  // and no DISCONNECT at all where there could be one, make the case non-strict. Empty: every code will do,
  // and none.
  Closing expect_closed(const std::vector<std::uint8_t>& reason_codes = {}, Duration within = {});
  // The connection is still there: ping().
  void expect_open() { ping(); }
  // The fault that was arranged for this connection happens: its packet has come so far. After
  // Fault::What::reset and finish the connection is over.
  void expect_fault(Duration within = {});
  // What comes next must be one of these. Returns its index. Packets of types that none of them names stay in
  // the inbox; one of a type that is named has to fit.
  std::size_t expect_one_of(const std::vector<Reaction>& reactions, Duration within = {});

  // When the packet came that was expected last.
  Time arrived_at() const { return arrived_at_; }
  // When the last bytes were sent: where a timer of the target begins at the earliest.
  Time sent_at() const { return sent_at_; }
  // What has arrived and was not expected yet, in order.
  std::vector<Packet> inbox() const;
  void forget_inbox() { inbox_.clear(); }
  bool is_open() const { return channel_ != nullptr && !ended_; }

  // Ends the case if the target sent what no server may send.
  void require_well_formed() const;

  // What the run has to take back when it ends on a shared target.
  bool has_persistent_session() const { return persistent_; }
  const std::set<std::string>& retained_topics() const { return retained_topics_; }

 private:
  struct Arrived {
    Packet packet;
    Time at;
  };
  struct End {
    Ending how;
    Time at;
    std::string text;
  };

  void opened(Time at) override;
  void received(Time at, std::string_view bytes) override;
  void ended(Time at, Ending how, const std::string& text) override;

  void transmit(std::string_view bytes, std::string text, Framing framing = Framing::binary);
  void require_within_limits(const Packet& packet) const;
  void remember(const Packet& packet);
  Packet expect_type(PacketType type, Duration within, bool next);
  Packet take(std::size_t index);
  void forget_connection();
  // Lets time pass until there is more to look at. False: `deadline` has come. Throws when the target sent
  // what it may not.
  bool wait_for_more(Time deadline);

  Time deadline(Duration within) const;
  [[noreturn]] void fail(const std::string& expected) const;
  std::string came_instead() const;

  Run& run_;
  std::string name_;
  std::string client_id_;
  Version version_;
  bool decoding_ = true;
  std::optional<Fault> arranged_;  // for the next connection
  std::optional<Fault> fault_;     // of this one
  std::unique_ptr<Channel> channel_;
  std::uint32_t connection_ = 0;
  bool open_ = false;
  bool connected_ = false;  // an accepting CONNACK came
  std::optional<End> ended_;
  Reader reader_{Direction::server_to_client};
  std::string undecoded_;  // what came behind the last whole packet
  std::optional<std::string> malformed_;
  std::deque<Arrived> inbox_;
  Time arrived_at_{0};
  Time sent_at_{0};
  std::uint16_t last_packet_id_ = 0;
  bool persistent_ = false;
  std::set<std::string> retained_topics_;
};

}  // namespace mqttvet::conformance
