// 3.12 PINGREQ: ping request.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.12.4-1/every-pingreq-is-answered",
     {.statements = {"MQTT311-3.12.4-1"}, .versions = all_versions}) {
  Client& client = run.connected();
  for (int i = 0; i < 5; ++i) client.send(Pingreq{});
  for (int i = 0; i < 5; ++i) client.expect<Pingresp>();
  client.expect_nothing();
}

CASE("MQTT5-3.12.4-1/answered-while-the-window-is-full",
     {.statements = {"MQTT5-4.9.0-3"}, .needs = {Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::receive_maximum, 1}}});
  client.subscribe(topic, 1);
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 3; ++i) publisher.publish(topic, std::to_string(i), 1);
  client.expect_publish(topic, "0");  // and not acknowledged
  client.ping();
  client.ping();
  client.expect_nothing();
}

CASE("MQTT5-3.12.4-1/answered-in-the-middle-of-a-qos-2-exchange",
     {.statements = {"MQTT311-3.12.4-1"}, .versions = all_versions, .needs = {Capability::qos_2}}) {
  Client& client = run.connected();
  client.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 3, .payload = "m"});
  client.expect<Pubrec>();
  client.ping();
  client.send(Pubrel{.packet_id = 3});
  client.expect<Pubcomp>();
}

}  // namespace mqttvet::conformance
