// The other end of the connections a case talks over, and the verbs that do not depend on who it is: a client
// of the broker under test (client.h) and a server for the client under test (server.h) are both one of
// these. It does only what it is told; nothing is acknowledged or answered by itself.
//
// Whatever arrives is decoded strictly, recorded with its time, and kept in an inbox. A packet that the
// target may never send ends the case with `fail`, whatever the case is about.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
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

// One way to react, for Peer::expect_one_of().
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

class Peer : protected ChannelEvents {
 public:
  virtual ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const std::string& name() const { return name_; }
  Version version() const { return version_; }
  void set_version(Version version) { version_ = version; }  // before there is a connection
  // What comes is recorded as bytes and not judged: for an answer whose version is not known. Before there
  // is a connection.
  void do_not_decode() { decoding_ = false; }

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
  // 1, 2, ...: not yet used by this peer.
  std::uint16_t next_packet_id();

  // --- Exchanges: send, and see them through ---

  // Until PUBACK or PUBCOMP. Returns the packet identifier, 0 for QoS 0.
  std::uint16_t publish(const std::string& topic, const std::string& payload, std::uint8_t qos = 0);
  std::uint16_t publish(Publish packet);  // a packet_id of 0 is filled in
  // Expects a PUBLISH and acknowledges it, QoS 2 until PUBCOMP.
  Publish receive(Duration within = {});
  // Acknowledges what expect<Publish>() returned.
  void acknowledge(const Publish& publish);

  // --- Ending ---

  void close();                // FIN, no DISCONNECT
  void half_close();           // the same, but still reads
  void cut();                  // RST
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
  // The fault that its connection was opened with has happened.
  bool fault_struck() const { return channel_ != nullptr && channel_->fault_struck(); }
  bool is_open() const { return channel_ != nullptr && !ended_; }

  // Ends the case if the target sent what its kind may never send.
  void require_well_formed() const;

 protected:
  // `from`: the direction of what arrives.
  Peer(Run& run, std::string name, Direction from);

  // For whoever makes connections: forgets the last one, and gets ready to decode another.
  void begin_connection();
  void attach(std::unique_ptr<Channel> channel) { channel_ = std::move(channel); }
  // Lets time pass until there is more to look at. False: `deadline` has come. Throws when the target sent
  // what it may not.
  bool wait_for_more(Time deadline);
  Time deadline(Duration within) const;
  [[noreturn]] void fail(const std::string& expected) const;

  void opened(Time at) override;
  void received(Time at, std::string_view bytes) override;
  void ended(Time at, Ending how, const std::string& text) override;

  struct End {
    Ending how;
    Time at;
    std::string text;
  };

  Run& run_;
  bool open_ = false;
  bool connected_ = false;  // CONNECT was answered by an accepting CONNACK
  std::optional<End> ended_;

 private:
  struct Arrived {
    Packet packet;
    Time at;
  };

  // Called for each whole packet that is about to leave, also in parts. May end the case.
  virtual void leaving(const Packet&) {}

  void transmit(std::string_view bytes, std::string text, Framing framing = Framing::binary);
  Packet expect_type(PacketType type, Duration within, bool next);
  Packet take(std::size_t index);
  void forget_connection();
  std::string came_instead() const;

  std::string name_;
  Direction from_;
  Version version_;
  bool decoding_ = true;
  std::unique_ptr<Channel> channel_;
  std::uint32_t connection_ = 0;
  Reader reader_;
  std::string undecoded_;  // what came behind the last whole packet
  std::optional<std::string> malformed_;
  std::deque<Arrived> inbox_;
  Time arrived_at_{0};
  Time sent_at_{0};
  std::uint16_t last_packet_id_ = 0;
};

}  // namespace mqttvet::conformance
