// 3.3 PUBLISH: publish message. RETAIN has its own file.
#include <map>

#include "conformance/harness/case.h"
#include "conformance/mqtt5/refused_publish.h"

namespace mqttvet::conformance {
namespace {

const std::pair<const char*, std::string> kNoUtf8[] = {{"surrogate", "\xED\xA0\x80"},
                                                       {"overlong", "\xC0\xAF"},
                                                       {"lone-continuation", "\x80"},
                                                       {"null-character", std::string(1, '\0')}};

}  // namespace

// --- 3.3.1: the fixed header ---

CASES {
  for (const std::uint8_t flags : {0x6, 0x7, 0xE, 0xF}) {
    add_case("MQTT5-3.3.1-4/flags-" + std::string(1, "0123456789abcdef"[flags]) + "-are-qos-3",
             {.statements = {"MQTT311-3.3.1-4"}, .versions = v3_1_1 | v5_0, .tags = {"malformed"}},
             [flags](Run& run) {
               const Publish publish{.qos = 1, .topic = run.topic("t"), .packet_id = 1, .payload = "m"};
               expect_refused(run, Encoder(publish, run.version()).flags(flags), {0x81, 0x82});
             });
  }
}

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    add_case("MQTT5-3.3.1-1/dup-1-on-a-second-sending-of-qos-" + std::to_string(qos),
             {.statements = {"MQTT311-3.3.1-1", "MQTT5-4.4.0-1", "MQTT311-4.4.0-1"},
              .versions = v3_1_1 | v5_0,
              .needs = {qos == 1 ? Capability::qos_1 : Capability::qos_2, Capability::persistent_session}},
             [qos](Run& run) {
               const std::string topic = run.topic("t");
               Client& subscriber = run.client("subscriber");
               subscriber.connect_persistent();
               subscriber.subscribe(topic, qos);
               run.connected("publisher").publish(topic, "m", qos);
               const Publish first = subscriber.expect_publish(topic, "m");
               check(!first.dup, "DUP 0 on the first sending");
               subscriber.cut();
               subscriber.connect_persistent();
               const Publish second = subscriber.expect_publish(topic, "m");
               check(second.dup, "DUP 1 on the second sending");
               check_equal(second.packet_id, first.packet_id, "packet identifier of the second sending");
               subscriber.acknowledge(second);
               subscriber.expect_nothing();
             });
    add_case("MQTT5-3.3.1-3/dup-1-of-the-publisher-at-qos-" + std::to_string(qos) + "-is-not-passed-on",
             {.statements = {"MQTT311-3.3.1-3", "MQTT5-3.3.1-2", "MQTT311-3.3.1-2"},
              .versions = all_versions,
              .needs = {qos == 1 ? Capability::qos_1 : Capability::qos_2}},
             [qos](Run& run) {
               const std::string topic = run.topic("t");
               Client& reliable = run.subscribed(topic, qos);
               Client& simple = run.subscribed(topic, 0, "at most once");
               run.connected("publisher")
                   .publish({.dup = true, .qos = qos, .topic = topic, .packet_id = 7, .payload = "m"});
               check(!reliable.receive().dup, "DUP 0 on the first sending to a subscriber");
               check(!simple.receive().dup, "DUP 0 at QoS 0");
             });
  }
}

CASE("MQTT5-3.3.1-2/qos-0-with-dup-1", {.statements = {"MQTT311-3.3.1-2"}, .versions = v3_1_1 | v5_0}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.subscribed(topic, 0);
  Client& client = run.connected("client");
  client.send(Encoder(Publish{.topic = topic, .payload = "m"}, run.version()).flags(0x8));
  client.send(Pingreq{});
  const std::size_t reaction =
      client.expect_one_of({closes("closes for DUP 1 at QoS 0"), sends<Pingresp>("takes the packet")});
  run.behaviour("closes for DUP 1 at QoS 0", reaction == 0);
  if (reaction == 1) check(!subscriber.expect<Publish>().dup, "DUP 0 at QoS 0");
}

// --- 3.3.2: the variable header ---

CASES {
  for (const auto& [slug, bad] : kNoUtf8) {
    const std::string text = bad;
    add_case(std::string("MQTT5-3.3.2-1/topic-name-with-") + slug,
             {.statements = {"MQTT311-3.3.2-1"}, .versions = v3_1_1 | v5_0, .tags = {"malformed", "utf-8"}},
             [text](Run& run) {
               const Publish publish{.qos = 1, .topic = run.topic("t/" + text), .packet_id = 1};
               expect_refused(run, Encoder(publish, run.version()), {0x81, 0x90});
             });
    add_case(std::string("MQTT5-3.3.2-13/response-topic-with-") + slug, {.tags = {"malformed", "utf-8"}},
             [text](Run& run) {
               const Publish publish{.qos = 1,
                                     .topic = run.topic("t"),
                                     .packet_id = 1,
                                     .properties = {{PropertyId::response_topic, run.topic(text)}}};
               expect_refused(run, Encoder(publish, run.version()), {0x81, 0x82, 0x90});
             });
    add_case(std::string("MQTT5-3.3.2-19/content-type-with-") + slug, {.tags = {"malformed", "utf-8"}},
             [text](Run& run) {
               const Publish publish{.qos = 1,
                                     .topic = run.topic("t"),
                                     .packet_id = 1,
                                     .properties = {{PropertyId::content_type, "a" + text}}};
               expect_refused(run, Encoder(publish, run.version()), {0x81, 0x82});
             });
  }
  const std::pair<const char*, const char*> kWildcards[] = {
      {"plus", "a/+"}, {"hash", "a/#"}, {"plus-inside", "a+b"}, {"hash-inside", "a#"}, {"plus-first", "+/a"}};
  for (const auto& [slug, name] : kWildcards) {
    const std::string topic = name;
    add_case(std::string("MQTT5-3.3.2-2/topic-name-with-") + slug,
             {.statements = {"MQTT311-3.3.2-2", "MQTT5-4.7.1-1", "MQTT311-4.7.1-1"},
              .versions = v3_1_1 | v5_0,
              .tags = {"malformed"}},
             [topic](Run& run) {
               Client& client = run.connected("client");
               client.send(Publish{.qos = 1, .topic = run.topic(topic), .packet_id = 1, .payload = "m"});
               if (!run.is_v5()) return (void)client.expect_closed();
               client.expect_one_of({closes(), sends<Disconnect>("says DISCONNECT"),
                                     sends<Puback>("refuses it with PUBACK 0x90", [](const Puback& puback) {
                                       return puback.reason_code == 0x90;
                                     })});
             });
    if (std::string_view(slug) == "plus" || std::string_view(slug) == "hash") {
      add_case(std::string("MQTT5-3.3.2-14/response-topic-with-") + slug, {.tags = {"malformed"}},
               [topic](Run& run) {
                 const Publish publish{.qos = 1,
                                       .topic = run.topic("t"),
                                       .packet_id = 1,
                                       .properties = {{PropertyId::response_topic, run.topic(topic)}}};
                 expect_not_sent_on(run, publish, PropertyId::response_topic);
               });
    }
  }
}

CASE("MQTT5-3.3.2-3/delivered-under-the-name-it-was-published-with",
     {.statements = {"MQTT311-3.3.2-3"},
      .versions = all_versions,
      .needs = {Capability::wildcard_subscription}}) {
  Client& subscriber = run.subscribed(run.topic("a/#"), 0);
  Client& publisher = run.connected("publisher");
  for (const char* topic : {"a", "a/", "a//b", "a/B", "a/b c", "a/\xC3\xA4"}) {
    publisher.publish(run.topic(topic), topic);
    subscriber.expect_publish(run.topic(topic), topic);
  }
  publisher.publish(run.topic("A/b"), "another", 1);
  publisher.publish(run.topic("ab"), "another", 1);
  subscriber.expect_nothing();
}

CASE("MQTT5-3.3.2.1-n1/empty-topic-name-without-alias", {.tags = {"malformed"}}) {
  expect_refused(run, Encoder(Publish{.payload = "m"}, run.version()), {0x82, 0x81});
}

// --- 3.3.2.3: the properties, passed on unchanged ---

CASES {
  struct Row {
    const char* statement;
    const char* slug;
    Properties properties;
  };
  const Row kRows[] = {
      {"MQTT5-3.3.2-4", "payload-format-1", {{PropertyId::payload_format_indicator, 1}}},
      {"MQTT5-3.3.2-15", "response-topic", {{PropertyId::response_topic, std::string("some/where")}}},
      {"MQTT5-3.3.2-16",
       "correlation-data",
       {{PropertyId::correlation_data, std::string("\0\x01\xFE\xFF", 4)}}},
      {"MQTT5-3.3.2-16", "long-correlation-data", {{PropertyId::correlation_data, std::string(3000, 'c')}}},
      {"MQTT5-3.3.2-16", "empty-correlation-data", {{PropertyId::correlation_data, std::string()}}},
      {"MQTT5-3.3.2-17", "user-property", {{"name", "value"}}},
      {"MQTT5-3.3.2-17", "empty-user-property", {{"", ""}}},
      {"MQTT5-3.3.2-18", "user-properties-in-order", {{"k1", "a"}, {"k2", "b"}, {"k1", "c"}, {"k1", "a"}}},
      {"MQTT5-3.3.2-20", "content-type", {{PropertyId::content_type, std::string("\xEF\xBB\xBFtext/plain")}}},
      {"MQTT5-3.3.2-20", "empty-content-type", {{PropertyId::content_type, std::string()}}},
  };
  for (const Row& row : kRows) {
    const Properties properties = row.properties;
    const auto expect_them = [properties](const Publish& publish) {
      Properties same = publish.properties;
      std::erase_if(same, [&](const Property& property) { return property.id != properties.front().id; });
      check(same == properties, "the property is that of the publisher, byte by byte");
    };
    add_case(std::string(row.statement) + "/" + row.slug, {}, [properties, expect_them](Run& run) {
      const std::string topic = run.topic("t");
      Client& one = run.subscribed(topic, 0);
      Client& other = run.subscribed(topic, 1);
      run.connected("publisher")
          .publish({.qos = 1, .topic = topic, .properties = properties, .payload = "m"});
      expect_them(one.receive());
      expect_them(other.receive());
    });
    add_case(std::string(row.statement) + "/queued-" + row.slug, {.needs = {Capability::persistent_session}},
             [properties, expect_them](Run& run) {
               const std::string topic = run.topic("t");
               Client& subscriber = run.client("subscriber");
               subscriber.connect_persistent();
               subscriber.subscribe(topic, 1);
               subscriber.cut();
               run.connected("publisher")
                   .publish({.qos = 1, .topic = topic, .properties = properties, .payload = "m"});
               subscriber.connect_persistent();
               expect_them(subscriber.receive());
             });
  }
}

CASES {
  for (const std::uint8_t qos : {0, 1, 2}) {
    add_case("MQTT5-3.3.2.3.2-n1/payload-format-1-without-utf-8-at-qos-" + std::to_string(qos), {},
             [qos](Run& run) {
               const std::string topic = run.topic("t");
               Client& subscriber = run.subscribed(topic, 0);
               Client& client = run.connected("client");
               client.send(Publish{.qos = qos,
                                   .topic = topic,
                                   .packet_id = 1,
                                   .properties = {{PropertyId::payload_format_indicator, 1}},
                                   .payload = "\xC0\xAF"});
               if (qos == 0) client.send(Pingreq{});
               const auto refused = [](const auto& packet) { return packet.reason_code == 0x99; };
               const std::size_t reaction = client.expect_one_of(
                   {sends<Puback>("refuses it with PUBACK 0x99", refused),
                    sends<Pubrec>("refuses it with PUBREC 0x99", refused), closes(),
                    sends<Disconnect>("says DISCONNECT"), sends<Puback>("does not look"),
                    sends<Pubrec>("does not look"), sends<Pingresp>("does not look, or drops it")});
               run.behaviour("validates payloads that call themselves UTF-8", reaction < 4);
               if (reaction >= 4 && qos == 1) subscriber.expect_publish(topic, "\xC0\xAF");
             });
  }
}

// --- 3.3.2.3.3: Message Expiry Interval ---

CASE("MQTT5-3.3.2-6/message-expiry-counts-down",
     {.needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  subscriber.subscribe(topic, 1);
  subscriber.disconnect();

  Client& publisher = run.connected("publisher");
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

CASE("MQTT5-3.3.2-6/a-message-that-does-not-wait-keeps-its-expiry", {}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.subscribed(topic, 0);
  run.connected("publisher")
      .publish({.topic = topic, .properties = {{PropertyId::message_expiry_interval, 1000}}, .payload = "m"});
  const auto rest = number(subscriber.receive().properties, PropertyId::message_expiry_interval);
  check(rest.has_value(), "a Message Expiry Interval in the delivery");
  check(*rest <= 1000 && *rest >= 998, "the interval that was published");
}

CASE("MQTT5-3.3.2-5/an-expired-message-is-not-delivered",
     {.needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  subscriber.subscribe(topic, 1);
  subscriber.cut();
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "first", 1);
  publisher.publish({.qos = 1,
                     .topic = topic,
                     .properties = {{PropertyId::message_expiry_interval, 1}},
                     .payload = "expires"});
  publisher.publish(topic, "last", 1);
  run.sleep(1s + run.pace().timer_slack);
  subscriber.connect_persistent();
  check_equal(subscriber.receive().payload, "first", "payload of the PUBLISH");
  check_equal(subscriber.receive().payload, "last", "payload of the PUBLISH");
  subscriber.expect_nothing();
}

// Messages that expire while the window is full take up no place in it.
CASE("MQTT5-3.3.2-5/expired-messages-give-way", {.statements = {"MQTT5-4.9.0-2"}, .tags = {"timer"}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect({.properties = {{PropertyId::receive_maximum, 1}}});
  subscriber.subscribe(topic, 1);
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "blocks", 1);
  const Publish blocking = subscriber.expect_publish(topic, "blocks");
  for (int i = 0; i < 3; ++i)
    publisher.publish({.qos = 1,
                       .topic = topic,
                       .properties = {{PropertyId::message_expiry_interval, 1}},
                       .payload = "expires"});
  publisher.publish(topic, "last", 1);
  run.sleep(1s + run.pace().timer_slack);
  subscriber.acknowledge(blocking);
  check_equal(subscriber.receive().payload, "last", "payload of the PUBLISH");
  subscriber.expect_nothing();
}

// --- 3.3.2.3.4: Topic Alias ---

CASE("MQTT5-3.3.2-12/every-alias-up-to-the-maximum",
     {.needs = {Capability::topic_alias}, .tags = {"alias"}}) {
  Client& publisher = run.client("publisher");
  const Connack connack = publisher.connect();
  const std::uint32_t maximum = number(connack.properties, PropertyId::topic_alias_maximum).value_or(0);
  Client& subscriber = run.subscribed(run.topic("#"), 0);
  const auto used = [&](std::uint32_t i) { return i <= 3 || i == maximum; };
  for (std::uint32_t i = 1; i <= maximum; ++i)
    if (used(i))
      publisher.publish({.topic = run.topic(std::to_string(i)),
                         .properties = {{PropertyId::topic_alias, i}},
                         .payload = "sets"});
  for (std::uint32_t i = 1; i <= maximum; ++i)
    if (used(i)) subscriber.expect_publish(run.topic(std::to_string(i)), "sets");
  for (std::uint32_t i = 1; i <= maximum; ++i)
    if (used(i)) publisher.publish({.properties = {{PropertyId::topic_alias, i}}, .payload = "uses"});
  for (std::uint32_t i = 1; i <= maximum; ++i)
    if (used(i)) subscriber.expect_publish(run.topic(std::to_string(i)), "uses");
}

CASE("MQTT5-3.3.2.3.4-n1/an-alias-is-set-again", {.needs = {Capability::topic_alias}, .tags = {"alias"}}) {
  Client& publisher = run.connected("publisher");
  Client& subscriber = run.subscribed(run.topic("+"), 0);
  for (const char* topic : {"a", "b"}) {
    publisher.publish(
        {.topic = run.topic(topic), .properties = {{PropertyId::topic_alias, 1}}, .payload = "sets"});
    subscriber.expect_publish(run.topic(topic), "sets");
    publisher.publish({.properties = {{PropertyId::topic_alias, 1}}, .payload = "uses"});
    subscriber.expect_publish(run.topic(topic), "uses");
  }
}

CASE("MQTT5-3.3.2.3.4-n1/each-connection-has-its-own-aliases",
     {.needs = {Capability::topic_alias}, .tags = {"alias"}}) {
  Client& subscriber = run.subscribed(run.topic("+"), 0);
  Client& one = run.connected("one");
  Client& other = run.connected("other");
  one.publish({.topic = run.topic("a"), .properties = {{PropertyId::topic_alias, 1}}, .payload = "1"});
  subscriber.expect_publish(run.topic("a"), "1");
  other.publish({.topic = run.topic("b"), .properties = {{PropertyId::topic_alias, 1}}, .payload = "2"});
  subscriber.expect_publish(run.topic("b"), "2");
  one.publish({.properties = {{PropertyId::topic_alias, 1}}, .payload = "3"});
  subscriber.expect_publish(run.topic("a"), "3");
}

CASE("MQTT5-3.3.2-7/aliases-end-with-the-connection",
     {.statements = {"MQTT5-3.3.4-n3"}, .needs = {Capability::topic_alias}, .tags = {"alias"}}) {
  Client& subscriber = run.subscribed(run.topic("+"), 0);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  publisher.publish({.topic = run.topic("a"), .properties = {{PropertyId::topic_alias, 1}}, .payload = "1"});
  subscriber.expect_publish(run.topic("a"), "1");
  publisher.cut();
  publisher.connect_persistent();
  publisher.send(Publish{.properties = {{PropertyId::topic_alias, 1}}, .payload = "2"});
  publisher.expect_closed({0x82, 0x94});
  subscriber.expect_nothing();
}

CASES {
  const auto refuses = [](std::uint32_t above, std::initializer_list<std::uint8_t> codes) {
    return [above, code = std::vector<std::uint8_t>(codes)](Run& run) {
      Client& client = run.client();
      const Connack connack = client.connect();
      const std::uint32_t maximum = number(connack.properties, PropertyId::topic_alias_maximum).value_or(0);
      if (maximum == 65535 && above > 0) run.skip("every Topic Alias is permitted");
      client.send(Publish{.topic = run.topic("t"),
                          .properties = {{PropertyId::topic_alias, above == 0 ? 0 : maximum + above}},
                          .payload = "m"});
      client.expect_closed({0x94, 0x82, 0x81});
    };
  };
  add_case("MQTT5-3.3.2-8/alias-0", {.statements = {"MQTT5-3.3.4-n2"}, .tags = {"alias"}}, refuses(0, {}));
  add_case("MQTT5-3.3.2-9/alias-above-the-maximum", {.statements = {"MQTT5-3.3.4-n2"}, .tags = {"alias"}},
           refuses(1, {}));
}

CASE("MQTT5-3.3.4-n3/unknown-alias-with-an-empty-topic-name",
     {.needs = {Capability::topic_alias}, .tags = {"alias"}}) {
  Client& client = run.connected("client");
  client.send(Publish{.properties = {{PropertyId::topic_alias, 1}}, .payload = "m"});
  client.expect_closed({0x82, 0x94});
}

CASES {
  for (const std::uint32_t maximum : {0u, 1u, 3u}) {
    add_case("MQTT5-3.3.2-11/the-server-keeps-to-an-alias-maximum-of-" + std::to_string(maximum),
             {.statements = {"MQTT5-3.1.2-26", "MQTT5-3.1.2-27"}, .tags = {"alias"}}, [maximum](Run& run) {
               Client& subscriber = run.client("subscriber");
               Properties properties;
               if (maximum > 0) properties = {{PropertyId::topic_alias_maximum, maximum}};
               subscriber.connect({.properties = properties});
               subscriber.subscribe(run.topic("#"), 0);
               Client& publisher = run.connected("publisher");
               std::map<std::uint32_t, std::string> aliases;
               bool used = false;
               for (int i = 0; i < 12; ++i) {
                 const std::string topic = run.topic(std::to_string(i % 5));
                 publisher.publish(topic, std::to_string(i));
                 const Publish publish = subscriber.expect<Publish>();
                 const auto alias = number(publish.properties, PropertyId::topic_alias);
                 if (alias) {
                   used = true;
                   check(*alias >= 1 && *alias <= maximum, "a Topic Alias from 1 to the client's maximum");
                   if (!publish.topic.empty()) aliases[*alias] = publish.topic;
                 }
                 check_equal(publish.topic.empty() && alias ? aliases[*alias] : publish.topic, topic,
                             "topic of the PUBLISH");
               }
               if (maximum > 0) run.behaviour("uses topic aliases towards clients", used);
             });
  }
}

}  // namespace mqttvet::conformance
