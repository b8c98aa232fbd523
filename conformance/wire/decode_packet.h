// From the bytes of one packet to its struct. Internal to this folder.
#pragma once

#include <cstdint>
#include <string_view>

#include "conformance/wire/packet.h"

namespace mqttvet::wire {

// First byte of a packet: is there such a type in this version, may this side send it, are its flags right
// (2.1)? Throws Fault.
PacketType decode_first_byte(std::uint8_t first, Direction direction, Version version);

// `body`: variable header and payload, as long as Remaining Length says. REQUIRES: decode_first_byte() let
// `first` pass. Throws Fault.
Packet decode_body(std::uint8_t first, std::string_view body, Direction direction, Version version);

}  // namespace mqttvet::wire
