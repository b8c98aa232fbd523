// A PUBLISH that no client may send (3.3).
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

// A property that no PUBLISH of a client may have, or not so. To close or to refuse it is right. A target
// that takes it all the same must not send it on, for then it is the target's own PUBLISH that is wrong.
inline void expect_not_sent_on(Run& run, const Publish& publish, PropertyId property) {
  Client& witness = run.subscribed(run.topic("t"), 0, "witness");
  Client& client = run.connected("client");
  client.send(publish);
  client.expect_one_of({closes(), sends<Disconnect>("says DISCONNECT"),
                        sends<Puback>("refuses it with PUBACK",
                                      [](const Puback& puback) { return puback.reason_code >= 0x80; }),
                        sends<Puback>("takes what no client may send", nullptr, false)});
  run.sleep(run.pace().quiet_for);
  for (const Packet& packet : witness.inbox()) {
    const auto* sent_on = std::get_if<Publish>(&packet);
    check(!sent_on || !find(sent_on->properties, property), "it is not sent on to a subscriber");
  }
}

}  // namespace mqttvet::conformance
