// What several client cases have their application ask for.
#pragma once

#include "conformance/harness/case.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance {

// A session that outlives its connections, on both sides.
inline ProgramSettings keeps_its_session() {
  return {.connect = {.clean_start = false, .properties = {{PropertyId::session_expiry_interval, 600}}}};
}

// CONNACK with these properties.
inline Connack accepts_with(Properties properties) {
  return {.properties = std::move(properties)};
}

// "the longest silence: 10.5 s"
inline std::string fmt_seconds(const std::string& what, Duration duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
  return what + ": " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

// The library refuses it, or does nothing: what the application asks for never gets to the wire as a packet
// of type P.
template <typename P>
void expect_never_sent(Run& run, Application& application, Server& server, Asked asked) {
  const Time until = run.now() + run.pace().quiet_for;
  while (!application.outcome(asked) && run.now() < until) run.wait(until);
  server.require_well_formed();
  for (const Packet& packet : server.inbox())
    check(type_of(packet) != P::kType, "not sent: " + describe(packet));
}

}  // namespace mqttvet::conformance
