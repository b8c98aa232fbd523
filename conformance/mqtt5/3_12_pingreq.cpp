// 3.12 PINGREQ: ping request.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.12.4-1/every-pingreq-is-answered",
     {.statements = {"MQTT311-3.12.4-1"}, .versions = all_versions}) {
  Client& client = run.client();
  client.connect();
  for (int i = 0; i < 5; ++i) client.send(Pingreq{});
  for (int i = 0; i < 5; ++i) client.expect<Pingresp>();
  client.expect_nothing();
}

}  // namespace mqttvet::conformance
