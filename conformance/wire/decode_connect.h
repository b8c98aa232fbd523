// CONNECT (3.1). Internal to this folder.
#pragma once

#include "conformance/wire/cursor.h"
#include "conformance/wire/packet.h"

namespace mqttvet::wire {

// Throws Fault. The version is in the packet itself.
Connect decode_connect(Cursor& cursor);

}  // namespace mqttvet::wire
