// The judge's own MQTT: packets, encoder, strict reader, one-line descriptions, hex. Written from the
// standards, apart from the broker's codec, so that no defect can hide by being on both sides.
#pragma once

#include "conformance/wire/describe.h"  // IWYU pragma: export
#include "conformance/wire/encoder.h"   // IWYU pragma: export
#include "conformance/wire/hex.h"       // IWYU pragma: export
#include "conformance/wire/packet.h"    // IWYU pragma: export
#include "conformance/wire/property.h"  // IWYU pragma: export
#include "conformance/wire/reader.h"    // IWYU pragma: export
