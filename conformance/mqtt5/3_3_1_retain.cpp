// 3.3.1.3 RETAIN: a topic is a register that keeps its last retained message.
#include <set>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

// Publishes with RETAIN 1 and is sure that the target has read it.
void retain(Client& publisher, const std::string& topic, const std::string& payload, std::uint8_t qos = 1) {
  publisher.publish({.qos = qos, .retain = true, .topic = topic, .payload = payload});
  if (qos == 0) publisher.ping();
}

Subscribe with_handling(const std::string& filter, std::uint8_t retain_handling) {
  return {.subscriptions = {{.topic_filter = filter, .retain_handling = retain_handling}}};
}

// What a new subscriber to `filter` gets: exactly these payloads, in any order, all with RETAIN 1.
void expect_retained(Run& run, const std::string& filter, std::multiset<std::string> payloads) {
  Client& newcomer = run.subscribed(filter, 0, "newcomer");
  while (!payloads.empty()) {
    const Publish publish = newcomer.expect<Publish>();
    check(publish.retain, "RETAIN 1 on a message sent for a new subscription");
    const auto found = payloads.find(publish.payload);
    check(found != payloads.end(), "a retained message comes once, and only the last of its topic");
    payloads.erase(found);
  }
  newcomer.expect_nothing();
}

}  // namespace

CASE("MQTT5-3.3.1-5/retained-message-replaces-the-one-before",
     {.statements = {"MQTT311-3.3.1-5"}, .versions = all_versions, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("register");
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "old"});
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "new"});

  Client& subscriber = run.subscribed(topic, 2);
  const Publish publish = subscriber.expect_publish(topic, "new");
  check(publish.retain, "RETAIN 1 on a message sent because of a new subscription");
  check_equal(publish.qos, 1, "QoS of the retained message");
  subscriber.acknowledge(publish);
  subscriber.expect_nothing();
}

CASE("MQTT5-3.3.1-5/properties-are-kept",
     {.statements = {"MQTT5-3.3.2-4", "MQTT5-3.3.2-15", "MQTT5-3.3.2-16", "MQTT5-3.3.2-17", "MQTT5-3.3.2-20"},
      .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  const Properties properties = {{PropertyId::payload_format_indicator, 1},
                                 {PropertyId::content_type, std::string("text/plain")},
                                 {PropertyId::response_topic, run.topic("answer")},
                                 {PropertyId::correlation_data, std::string("\0\xFF", 2)},
                                 {"name", "value"}};
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .properties = properties, .payload = "m"});
  Client& subscriber = run.subscribed(topic, 1);
  const Publish publish = subscriber.receive();
  for (const Property& property : properties)
    check(find(publish.properties, property.id) && *find(publish.properties, property.id) == property,
          name_of(property.id) + " is kept with the retained message");
}

CASE("MQTT5-3.3.1-5/of-the-same-topic-only",
     {.statements = {"MQTT311-3.3.1-5"}, .versions = all_versions, .needs = {Capability::retain}}) {
  Client& publisher = run.connected("publisher");
  for (const char* topic : {"a", "a/b", "a/B", "a/"}) retain(publisher, run.topic(topic), topic);
  retain(publisher, run.topic("a/b"), "changed");
  expect_retained(run, run.topic("#"), {"a", "changed", "a/B", "a/"});
}

CASE("MQTT5-3.3.1-5/from-another-publisher",
     {.statements = {"MQTT311-3.3.1-5"}, .versions = all_versions, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  retain(run.connected("first"), topic, "first");
  retain(run.connected("second"), topic, "second");
  expect_retained(run, topic, {"second"});
}

CASE("MQTT311-3.3.1-6/every-matching-topic-once",
     {.statements = {"MQTT5-3.3.1-9"},
      .versions = all_versions,
      .needs = {Capability::retain, Capability::wildcard_subscription}}) {
  Client& publisher = run.connected("publisher");
  for (const char* topic : {"a/1", "a/2", "b/1", "a/1/x"}) retain(publisher, run.topic(topic), topic);
  expect_retained(run, run.topic("+/1"), {"a/1", "b/1"});
  expect_retained(run, run.topic("a/#"), {"a/1", "a/2", "a/1/x"});
  expect_retained(run, run.topic("a/2"), {"a/2"});
  expect_retained(run, run.topic("c"), {});
}

CASE("MQTT5-3.3.1.3-n2/qos-0-is-retained", {.statements = {"MQTT311-3.3.1-7"},
                                            .versions = all_versions,
                                            .level = Level::should,
                                            .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  retain(run.connected("publisher"), topic, "kept", 0);
  expect_retained(run, topic, {"kept"});
}

CASE("MQTT311-3.3.1-7/qos-0-replaces-what-was-retained",
     {.statements = {"MQTT5-3.3.1-5"}, .versions = all_versions, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  retain(publisher, topic, "old", 1);
  retain(publisher, topic, "new", 0);
  Client& subscriber = run.subscribed(topic, 1);
  subscriber.expect_one_of(
      {sends<Publish>("sends the new one", [](const Publish& publish) { return publish.payload == "new"; }),
       stays_silent("keeps nothing", false)});
}

CASE("MQTT5-3.3.1-6/an-empty-payload-removes", {.statements = {"MQTT311-3.3.1-10", "MQTT5-3.3.1-7"},
                                                .versions = all_versions,
                                                .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  retain(publisher, topic, "kept");
  Client& online = run.subscribed(topic, 0, "online");
  online.expect_publish(topic, "kept");
  retain(publisher, topic, "");
  const Publish empty = online.expect_publish(topic, "");
  check(!empty.retain, "RETAIN 0 for an existing subscription");
  expect_retained(run, topic, {});
}

CASE("MQTT5-3.3.1-7/an-empty-payload-is-not-stored",
     {.statements = {"MQTT311-3.3.1-11"}, .versions = all_versions, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("fresh");
  retain(run.connected("publisher"), topic, "");
  expect_retained(run, topic, {});
}

CASE("MQTT5-3.3.1-8/retain-0-changes-nothing",
     {.statements = {"MQTT311-3.3.1-12"}, .versions = all_versions, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  retain(publisher, topic, "kept");
  publisher.publish(topic, "passes by", 1);
  publisher.publish(topic, "", 1);
  expect_retained(run, topic, {"kept"});
}

CASE("MQTT5-3.3.1-8/retain-0-stores-nothing",
     {.statements = {"MQTT311-3.3.1-12"}, .versions = all_versions, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  run.connected("publisher").publish(topic, "passes by", 1);
  expect_retained(run, topic, {});
}

CASE("MQTT5-3.3.1-12/retain-0-for-an-existing-subscription",
     {.statements = {"MQTT311-3.3.1-9"}, .versions = all_versions, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.subscribed(topic, 0);
  retain(run.connected("publisher"), topic, "m");
  check(!subscriber.expect_publish(topic, "m").retain, "RETAIN 0 for an existing subscription");
}

CASE("MQTT5-3.3.1-12/retain-0-for-a-queued-message",
     {.statements = {"MQTT311-3.3.1-9"},
      .versions = all_versions,
      .needs = {Capability::retain, Capability::persistent_session, Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  subscriber.subscribe(topic, 1);
  subscriber.cut();
  retain(run.connected("publisher"), topic, "m");
  subscriber.connect_persistent();
  check(!subscriber.expect_publish(topic, "m").retain, "RETAIN 0 for an existing subscription");
}

CASES {
  for (const bool retained : {false, true}) {
    add_case(
        std::string("MQTT5-3.3.1-13/retain-as-published-keeps-retain-") + (retained ? "1" : "0"),
        {.needs = {Capability::retain}}, [retained](Run& run) {
          const std::string topic = run.topic("t");
          Client& subscriber = run.connected("subscriber");
          subscriber.subscribe(
              Subscribe{.subscriptions = {{.topic_filter = topic, .retain_as_published = true}}});
          run.connected("publisher").publish({.qos = 1, .retain = retained, .topic = topic, .payload = "m"});
          check(subscriber.expect_publish(topic, "m").retain == retained, "RETAIN as it was published");
        });
  }
  // Retained messages for a new subscription have RETAIN 1 whatever Retain As Published says.
  for (const bool as_published : {false, true}) {
    for (const std::uint8_t handling : {0, 1}) {
      add_case("MQTT5-3.3.1.3-n1/retain-1-with-handling-" + std::to_string(handling) + "-as-published-" +
                   (as_published ? "1" : "0"),
               {.needs = {Capability::retain}}, [as_published, handling](Run& run) {
                 const std::string topic = run.topic("t");
                 retain(run.connected("publisher"), topic, "kept");
                 Client& subscriber = run.connected("subscriber");
                 subscriber.subscribe(Subscribe{.subscriptions = {{.topic_filter = topic,
                                                                   .retain_as_published = as_published,
                                                                   .retain_handling = handling}}});
                 check(subscriber.expect_publish(topic, "kept").retain, "RETAIN 1");
               });
    }
  }
}

CASE("MQTT5-3.3.1-9/retain-handling-0-sends-every-time", {.needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  retain(run.connected("publisher"), topic, "kept");
  Client& subscriber = run.connected("subscriber");
  for (int i = 0; i < 3; ++i) {
    subscriber.subscribe(with_handling(topic, 0));
    subscriber.expect_publish(topic, "kept");
    subscriber.expect_nothing();
  }
}

CASE("MQTT5-3.3.1-10/retain-handling-1-sends-for-new-subscriptions-only", {.needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  retain(run.connected("publisher"), topic, "kept");
  Client& subscriber = run.connected("subscriber");
  subscriber.subscribe(with_handling(topic, 1));
  subscriber.expect_publish(topic, "kept");
  subscriber.subscribe(with_handling(topic, 1));
  subscriber.expect_nothing();
  subscriber.unsubscribe(topic);
  subscriber.subscribe(with_handling(topic, 1));
  subscriber.expect_publish(topic, "kept");
}

CASE("MQTT5-3.3.1-10/a-resumed-subscription-is-not-new",
     {.needs = {Capability::retain, Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  retain(run.connected("publisher"), topic, "kept");
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  subscriber.subscribe(with_handling(topic, 1));
  subscriber.expect_publish(topic, "kept");
  subscriber.cut();
  subscriber.connect_persistent();
  subscriber.subscribe(with_handling(topic, 1));
  subscriber.expect_nothing();
}

CASE("MQTT5-3.3.1-11/retain-handling-2-sends-none", {.needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  retain(publisher, topic, "kept");
  Client& subscriber = run.connected("subscriber");
  subscriber.subscribe(with_handling(topic, 2));
  subscriber.expect_nothing();
  publisher.publish(topic, "later", 1);
  subscriber.expect_publish(topic, "later");
}

CASE("MQTT5-3.3.1.3-n3/an-expired-retained-message-is-gone",
     {.statements = {"MQTT5-3.3.2-5"}, .needs = {Capability::retain}, .tags = {"timer"}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1,
                     .retain = true,
                     .topic = topic,
                     .properties = {{PropertyId::message_expiry_interval, 1}},
                     .payload = "short"});
  retain(publisher, run.topic("u"), "long");
  run.sleep(1s + run.pace().timer_slack);
  expect_retained(run, run.topic("+"), {"long"});
}

CASE("MQTT5-3.3.2-6/a-retained-message-has-the-rest-of-its-expiry",
     {.needs = {Capability::retain}, .tags = {"timer"}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1,
                     .retain = true,
                     .topic = topic,
                     .properties = {{PropertyId::message_expiry_interval, 100}},
                     .payload = "m"});
  const Time stored = publisher.arrived_at();
  run.sleep(3s);
  Client& subscriber = run.subscribed(topic, 0);
  const auto rest = number(subscriber.expect<Publish>().properties, PropertyId::message_expiry_interval);
  check(rest.has_value(), "a Message Expiry Interval in the delivery");
  check(*rest <= 98 && *rest >= 96 - static_cast<std::uint32_t>((run.now() - stored) / 1s),
        "the received interval minus the time it has waited");
}

CASE("MQTT5-3.3.1-5/retained-survives-its-publisher", {.statements = {"MQTT311-3.1.2-7", "MQTT5-4.1.0-1"},
                                                       .versions = all_versions,
                                                       .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  retain(publisher, topic, "kept");
  publisher.disconnect();
  run.connected("publisher");  // another session
  expect_retained(run, topic, {"kept"});
}

CASE("MQTT311-3.3.1-8/retain-1-on-what-a-new-subscription-brings", {.statements = {"MQTT311-3.8.4-n2"},
                                                                    .versions = v3,
                                                                    .needs = {Capability::retain},
                                                                    .tags = {"retain"}}) {
  Client& publisher = run.connected("publisher");
  retain(publisher, run.topic("t"), "kept");
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  const Publish kept = subscriber.receive();
  check(kept.retain, "RETAIN 1 on a message sent for a new subscription");
  publisher.publish(run.topic("t"), "passing by", 1);
  check(!subscriber.receive().retain, "RETAIN 0 on a message sent for a subscription that is there");
}

CASE("MQTT311-3.3.1.3-n1/qos-0-is-retained",
     {.level = Level::should, .needs = {Capability::retain}, .tags = {"retain"}}) {
  retain(run.connected("publisher"), run.topic("t"), "kept", 0);
  expect_retained(run, run.topic("t"), {"kept"});
}

}  // namespace mqttvet::conformance
