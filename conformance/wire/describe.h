// A packet in one line, for traces and reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/wire/packet.h"

namespace mqttvet::wire {

//   CONNECT 3.1.1 client="bob" clean=0 keep-alive=10s
//   CONNACK ok session-present
//   PUBLISH q2 dup id=7 "t/1" 12B "alice#3"
//   PUBREL id=7
//   SUBACK id=2 [q2, 0x80]
// Bytes that can't be printed are escaped (\x00), long payloads are cut ("..."), one line whatever the packet
// holds.
std::string describe(const Packet& packet);

// The name of a Reason Code of 5.0 or a return code of CONNACK 3.x ("packet identifier in use"); "0x7F" if it
// has none. `type` matters for 0x00 and for the return codes of 3.x.
std::string describe_reason_code(PacketType type, std::uint8_t code);

// In double quotes and escaped, at most `limit` bytes of it; what is left out shows as `...`.
std::string quoted(std::string_view bytes, std::size_t limit = 200);

}  // namespace mqttvet::wire
