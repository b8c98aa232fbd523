// Faults aimed by MQTT packet: "cut after byte 3 of the second PUBREC that alice sends".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/network/network.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

// Follows the borders of MQTT packets through one direction of a stream; judges nothing.
class PacketCursor {
 public:
  bool at_start() const { return seen_ == 0; }
  std::uint8_t type() const {
    return type_;
  }  // the first byte's upper four bits; at a packet's start that of the last
  std::uint64_t seen() const { return seen_; }  // bytes of the current packet so far
  // Length of the current packet; 0 until the whole fixed header was seen.
  std::uint64_t length() const { return length_; }
  // Takes bytes up to the end of the current packet, but at most `limit` of them; returns how many.
  std::size_t advance(std::string_view bytes, std::uint64_t limit);
  // After the last byte of a packet: the next one begins.
  void begin_next() { *this = {}; }

 private:
  std::uint8_t type_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t length_ = 0;
  std::uint64_t remaining_length_ = 0;
  int length_bytes_ = 0;
};

// Is the network's gate (it must be the only one) for as long as it lives.
class Aimer {
 public:
  // When the packet comes: the connection and its client, in an event of its own at the same instant.
  using Acted = std::function<void(std::uint64_t connection, const std::string& client)>;

  Aimer(World& world, Network& network);
  ~Aimer();
  Aimer(const Aimer&) = delete;
  Aimer& operator=(const Aimer&) = delete;

  // Waits, from now on, for the aim's n-th packet. `aim.client` empty: any client's. At its byte the stream
  // stops, `then` happens to that connection (see Network::Passage; `nothing`: it is just split there), and
  // `acted` is called. Once.
  void arm(const Aim& aim, Network::Passage::Then then, Duration stall_for, Acted acted);
  // Forgets all that have not acted: nothing goes wrong any more.
  void disarm() { shots_.clear(); }
  std::size_t armed_count() const { return shots_.size(); }

  // What a fault of this kind does to the connection it was aimed by; the rest is `acted`'s part.
  static Network::Passage::Then then_of(FaultKind kind);

 private:
  struct Shot {
    Aim aim;
    std::uint8_t type;
    Network::Passage::Then then;
    Duration stall_for;
    Acted acted;
    int count = 0;                 // packets of this type that have begun
    std::uint64_t connection = 0;  // where its packet is on its way; 0: it has not begun
    std::string client{};          // and whose it is
  };
  struct Stream {
    PacketCursor cursor;
    bool counted = false;  // the packet that begins here, in every shot
  };
  Network::Passage pass(std::uint64_t connection, std::string_view client, bool client_sent,
                        std::string_view bytes);
  void count(std::uint64_t connection, std::string_view client, bool client_sent, std::uint8_t type);
  std::uint64_t bytes_until_shot(std::uint64_t connection, bool client_sent,
                                 const PacketCursor& cursor) const;
  bool fire(std::uint64_t connection, std::string_view client, bool client_sent, const PacketCursor& cursor,
            Network::Passage& passage);

  World& world_;
  Network& network_;
  std::vector<Shot> shots_;
  std::map<std::uint64_t, std::array<Stream, 2>> streams_;  // per connection: received, sent
};

}  // namespace mqttvet::sim
