// Faults aimed by MQTT packet: "cut after byte 3 of the second PUBREC that alice sends".
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/wire/packet_cursor.h"
#include "sim/network/network.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

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
    wire::PacketCursor cursor;
    bool counted = false;  // the packet that begins here, in every shot
  };
  Network::Passage pass(std::uint64_t connection, std::string_view client, bool client_sent,
                        std::string_view bytes);
  void count(std::uint64_t connection, std::string_view client, bool client_sent, std::uint8_t type);
  std::uint64_t bytes_until_shot(std::uint64_t connection, bool client_sent,
                                 const wire::PacketCursor& cursor) const;
  bool fire(std::uint64_t connection, std::string_view client, bool client_sent,
            const wire::PacketCursor& cursor, Network::Passage& passage);

  World& world_;
  Network& network_;
  std::vector<Shot> shots_;
  std::map<std::uint64_t, std::array<Stream, 2>> streams_;  // per connection: received, sent
};

}  // namespace mqttvet::sim
