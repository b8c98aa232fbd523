// Something that goes wrong on the way between a client and the target, where a case asks for it: aimed at a
// packet, or at a byte of it. The simulated network does it, and on a live target a proxy.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/wire/packet.h"
#include "conformance/wire/packet_cursor.h"

namespace mqttvet::conformance {

// How much of a packet passes.
enum class Extent : std::uint8_t { none, first_byte, half, all_but_one, whole };
// Of a packet of so many bytes.
std::uint64_t bytes_of(Extent extent, std::uint64_t packet_bytes);

struct Fault {
  enum class Way : std::uint8_t { to_client, to_target } way = Way::to_client;
  wire::PacketType packet = wire::PacketType::publish;
  unsigned nth = 1;  // packet of this type on this way
  Extent extent = Extent::none;
  enum class What : std::uint8_t {
    reset,   // RST to both
    finish,  // FIN to both, behind what has passed
    stall,   // nothing more passes this way for `lasts`; nothing is lost
    split,   // what follows this way comes in pieces of `piece_bytes`, each on its way before the next
  } what = What::reset;
  std::chrono::nanoseconds lasts = std::chrono::hours(1);
  std::size_t piece_bytes = 1;
};

// "a reset behind half of the PUBREC from the target"
std::string describe(const Fault& fault);

// Watches one way of one connection for its fault.
class FaultTrigger {
 public:
  explicit FaultTrigger(const Fault& fault) : fault_(fault) {}

  const Fault& fault() const { return fault_; }
  bool has_struck() const { return struck_; }
  // To be shown every byte that flows its way, in order. How many of these may pass before it strikes;
  // nullopt: all of them, it does not strike here. Strikes once.
  std::optional<std::size_t> strikes_in(std::string_view bytes);

 private:
  // How many bytes of the packet it is aimed at may still pass; as long as its length is unknown, one.
  std::uint64_t bytes_left() const;

  Fault fault_;
  wire::PacketCursor cursor_;
  unsigned seen_packets_ = 0;  // of the fault's type
  bool aimed_ = false;         // the current packet is the one
  bool struck_ = false;
};

}  // namespace mqttvet::conformance
