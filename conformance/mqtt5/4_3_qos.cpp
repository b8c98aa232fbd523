// 4.3 Quality of Service levels and protocol flows.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-4.3.3-10/repeated-publish-is-delivered-once", {.statements = {"MQTT311-4.3.3-2"},
                                                           .versions = all_versions,
                                                           .needs = {Capability::qos_2},
                                                           .tags = {"qos2"}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect();
  subscriber.subscribe(topic, 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  Publish publish{.qos = 2, .topic = topic, .packet_id = 7, .payload = "once"};
  publisher.send(publish);
  publisher.expect<Pubrec>();
  publisher.cut();
  publisher.connect_persistent();
  publish.dup = true;
  publisher.send(publish);
  check_equal(publisher.expect<Pubrec>().packet_id, 7, "packet identifier of PUBREC");
  publisher.send(Pubrel{.packet_id = 7});
  publisher.expect<Pubcomp>();
  subscriber.receive();
  subscriber.expect_nothing();
}

}  // namespace mqttvet::conformance
