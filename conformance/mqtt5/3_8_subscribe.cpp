// 3.8 SUBSCRIBE: subscribe request.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

Subscribe one_filter(const std::string& topic_filter, std::uint8_t qos = 0) {
  return {.packet_id = 1, .subscriptions = {{.topic_filter = topic_filter, .qos = qos}}};
}

// A SUBSCRIBE to `filter` whose options byte is this one.
Encoder with_options(const Run& run, const std::string& filter, std::uint8_t options) {
  return Encoder(one_filter(filter), run.version())
      .replace(Field::subscription_options, std::string(1, static_cast<char>(options)));
}

std::string in_hex(unsigned number) {
  const char* digits = "0123456789abcdef";
  return {digits[number >> 4 & 15], digits[number & 15]};
}

// Publishes numbered messages at QoS 1 while `between` is done by the subscriber.
void expect_in_order(Client& subscriber, const std::string& topic, int count) {
  for (int i = 0; i < count; ++i) {
    const Publish publish = subscriber.receive();
    check_equal(publish.topic, topic, "topic of the PUBLISH");
    check_equal(publish.payload, std::to_string(i), "payload of the next message");
  }
}

}  // namespace

// --- 3.8.1: the fixed header ---

CASES {
  for (const std::uint8_t flags : {0x0, 0x1, 0x3, 0x6, 0xA, 0xF}) {
    add_case("MQTT5-3.8.1-1/flags-" + in_hex(flags).substr(1),
             {.statements = {"MQTT311-3.8.1-1"}, .versions = v3_1_1 | v5_0, .tags = {"malformed"}},
             [flags](Run& run) {
               Client& client = run.connected();
               client.send(Encoder(one_filter(run.topic("t")), run.version()).flags(flags));
               check(client.expect_closed({0x81}).packets.empty(), "no SUBACK");
             });
  }
}

// --- 3.8.3: the payload ---

CASES {
  const std::pair<const char*, std::string> kFilters[] = {
      {"surrogate", "\xED\xA0\x80"}, {"overlong", "\xC0\xAF"},
      {"lone-continuation", "\x80"}, {"above-10ffff", "\xF4\x90\x80\x80"},
      {"cut-sequence", "\xE2\x82"},  {"null-character", std::string(1, '\0')},
  };
  for (const auto& [slug, bad] : kFilters) {
    const bool null = bad[0] == '\0';
    std::vector<std::string> further = {"MQTT311-3.8.3-1", null ? "MQTT5-1.5.4-2" : "MQTT5-1.5.4-1",
                                        null ? "MQTT311-1.5.3-2" : "MQTT311-1.5.3-1"};
    add_case(std::string("MQTT5-3.8.3-1/filter-with-") + slug,
             {.statements = further, .versions = v3_1_1 | v5_0, .tags = {"malformed", "utf-8"}},
             [bad](Run& run) {
               Client& client = run.connected();
               client.send(one_filter(run.topic("a/" + bad)));
               check(client.expect_closed({0x81, 0x8F}).packets.empty(), "no SUBACK");
             });
  }
}

CASE("MQTT5-3.8.3-2/no-filter-is-a-protocol-error",
     {.statements = {"MQTT311-3.8.3-3"}, .versions = v3_1_1 | v5_0, .tags = {"malformed"}}) {
  Client& client = run.connected();
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

CASE("MQTT5-3.8.3-3/without-no-local-own-messages-come-back",
     {.statements = {"MQTT311-3.3.5-1"}, .versions = all_versions}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 0, "client");
  client.publish(topic, "own");
  client.expect_publish(topic, "own");
}

CASE("MQTT5-3.8.3-3/no-local-after-resume", {.needs = {Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  Client& other = run.client("other");
  client.connect_persistent();
  client.subscribe(Subscribe{.subscriptions = {{.topic_filter = topic, .qos = 1, .no_local = true}}});
  client.cut();
  client.connect_persistent();
  client.publish(topic, "own", 1);
  other.connect();
  other.publish(topic, "other's", 1);
  client.expect_publish(topic, "other's");
  client.expect_nothing();
}

CASE("MQTT5-3.8.3-3/no-local-beside-a-subscription-without", {.needs = {Capability::wildcard_subscription}}) {
  const std::string topic = run.topic("t");
  Client& client = run.connected();
  client.subscribe(Subscribe{.subscriptions = {{.topic_filter = topic, .qos = 0, .no_local = true},
                                               {.topic_filter = run.topic("+"), .qos = 0}}});
  client.publish(topic, "own");
  client.expect_publish(topic, "own");
  client.expect_nothing();
}

CASE("MQTT5-3.8.3-4/no-local-on-a-shared-subscription",
     {.needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  Client& client = run.connected();
  client.send(
      Subscribe{.packet_id = 1,
                .subscriptions = {{.topic_filter = "$share/" + run.unique("group") + "/" + run.topic("t"),
                                   .no_local = true}}});
  check(client.expect_closed({0x82}).packets.empty(), "no SUBACK");
}

CASES {
  for (const std::uint8_t options : {0x40, 0x80, 0xC0}) {
    add_case("MQTT5-3.8.3-5/options-" + in_hex(options), {.tags = {"malformed"}}, [options](Run& run) {
      Client& client = run.connected();
      client.send(with_options(run, run.topic("t"), options));
      check(client.expect_closed({0x81}).packets.empty(), "no SUBACK");
    });
  }
  for (const std::uint8_t qos : {0x03, 0x04, 0x80, 0xFF}) {
    add_case("MQTT311-3.8.3-4/qos-byte-" + in_hex(qos), {.tags = {"malformed"}}, [qos](Run& run) {
      Client& client = run.connected();
      client.send(with_options(run, run.topic("t"), qos));
      check(client.expect_closed().packets.empty(), "no SUBACK");
    });
  }
  for (const std::uint8_t options : {0x03, 0x30}) {
    add_case("MQTT5-3.8.3.1-n1/options-" + in_hex(options), {.tags = {"malformed"}}, [options](Run& run) {
      Client& client = run.connected();
      client.send(with_options(run, run.topic("t"), options));
      check(client.expect_closed({0x82, 0x81}).packets.empty(), "no SUBACK");
    });
  }
}

CASE("MQTT5-3.8.3-5/bad-options-after-a-good-filter",
     {.statements = {"MQTT311-3.8.3-4"}, .versions = v3_1_1 | v5_0, .tags = {"malformed"}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  Subscribe subscribe = one_filter(topic);
  subscribe.subscriptions.push_back({.topic_filter = run.topic("u")});
  client.send(Encoder(subscribe, run.version()).replace(Field::subscription_options, "\x80", 1));
  check(client.expect_closed({0x81}).packets.empty(), "no SUBACK");
}

CASE("MQTT5-3.8.2.1.2-n1/subscription-identifier-0",
     {.needs = {Capability::subscription_identifier}, .tags = {"malformed"}}) {
  Client& client = run.connected();
  Subscribe subscribe = one_filter(run.topic("t"));
  subscribe.properties = {{PropertyId::subscription_identifier, 0}};
  client.send(subscribe);
  check(client.expect_closed({0x82, 0x81}).packets.empty(), "no SUBACK");
}

CASE("MQTT5-3.8.2.1.2-n1/two-subscription-identifiers",
     {.needs = {Capability::subscription_identifier}, .tags = {"malformed"}}) {
  Client& client = run.connected();
  Subscribe subscribe = one_filter(run.topic("t"));
  subscribe.properties = {{PropertyId::subscription_identifier, 1}, {PropertyId::subscription_identifier, 2}};
  client.send(subscribe);
  check(client.expect_closed({0x82, 0x81}).packets.empty(), "no SUBACK");
}

CASE("MQTT311-3.8.3-2/wildcards-match-or-are-refused", {.statements = {}, .versions = v3_1_1}) {
  Client& client = run.connected();
  client.send(one_filter(run.topic("a/+")));
  const std::size_t reaction = client.expect_one_of(
      {sends<Suback>("grants the filter", [](const Suback& suback) { return suback.reason_codes[0] < 0x80; }),
       sends<Suback>("refuses the filter"), closes()});
  run.behaviour("wildcard subscriptions", reaction == 0);
  if (reaction != 0) return;
  client.publish(run.topic("a/b"), "m");
  client.expect_publish(run.topic("a/b"), "m");
}

CASE("MQTT311-3.8.3-n1/wildcards-are-supported", {.level = Level::should}) {
  Client& client = run.connected();
  client.send(Subscribe{.packet_id = 1, .subscriptions = {{run.topic("a/+")}, {run.topic("b/#")}}});
  const Suback suback = client.expect<Suback>();
  for (const std::uint8_t code : suback.reason_codes)
    check(code < 0x80, "filters with wildcards are granted");
}

// --- 3.8.4: what the server does ---

CASE("MQTT5-3.8.4-2/suback-has-the-packet-identifier",
     {.statements = {"MQTT5-3.8.4-1", "MQTT311-3.8.4-1", "MQTT311-3.8.4-2"}, .versions = all_versions}) {
  Client& client = run.connected();
  for (const std::uint16_t packet_id : {1, 2, 65535}) {
    client.send(Subscribe{.packet_id = packet_id, .subscriptions = {{run.topic("t"), 1}}});
  }
  for (const std::uint16_t packet_id : {1, 2, 65535}) {
    check_equal(client.expect<Suback>().packet_id, packet_id, "packet identifier of SUBACK");
  }
}

CASE("MQTT5-3.8.4-3/same-filter-replaces-the-subscription",
     {.statements = {"MQTT311-3.8.4-3"}, .versions = all_versions, .needs = {Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 0, "client");
  client.subscribe(topic, 1);
  client.publish(topic, "m", 1);
  check_equal(client.receive().qos, 1, "QoS of the delivery");
  client.expect_nothing();
  client.subscribe(topic, 0);
  client.publish(topic, "m", 1);
  check_equal(client.receive().qos, 0, "QoS of the delivery");
  client.expect_nothing();
}

CASE("MQTT5-3.8.4-3/no-local-is-replaced", {}) {
  const std::string topic = run.topic("t");
  Client& client = run.connected();
  client.subscribe(Subscribe{.subscriptions = {{.topic_filter = topic, .no_local = true}}});
  client.subscribe(topic);
  client.publish(topic, "comes back");
  client.expect_publish(topic, "comes back");
  client.subscribe(Subscribe{.subscriptions = {{.topic_filter = topic, .no_local = true}}});
  client.publish(topic, "does not");
  client.expect_nothing();
}

CASE("MQTT5-3.8.4-3/retain-as-published-is-replaced", {.needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  Client& publisher = run.client("publisher");
  client.connect();
  publisher.connect();
  client.subscribe(Subscribe{.subscriptions = {{.topic_filter = topic, .retain_as_published = true}}});
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "1"});
  check(client.expect_publish(topic, "1").retain, "RETAIN 1 as it was published");
  client.subscribe(Subscribe{.subscriptions = {{.topic_filter = topic, .retain_handling = 2}}});
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "2"});
  check(!client.expect_publish(topic, "2").retain, "RETAIN 0 without Retain As Published");
}

CASE("MQTT5-3.8.4-n3/subscription-identifier-is-replaced-and-removed",
     {.statements = {"MQTT5-3.8.4-3", "MQTT5-3.3.4-3"}, .needs = {Capability::subscription_identifier}}) {
  const std::string topic = run.topic("t");
  Client& client = run.connected();
  for (const std::uint32_t identifier : {7u, 268435455u, 0u}) {
    Subscribe subscribe{.subscriptions = {{.topic_filter = topic}}};
    if (identifier != 0) subscribe.properties = {{PropertyId::subscription_identifier, identifier}};
    client.subscribe(subscribe);
    client.publish(topic, "m");
    const std::vector<std::uint32_t> told = subscription_identifiers(client.receive().properties);
    check_equal(told.size(), identifier == 0 ? 0 : 1, "number of Subscription Identifiers in the PUBLISH");
    if (identifier != 0) check_equal(told[0], identifier, "Subscription Identifier");
  }
}

CASE("MQTT5-3.8.4-4/replacing-sends-retained-again",
     {.statements = {"MQTT311-3.8.4-3"}, .versions = v3_1_1 | v5_0, .needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "kept"});
  Client& client = run.connected();
  for (int i = 0; i < 3; ++i) {
    client.subscribe(topic, 0);
    check(client.expect_publish(topic, "kept").retain, "RETAIN 1");
    client.expect_nothing();
  }
}

CASE("MQTT5-3.8.4-4/no-message-is-lost-by-replacing",
     {.statements = {"MQTT311-3.8.4-3"}, .versions = all_versions, .needs = {Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  Client& publisher = run.client("publisher");
  subscriber.connect();
  subscriber.subscribe(topic, 1);
  publisher.connect();
  for (std::uint16_t i = 0; i < 12; ++i) {
    publisher.send(Publish{.qos = 1,
                           .topic = topic,
                           .packet_id = static_cast<std::uint16_t>(i + 1),
                           .payload = std::to_string(i)});
    subscriber.send(
        Subscribe{.packet_id = static_cast<std::uint16_t>(100 + i), .subscriptions = {{topic, 1}}});
  }
  expect_in_order(subscriber, topic, 12);
  subscriber.expect<Suback>();
}

CASE("MQTT5-3.8.4-5/several-filters-act-in-sequence",
     {.statements = {"MQTT311-3.8.4-4"}, .versions = all_versions, .needs = {Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.connected();
  client.subscribe(Subscribe{.subscriptions = {{topic, 0}, {run.topic("u"), 1}, {topic, 1}}});
  client.expect_nothing();  // one SUBACK
  client.publish(topic, "m", 1);
  check_equal(client.receive().qos, 1, "QoS of the delivery: that of the last of the equal filters");
  client.expect_nothing();
  client.publish(run.topic("u"), "other", 1);
  client.expect_publish(run.topic("u"), "other");
}

CASES {
  for (const int count : {1, 2, 10, 50}) {
    add_case("MQTT5-3.8.4-6/one-code-for-each-of-" + std::to_string(count) + "-filters",
             {.statements = {"MQTT311-3.8.4-5"}, .versions = all_versions}, [count](Run& run) {
               Client& client = run.connected();
               Subscribe subscribe{.packet_id = 9};
               for (int i = 0; i < count; ++i)
                 subscribe.subscriptions.push_back({.topic_filter = run.topic(std::to_string(i))});
               client.send(subscribe);
               check_equal(client.expect<Suback>().reason_codes.size(), static_cast<std::uint64_t>(count),
                           "number of codes in SUBACK");
             });
  }
}

CASE("MQTT5-3.8.4-7/granted-is-not-more-than-requested",
     {.statements = {"MQTT311-3.8.4-5"}, .versions = all_versions}) {
  Client& client = run.connected();
  for (std::uint8_t qos = 0; qos <= 2; ++qos) {
    client.send(one_filter(run.topic("t"), qos));
    const std::uint8_t code = client.expect<Suback>().reason_codes.at(0);
    check(code <= qos || code >= 0x80, "the granted QoS is not above the requested one");
    run.behaviour("QoS granted for " + std::to_string(qos), std::to_string(code));
  }
}

CASE("MQTT5-3.8.4-7/a-refused-filter-delivers-nothing", {.versions = v5_0}) {
  Client& client = run.connected();
  client.send(one_filter("$share//" + run.topic("t")));
  const std::size_t reaction = client.expect_one_of(
      {sends<Suback>("refuses the filter",
                     [](const Suback& suback) { return suback.reason_codes[0] >= 0x80; }),
       closes(), sends<Suback>("grants it")});
  if (reaction == 1) return;
  if (reaction == 2) run.inconclusive("the target grants $share//t, which is a matter of 4.8.2-1");
  client.publish(run.topic("t"), "m", 1);
  client.expect_nothing();
}

// Every QoS of a publication with every QoS of a subscription: live, queued and retained.
CASES {
  for (std::uint8_t published = 0; published <= 2; ++published) {
    for (std::uint8_t granted = 0; granted <= 2; ++granted) {
      const std::string pair =
          "published-" + std::to_string(published) + "-granted-" + std::to_string(granted);
      std::vector<Capability> needs;
      if (published == 1 || granted == 1) needs.push_back(Capability::qos_1);
      if (published == 2 || granted == 2) needs.push_back(Capability::qos_2);
      add_case("MQTT5-3.8.4-8/" + pair,
               {.statements = {"MQTT311-3.8.4-6"}, .versions = all_versions, .needs = needs},
               [published, granted](Run& run) {
                 const std::string topic = run.topic("t");
                 Client& subscriber = run.client("subscriber");
                 Client& publisher = run.client("publisher");
                 subscriber.connect();
                 subscriber.subscribe(topic, granted);
                 publisher.connect();
                 publisher.publish(topic, "m", published);
                 check_equal(subscriber.receive().qos, std::min(published, granted), "QoS of the delivery");
               });
      needs.push_back(Capability::retain);
      add_case("MQTT5-3.8.4-8/retained-" + pair,
               {.statements = {"MQTT311-3.8.4-6"}, .versions = all_versions, .needs = needs},
               [published, granted](Run& run) {
                 const std::string topic = run.topic("t");
                 Client& publisher = run.connected("publisher");
                 publisher.publish({.qos = published, .retain = true, .topic = topic, .payload = "m"});
                 publisher.ping();  // QoS 0: it has been read
                 Client& subscriber = run.subscribed(topic, granted);
                 check_equal(subscriber.receive().qos, std::min(published, granted), "QoS of the delivery");
               });
      needs.back() = Capability::persistent_session;
      if (published == 0 || granted == 0) continue;  // a server need not keep QoS 0
      add_case("MQTT5-3.8.4-8/queued-" + pair,
               {.statements = {"MQTT311-3.8.4-6"}, .versions = all_versions, .needs = needs},
               [published, granted](Run& run) {
                 const std::string topic = run.topic("t");
                 Client& subscriber = run.client("subscriber");
                 subscriber.connect_persistent();
                 subscriber.subscribe(topic, granted);
                 subscriber.cut();
                 Client& publisher = run.connected("publisher");
                 publisher.publish(topic, "m", published);
                 subscriber.connect_persistent();
                 check_equal(subscriber.receive().qos, std::min(published, granted), "QoS of the delivery");
                 subscriber.expect_nothing();
               });
    }
  }
}

CASE("MQTT5-3.8.4-n2/a-shared-subscription-gets-no-retained-messages",
     {.level = Level::should,
      .needs = {Capability::shared_subscription, Capability::retain},
      .tags = {"shared"}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "kept"});
  Client& client = run.subscribed("$share/" + run.unique("group") + "/" + topic, 1, "client");
  client.expect_nothing();
  publisher.publish(topic, "new", 1);
  client.expect_publish(topic, "new");
}

// --- Several subscribers of one message ---

CASES {
  for (const char* order : {"012", "021", "102", "120", "201", "210"}) {
    add_case(
        std::string("MQTT5-3.8.4-8/each-subscriber-at-its-qos-in-the-order-") + order,
        {.statements = {"MQTT311-3.8.4-6"},
         .versions = all_versions,
         .needs = {Capability::qos_1, Capability::qos_2}},
        [order](Run& run) {
          std::vector<Client*> subscribers;
          for (const char* digit = order; *digit != 0; ++digit)
            subscribers.push_back(&run.subscribed(run.topic("t"), static_cast<std::uint8_t>(*digit - '0')));
          run.connected("publisher").publish(run.topic("t"), "m", 2);
          for (std::size_t i = 0; i < subscribers.size(); ++i) {
            const Publish publish = subscribers[i]->receive();
            check_equal(publish.qos, static_cast<std::uint64_t>(order[i] - '0'), "QoS of the delivery");
          }
        });
  }
}

}  // namespace mqttvet::conformance
