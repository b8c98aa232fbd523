// Property Length and properties (2.2.2). Internal to this folder.
#pragma once

#include "conformance/wire/cursor.h"
#include "conformance/wire/packet.h"
#include "conformance/wire/property_table.h"

namespace mqttvet::wire {

// Reads them and checks all that can be said of them alone: known, allowed in this packet and direction, in
// range, not twice. Throws Fault.
Properties decode_properties(Cursor& cursor, PropertyHolder in, Direction direction);

}  // namespace mqttvet::wire
