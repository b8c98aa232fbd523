// Table 2-6 of MQTT 5.0 and the return codes of 3.x. Internal to this folder.
#pragma once

#include <cstdint>
#include <string_view>

#include "conformance/wire/packet.h"

namespace mqttvet::wire {

// May this packet, going in this direction, carry this code? For CONNACK, SUBACK of 3.x: the return codes.
bool is_reason_code_of(PacketType type, std::uint8_t code, Direction direction, Version version);

// The standard's name in lower case; empty if there is none. 0x00 has three names, by packet.
std::string_view reason_code_name(PacketType type, std::uint8_t code);

}  // namespace mqttvet::wire
