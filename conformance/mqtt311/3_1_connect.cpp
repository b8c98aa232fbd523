// 3.1 CONNECT: what 3.1.1 (and 3.1) say differently from 5.0.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT311-3.1.2-22/password-without-user-name-closes", {.tags = {"malformed"}}) {
  Client& client = run.client();
  client.open();
  // clang-format off
  client.send_hex("10 11  00 04 4D 51 54 54 04"  // "MQTT", level 4
                  "42  00 00"                    // Connect Flags: password, no user name; clean session
                  "00 01 61  00 02 70 77");      // client identifier "a", password "pw"
  // clang-format on
  const Closing closing = client.expect_closed();
  check(!closing.reason_code, "no CONNACK");
}

CASE("MQTT311-3.2.2-2/session-present-for-an-empty-session", {.needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  check(!client.connect_persistent().session_present, "Session Present 0 the first time");
  client.disconnect();
  check(client.connect_persistent().session_present, "Session Present 1 the second time");
}

}  // namespace mqttvet::conformance
