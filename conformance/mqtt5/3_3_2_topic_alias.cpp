// 3.3.2.3.4 Topic Alias: each direction of each connection has its own.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.1.2-27/the-publishers-alias-stays-with-the-publisher",
     {.statements = {"MQTT5-3.1.2-26", "MQTT5-3.3.2-11", "MQTT5-3.3.2.3.4-n1"},
      .needs = {Capability::topic_alias},
      .tags = {"alias"}}) {
  const std::string topic = run.topic("t");
  const std::uint32_t alias =
      number(run.target().connack.properties, PropertyId::topic_alias_maximum).value_or(1);
  Client& without = run.subscribed(topic, 0, "without aliases");
  Client& with_one = run.client("with one alias");
  with_one.connect({.properties = {{PropertyId::topic_alias_maximum, 1}}});
  with_one.subscribe(topic, 0);
  Client& publisher = run.connected("publisher");
  for (const std::string& name : {topic, std::string()}) {  // sets the alias, and uses it
    publisher.send(Publish{.topic = name, .properties = {{PropertyId::topic_alias, alias}}, .payload = "m"});
    const Publish plain = without.expect<Publish>();
    check(!number(plain.properties, PropertyId::topic_alias), "no Topic Alias to a client that takes none");
    check_equal(plain.topic, topic, "Topic Name");
    const Publish aliased = with_one.expect<Publish>();
    check(number(aliased.properties, PropertyId::topic_alias).value_or(1) == 1, "Topic Alias 1, or none");
    check(aliased.topic == topic || number(aliased.properties, PropertyId::topic_alias), "a topic");
  }
}

CASE("MQTT5-3.3.2-12/an-alias-is-not-told-by-a-packet-that-is-not-sent",
     {.statements = {"MQTT5-3.3.2.3.4-n1", "MQTT5-3.1.2-25"}, .tags = {"alias"}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect(
      {.properties = {{PropertyId::topic_alias_maximum, 5}, {PropertyId::maximum_packet_size, 200}}});
  subscriber.subscribe(topic, 0);
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, std::string(300, 'x'));  // too large for the subscriber
  publisher.publish(topic, "small");
  const Publish publish = subscriber.expect<Publish>();
  check_equal(publish.payload, "small", "payload");
  check_equal(publish.topic, topic, "Topic Name of the first packet that may set an alias");
}

}  // namespace mqttvet::conformance
