// Packets of a client, made of a fuzzer's choices: well-formed, mostly sensible, and of few names, so that
// clients meet.
#pragma once

#include <string>

#include "conformance/wire/packet.h"
#include "fuzz/byte_source.h"

namespace mqttvet::fuzz {

// As client `client` of a few; the same number is the same client identifier, but for the rare one that has
// none.
wire::Connect make_connect(ByteSource& source, std::size_t client);

// Any packet that may follow CONNECT in this version.
wire::Packet make_packet(ByteSource& source, wire::Version version);

}  // namespace mqttvet::fuzz
