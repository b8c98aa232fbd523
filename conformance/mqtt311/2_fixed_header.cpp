// 2.2 the fixed header: what 3.1.1 says differently from 5.0.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT311-2.2.3-n2/a-packet-of-one-megabyte", {.tags = {"slow"}}) {
  constexpr std::size_t kBytes = 1000 * 1000;
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 0, "client");
  client.send(Publish{.topic = topic, .payload = std::string(kBytes, 'x')});
  // Nobody has to take it; who does takes all of it.
  const std::size_t reaction = client.expect_one_of(
      {sends<Publish>("delivers all of it", [](const Publish& p) { return p.payload.size() == kBytes; }),
       closes()});
  run.behaviour("takes a packet of one megabyte", reaction == 0);
}

}  // namespace mqttvet::conformance
