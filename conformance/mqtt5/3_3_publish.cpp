// 3.3 PUBLISH: publish message.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.3.1-5/retained-message-replaces-the-one-before",
     {.statements = {"MQTT311-3.3.1-5"}, .versions = all_versions, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("register");
  Client& publisher = run.client("publisher");
  publisher.connect();
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "old"});
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "new"});

  Client& subscriber = run.client("subscriber");
  subscriber.connect();
  subscriber.subscribe(topic, 2);
  const Publish publish = subscriber.expect_publish(topic, "new");
  check(publish.retain, "RETAIN 1 on a message sent because of a new subscription");
  check_equal(publish.qos, 1, "QoS of the retained message");
  subscriber.acknowledge(publish);
  subscriber.expect_nothing();
}

CASE("MQTT5-3.3.2-6/message-expiry-counts-down", {.tags = {"timer"}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  subscriber.subscribe(topic, 1);
  subscriber.disconnect();

  Client& publisher = run.client("publisher");
  publisher.connect();
  const Time published = run.now();
  publisher.publish({.qos = 1,
                     .topic = topic,
                     .properties = {{PropertyId::message_expiry_interval, 30}},
                     .payload = "waits"});
  run.sleep(3s);
  subscriber.connect_persistent();
  const Publish publish = subscriber.expect_publish(topic, "waits");
  const auto rest = number(publish.properties, PropertyId::message_expiry_interval);
  check(rest.has_value(), "a Message Expiry Interval in the delivery");
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(run.now() - published);
  check(*rest <= 30 - 2 && *rest >= 30 - 1 - waited.count(),
        "30 s less the seconds that the message has waited");
}

}  // namespace mqttvet::conformance
