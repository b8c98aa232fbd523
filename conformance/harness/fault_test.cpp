// Where an aimed fault strikes, however the stream is cut into pieces.
#include "conformance/harness/fault.h"

#include <gtest/gtest.h>

#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

using wire::PacketType;

// CONNACK, PUBLISH of 7 bytes ("t", QoS 1, id 1), PUBLISH of 8, PINGRESP
const std::string kStream =
    wire::from_hex("20 02 00 00  32 05 00 01 74 00 01  32 06 00 01 74 00 02 21  D0 00");

// The offset at which it strikes; -1: never.
long strikes_at(const Fault& fault, std::size_t piece) {
  FaultTrigger trigger(fault);
  for (std::size_t at = 0; at < kStream.size(); at += piece) {
    const auto passing = trigger.strikes_in(std::string_view(kStream).substr(at, piece));
    if (passing) return static_cast<long>(at + *passing);
  }
  return -1;
}

struct Expected {
  Fault fault;
  long offset;
};

TEST(FaultTrigger, StrikesAtItsByte_HoweverTheStreamIsCut) {
  const Expected all[] = {
      {{.packet = PacketType::connack}, 0},
      {{.extent = Extent::none}, 4},
      {{.extent = Extent::first_byte}, 5},
      {{.extent = Extent::half}, 7},
      {{.extent = Extent::all_but_one}, 10},
      {{.extent = Extent::whole}, 11},
      {{.nth = 2, .extent = Extent::half}, 15},
      {{.nth = 3, .extent = Extent::half}, -1},
      {{.packet = PacketType::pingresp, .extent = Extent::first_byte}, 20},
      {{.packet = PacketType::suback}, -1},
  };
  for (const Expected& expected : all) {
    for (const std::size_t piece : {1, 2, 3, 5, 100})
      EXPECT_EQ(strikes_at(expected.fault, piece), expected.offset)
          << describe(expected.fault) << ", in pieces of " << piece;
  }
}

TEST(FaultTrigger, StrikesOnce) {
  FaultTrigger trigger({.extent = Extent::whole});
  EXPECT_EQ(trigger.strikes_in(kStream), 11u);
  EXPECT_TRUE(trigger.has_struck());
  EXPECT_EQ(trigger.strikes_in(kStream), std::nullopt);
}

TEST(FaultTrigger, SaysWhatItDoes) {
  EXPECT_EQ(describe({.packet = PacketType::pubrec, .nth = 2, .extent = Extent::half}),
            "a reset behind half of PUBREC number 2 from the target");
}

}  // namespace
}  // namespace mqttvet::conformance
