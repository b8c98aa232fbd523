// A PUBLISH that no server may take (3.3).
#pragma once

#include <initializer_list>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {

// Sends it: the target has to close for it, with one of these Reason Codes, and nobody who subscribes to
// run.topic("t") may get it.
inline void expect_refused(Run& run, const Encoder& publish, std::initializer_list<std::uint8_t> codes) {
  Client& witness = run.subscribed(run.topic("t"), 0, "witness");
  Client& client = run.connected("client");
  client.send(publish);
  check(client.expect_closed(codes).packets.empty(), "no acknowledgement");
  witness.expect_nothing();
}

}  // namespace mqttvet::conformance
