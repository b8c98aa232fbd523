// 3.3.4 PUBLISH actions.
#include <algorithm>
#include <deque>

#include "conformance/harness/case.h"
#include "conformance/mqtt5/refused_publish.h"

namespace mqttvet::conformance {
// --- 3.3.4: what it does ---

CASE("MQTT5-3.3.4-1/the-answer-is-that-of-the-qos",
     {.statements = {"MQTT311-3.3.4-1"}, .versions = all_versions, .needs = {Capability::qos_2}}) {
  Client& client = run.connected("client");
  client.send(Publish{.topic = run.topic("t"), .payload = "0"});
  client.ping();
  check(client.inbox().empty(), "no answer to QoS 0");
  client.send(Publish{.qos = 1, .topic = run.topic("t"), .packet_id = 11, .payload = "1"});
  check_equal(client.expect_next<Puback>().packet_id, 11, "packet identifier of PUBACK");
  client.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 12, .payload = "2"});
  check_equal(client.expect_next<Pubrec>().packet_id, 12, "packet identifier of PUBREC");
  client.expect_nothing();
}

CASE("MQTT5-3.3.4-2/overlapping-subscriptions-give-the-highest-qos",
     {.statements = {"MQTT311-3.3.5-1", "MQTT5-3.3.4-n1", "MQTT311-3.3.5-n1"},
      .versions = all_versions,
      .needs = {Capability::qos_2, Capability::wildcard_subscription}}) {
  const std::string topic = run.topic("a/b");
  Client& client = run.connected("client");
  client.subscribe(Subscribe{.subscriptions = {{run.topic("a/#"), 0}, {topic, 2}, {run.topic("+/b"), 1}}});
  run.connected("publisher").publish(topic, "m", 2);
  std::uint8_t highest = 0;
  int copies = 0;
  for (client.ping(); !client.inbox().empty(); ++copies) {
    highest = std::max(highest, client.receive().qos);
    client.ping();
  }
  check(copies >= 1 && copies <= 3, "at least one copy, and at most one for each subscription");
  check_equal(highest, 2, "highest QoS of the copies");
  run.behaviour("one copy for overlapping subscriptions", copies == 1);
}

CASE("MQTT5-3.3.4-3/subscription-identifiers-of-all-that-match",
     {.statements = {"MQTT5-3.3.4-4", "MQTT5-3.3.4-5", "MQTT5-3.3.4-n4"},
      .needs = {Capability::subscription_identifier, Capability::wildcard_subscription}}) {
  const std::string topic = run.topic("a/b");
  Client& client = run.connected("client");
  const std::pair<std::string, std::uint32_t> kSubscriptions[] = {
      {topic, 1}, {run.topic("a/+"), 268435455}, {run.topic("a/#"), 0}, {run.topic("c"), 5}};
  for (const auto& [filter, identifier] : kSubscriptions) {
    Subscribe subscribe{.subscriptions = {{filter, 1}}};
    if (identifier != 0) subscribe.properties = {{PropertyId::subscription_identifier, identifier}};
    client.subscribe(subscribe);
  }
  run.connected("publisher").publish(topic, "m", 1);
  std::vector<std::uint32_t> told;
  std::size_t copies = 0;
  for (client.ping(); !client.inbox().empty(); ++copies) {
    for (const std::uint32_t identifier : subscription_identifiers(client.receive().properties))
      told.push_back(identifier);
    client.ping();
  }
  std::ranges::sort(told);
  check(copies == 1 || copies == 3, "one copy, or one for each matching subscription");
  check(told == std::vector<std::uint32_t>{1, 268435455}, "the identifiers of the matching subscriptions");
}

CASE("MQTT5-3.3.4-6/a-client-sends-a-subscription-identifier", {.tags = {"malformed"}}) {
  expect_not_sent_on(run,
                     {.qos = 1,
                      .topic = run.topic("t"),
                      .packet_id = 1,
                      .properties = {{PropertyId::subscription_identifier, 1}}},
                     PropertyId::subscription_identifier);
}

CASE("MQTT5-3.3.4-n5/more-than-the-servers-receive-maximum",
     {.statements = {"MQTT5-3.3.4-7"}, .level = Level::should, .needs = {Capability::qos_2}}) {
  Client& client = run.client();
  const Connack connack = client.connect();
  const std::uint32_t maximum = number(connack.properties, PropertyId::receive_maximum).value_or(65535);
  if (maximum > 2000) run.skip("the target's Receive Maximum is " + std::to_string(maximum));
  for (std::uint32_t id = 1; id <= maximum; ++id)
    client.send(Publish{
        .qos = 2, .topic = run.topic("t"), .packet_id = static_cast<std::uint16_t>(id), .payload = "m"});
  for (std::uint32_t id = 1; id <= maximum; ++id) client.expect<Pubrec>();
  client.send(Publish{.qos = 2,
                      .topic = run.topic("t"),
                      .packet_id = static_cast<std::uint16_t>(maximum + 1),
                      .payload = "one too many"});
  client.expect_closed({0x93});
}

CASES {
  for (const std::uint32_t maximum : {1u, 2u, 8u}) {
    for (const std::uint8_t qos : {1, 2}) {
      std::vector<Capability> needs = {qos == 1 ? Capability::qos_1 : Capability::qos_2};
      if (maximum > 1) needs.push_back(Capability::several_in_flight);
      add_case("MQTT5-3.3.4-9/receive-maximum-" + std::to_string(maximum) + "-at-qos-" + std::to_string(qos),
               {.statements = {"MQTT5-4.9.0-2", "MQTT5-4.9.0-1"}, .needs = needs}, [maximum, qos](Run& run) {
                 const std::string topic = run.topic("t");
                 Client& subscriber = run.client("subscriber");
                 subscriber.connect({.properties = {{PropertyId::receive_maximum, maximum}}});
                 subscriber.subscribe(topic, qos);
                 Client& publisher = run.connected("publisher");
                 const std::uint32_t count = maximum + 5;
                 for (std::uint32_t i = 0; i < count; ++i) publisher.publish(topic, std::to_string(i), qos);
                 std::deque<Publish> unacknowledged;
                 for (std::uint32_t i = 0; i < maximum; ++i)
                   unacknowledged.push_back(subscriber.expect_publish(topic, std::to_string(i)));
                 subscriber.expect_nothing();
                 for (std::uint32_t i = maximum; i < count; ++i) {
                   subscriber.acknowledge(unacknowledged.front());
                   unacknowledged.pop_front();
                   unacknowledged.push_back(subscriber.expect_publish(topic, std::to_string(i)));
                   subscriber.ping();
                   check(subscriber.inbox().empty(), "one message more for one that is finished");
                 }
               });
    }
  }
}

CASE("MQTT5-3.3.4-9/pubrec-keeps-its-place-in-the-window", {.needs = {Capability::qos_2}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect({.properties = {{PropertyId::receive_maximum, 1}}});
  subscriber.subscribe(topic, 2);
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "1", 2);
  publisher.publish(topic, "2", 2);
  const Publish first = subscriber.expect_publish(topic, "1");
  subscriber.send(Pubrec{.packet_id = first.packet_id});
  subscriber.expect<Pubrel>();
  subscriber.expect_nothing();
  subscriber.send(Pubcomp{.packet_id = first.packet_id});
  subscriber.expect_publish(topic, "2");
}

CASE("MQTT5-3.3.4-9/pubrec-with-an-error-frees-its-place", {.needs = {Capability::qos_2}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect({.properties = {{PropertyId::receive_maximum, 1}}});
  subscriber.subscribe(topic, 2);
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "1", 2);
  publisher.publish(topic, "2", 2);
  const Publish first = subscriber.expect_publish(topic, "1");
  subscriber.send(Pubrec{.packet_id = first.packet_id, .reason_code = 0x97});
  subscriber.expect_publish(topic, "2");
  subscriber.expect_nothing();  // no PUBREL for the first
}

CASE("MQTT5-3.3.4-10/other-packets-are-not-held-back", {.needs = {Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::receive_maximum, 1}}});
  client.subscribe(topic, 1);
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 3; ++i) publisher.publish(topic, std::to_string(i), 1);
  client.expect_publish(topic, "0");  // and not acknowledged
  client.ping();
  client.subscribe(run.topic("u"), 1);
  client.publish(run.topic("v"), "own", 1);
  client.unsubscribe(run.topic("u"));
  check(client.inbox().empty(), "no further PUBLISH at QoS 1");
}

}  // namespace mqttvet::conformance
