// 2.2 the fixed header: what 3.1.1 says differently from 5.0.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT311-2.2.3-n2/a-packet-of-100-kilobytes", {.needs = {Capability::qos_1}, .tags = {"slow"}}) {
  constexpr std::size_t kBytes = 100 * 1000;
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 1, "client");
  client.send(Publish{.qos = 1, .topic = topic, .packet_id = 1, .payload = std::string(kBytes, 'x')});
  // Nobody has to take it; who does takes all of it. That is a matter of bandwidth, not of an answer in time.
  const std::size_t reaction = client.expect_one_of(
      {sends<Publish>("delivers all of it", [](const Publish& p) { return p.payload.size() == kBytes; }),
       closes()},
      10s);
  run.behaviour("takes a packet of 100 kilobytes", reaction == 0);
}

}  // namespace mqttvet::conformance
