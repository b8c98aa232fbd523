// 3.8 SUBSCRIBE: subscribe request.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.8.3-2/no-filter-is-a-protocol-error",
     {.statements = {"MQTT311-3.8.3-3"}, .versions = all_versions, .tags = {"malformed"}}) {
  Client& client = run.client();
  client.connect();
  client.send(Subscribe{.packet_id = 1});
  const Closing closing = client.expect_closed({0x82, 0x81});
  check(closing.packets.empty(), "no SUBACK");
}

CASE("MQTT5-3.8.3-3/no-local", {}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  Client& other = run.client("other");
  client.connect();
  client.subscribe(Subscribe{.subscriptions = {{.topic_filter = topic, .qos = 1, .no_local = true}}});
  client.publish(topic, "own", 1);
  other.connect();
  other.publish(topic, "other's", 1);
  client.expect_publish(topic, "other's");
  client.expect_nothing();
}

CASE("MQTT5-3.8.4-2/suback-has-the-packet-identifier",
     {.statements = {"MQTT5-3.8.4-1", "MQTT311-3.8.4-1", "MQTT311-3.8.4-2"}, .versions = all_versions}) {
  Client& client = run.client();
  client.connect();
  for (const std::uint16_t packet_id : {1, 2, 65535}) {
    client.send(Subscribe{.packet_id = packet_id, .subscriptions = {{run.topic("t"), 1}}});
  }
  for (const std::uint16_t packet_id : {1, 2, 65535}) {
    check_equal(client.expect<Suback>().packet_id, packet_id, "packet identifier of SUBACK");
  }
}

// Every QoS of a publication with every QoS of a subscription.
CASES {
  for (std::uint8_t published = 0; published <= 2; ++published) {
    for (std::uint8_t granted = 0; granted <= 2; ++granted) {
      add_case("MQTT5-3.8.4-8/published-" + std::to_string(published) + "-granted-" + std::to_string(granted),
               {.statements = {"MQTT311-3.8.4-6"}, .versions = all_versions}, [published, granted](Run& run) {
                 const std::string topic = run.topic("t");
                 Client& subscriber = run.client("subscriber");
                 Client& publisher = run.client("publisher");
                 subscriber.connect();
                 subscriber.subscribe(topic, granted);
                 publisher.connect();
                 publisher.publish(topic, "m", published);
                 check_equal(subscriber.receive().qos, std::min(published, granted), "QoS of the delivery");
               });
    }
  }
}

}  // namespace mqttvet::conformance
