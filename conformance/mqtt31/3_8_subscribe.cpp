// 3.8 and 3.9 of MQTT 3.1: SUBSCRIBE and SUBACK.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT31-3.9-n1/suback-grants-at-most-what-was-asked", {}) {
  Client& client = run.connected();
  Subscribe subscribe{.packet_id = 5};
  for (const std::uint8_t qos : {0, 1, 2}) subscribe.subscriptions.push_back({run.topic("t"), qos});
  client.send(subscribe);
  const Suback suback = client.expect<Suback>();
  check_equal(suback.reason_codes.size(), 3, "number of codes in SUBACK");
  for (std::size_t i = 0; i < suback.reason_codes.size(); ++i) {
    const std::uint8_t code = suback.reason_codes[i];
    // 3.1 has no code for a refusal; brokers borrow that of 3.1.1.
    if (code == 0x80) run.inconclusive("the target refuses the subscription with a code 3.1 doesn't have");
    check(code <= i, "a granted QoS of 0, 1 or 2, not above the requested one");
  }
}

CASE("MQTT31-3.8-n1/a-repeated-subscription-and-retained-messages", {.needs = {Capability::retain}}) {
  Client& client = run.connected();
  client.publish({.retain = true, .topic = run.topic("t"), .payload = "kept"});
  client.subscribe(run.topic("t"));
  check(client.expect_publish(run.topic("t"), "kept").retain, "RETAIN 1 for a new subscription");
  client.subscribe(run.topic("t"));
  const bool again = client.expect_one_of({sends<Publish>("sends it again"), stays_silent()}) == 0;
  run.behaviour("sends retained messages again for a repeated subscription of 3.1", again);
}

}  // namespace mqttvet::conformance
