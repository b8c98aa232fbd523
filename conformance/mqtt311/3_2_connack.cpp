// 3.2 CONNACK: what 3.1.1 says differently from 5.0.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT311-3.2.2-6/a-refusal-has-one-of-the-codes",
     {.statements = {"MQTT311-3.2.2-5", "MQTT311-3.2.2.3-n1"}}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.user_name = run.unique("nobody");
  connect.password = "wrong";
  client.open();
  client.send(connect);
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("accepts", [](const Connack& c) { return c.reason_code == 0; }),
       sends<Connack>("refuses with a code of the table",
                      [](const Connack& c) { return c.reason_code >= 1 && c.reason_code <= 5; }),
       closes()});
  if (reaction == 1) client.expect_closed();
  if (reaction == 0) run.unimplemented("the server lets everybody in");
}

}  // namespace mqttvet::conformance
