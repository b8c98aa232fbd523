// 3.1.2.10 Keep Alive, and 3.1.2.11 the properties of CONNECT: what they make the server do.
#include <map>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

// A server may close whenever it takes a client for dead.
constexpr const char* kEarly = "closed before one and a half times the keep-alive was over";

std::size_t size_of(const Packet& packet, Version version) {
  return encode(packet, version).size();
}

// A client with this Maximum Packet Size that subscribes to the topic.
Client& limited(Run& run, const std::string& topic, std::uint32_t bytes, std::uint8_t qos) {
  Client& client = run.client("limited");
  client.connect_persistent(300s, {.properties = {{PropertyId::maximum_packet_size, bytes}}});
  client.subscribe(topic, qos);
  return client;
}

// A payload that makes a delivery at this QoS so long.
std::string payload_for(const std::string& topic, std::uint8_t qos, std::size_t bytes) {
  const Publish empty{.qos = qos, .topic = topic, .packet_id = 1};
  return std::string(bytes - size_of(empty, Version::v5_0), 'x');
}

}  // namespace

// --- 3.1.2.10: keep-alive ---

CASE("MQTT5-3.1.2-22/keep-alive-0-never-runs-out",
     {.statements = {"MQTT311-3.1.2-24"}, .versions = v3_1_1 | v5_0, .tags = {"timer"}}) {
  Client& client = run.client();
  client.connect({.keep_alive = 0});
  run.sleep(3s);
  client.expect_open();
}

CASE("MQTT5-3.1.2-22/what-the-server-sends-does-not-count",
     {.statements = {"MQTT311-3.1.2-24"}, .versions = v3_1_1 | v5_0, .tags = {"timer"}}) {
  const std::string topic = run.topic("t");
  Client& silent = run.client("silent");
  Client& publisher = run.connected("publisher");
  silent.connect({.keep_alive = 2});
  silent.subscribe(topic);
  const Time begun = silent.sent_at();
  for (int i = 1; i <= 2; ++i) {
    run.sleep_until(begun + i * 1s);
    publisher.publish(topic, "m");
  }
  const Closing closing = silent.expect_closed({0x8D}, begun + 3s + run.pace().timer_slack - run.now());
  if (closing.at - begun < 3s) run.non_strict(kEarly);
}

// Who looks after its timers every few seconds is late by chance: six clients meet every phase of that, and
// the worst of them decides (N27).
CASE("MQTT5-3.1.2-22/it-runs-out-on-time", {.statements = {"MQTT311-3.1.2-24"},
                                            .versions = v3_1_1 | v5_0,
                                            .level = Level::should,
                                            .tags = {"timer"}}) {
  std::vector<Client*> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(&run.client("silent " + std::to_string(i)));
    clients.back()->connect({.keep_alive = 2});
    run.sleep(900ms);
  }
  Duration latest{0};
  for (Client* client : clients) {
    const Time due = client->sent_at() + 3s;
    const Closing closing =
        client->expect_closed({}, std::max(due + run.pace().timer_slack - run.now(), Duration(1ms)));
    latest = std::max(latest, closing.at - due);
  }
  run.behaviour("a keep-alive that has run out is seen within", latest < 2s ? "2 s" : "some seconds");
  check(latest < 2s, "no connection outlives one and a half times its keep-alive by 2 s or more");
}

CASE("MQTT5-3.1.2-22/every-packet-counts",
     {.statements = {"MQTT311-3.1.2-24"}, .versions = v3_1_1 | v5_0, .tags = {"timer"}}) {
  Client& client = run.client();
  client.connect({.keep_alive = 1});
  for (int i = 0; i < 3; ++i) {
    run.sleep(800ms);
    client.publish(run.topic("t"), "m");
  }
  run.sleep(800ms);
  client.expect_open();
}

CASE("MQTT5-3.2.2-22/the-keep-alive-of-connect-counts", {.tags = {"timer"}}) {
  Client& client = run.client();
  const Connack connack = client.connect({.keep_alive = 2});
  const Time begun = client.sent_at();
  const std::uint32_t seconds = number(connack.properties, PropertyId::server_keep_alive).value_or(2);
  if (seconds == 0 || seconds > 4) run.skip("the server has a keep-alive of its own, too long to wait for");
  const Time due = begun + seconds * 1500ms;
  if (client.expect_closed({0x8D}, due + run.pace().timer_slack - run.now()).at < due) run.non_strict(kEarly);
}

// --- 3.1.2.11.4: Maximum Packet Size ---

CASES {
  for (const std::uint8_t qos : {0, 1, 2}) {
    const std::vector<Capability> needs =
        qos == 0 ? std::vector<Capability>{} : std::vector{qos == 1 ? Capability::qos_1 : Capability::qos_2};
    add_case("MQTT5-3.1.2-24/maximum-packet-size-at-qos-" + std::to_string(qos),
             {.statements = {"MQTT5-3.1.2-25", "MQTT5-3.1.2.11.4-n1"}, .needs = needs}, [qos](Run& run) {
               constexpr std::uint32_t kBytes = 128;
               const std::string topic = run.topic("t");
               Client& client = limited(run, topic, kBytes, qos);
               Client& publisher = run.connected("publisher");
               publisher.publish(topic, payload_for(topic, qos, kBytes - 1), qos);
               publisher.publish(topic, payload_for(topic, qos, kBytes), qos);
               publisher.publish(topic, payload_for(topic, qos, kBytes + 1), qos);
               publisher.publish(topic, "small", qos);
               for (const std::size_t bytes : {kBytes - 1, kBytes}) {
                 const Publish publish = client.receive();
                 check_equal(size_of(publish, Version::v5_0), bytes, "size of the PUBLISH");
               }
               check_equal(client.receive().payload, "small", "payload behind the one that is too large");
               client.expect_nothing();
             });
  }
}

CASE("MQTT5-3.1.2-25/too-large-takes-no-place-in-the-window", {.needs = {Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::maximum_packet_size, 100}, {PropertyId::receive_maximum, 2}}});
  client.subscribe(topic, 1);
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 3; ++i) publisher.publish(topic, std::string(200, 'x'), 1);
  publisher.publish(topic, "first", 1);
  publisher.publish(topic, "second", 1);
  client.expect_publish(topic, "first");
  client.expect_publish(topic, "second");
}

CASE("MQTT5-3.1.2-25/too-large-does-not-come-later",
     {.needs = {Capability::qos_1, Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  Client& client = limited(run, topic, 100, 1);
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, std::string(200, 'x'), 1);
  publisher.publish(topic, "small", 1);
  check_equal(client.receive().payload, "small", "payload");
  client.expect_open();
  client.disconnect();
  client.connect_persistent();
  client.expect_nothing();
}

CASE("MQTT5-3.1.2-24/too-large-is-measured-when-it-is-sent",
     {.statements = {"MQTT5-3.1.2-25"}, .needs = {Capability::qos_1, Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(topic, 1);
  client.disconnect();
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, std::string(200, 'x'), 1);
  publisher.publish(topic, "small", 1);
  client.connect_persistent(300s, {.properties = {{PropertyId::maximum_packet_size, 100}}});
  check_equal(client.receive().payload, "small", "payload");
  client.expect_nothing();
}

CASE("MQTT5-3.1.2-24/a-retained-message-that-is-too-large", {.needs = {Capability::retain}}) {
  const std::string topic = run.topic("t");
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 0, .retain = true, .topic = topic, .payload = std::string(200, 'x')});
  publisher.expect_open();
  Client& client = limited(run, topic, 100, 0);
  client.expect_nothing();
}

CASE("MQTT5-3.1.2.11.4-n2/a-shared-message-that-is-too-large-for-one-member",
     {.needs = {Capability::shared_subscription, Capability::qos_1}, .tags = {"shared"}}) {
  const std::string topic = run.topic("t");
  const std::string shared = "$share/" + run.unique("group") + "/" + topic;
  Client& small = limited(run, shared, 100, 1);
  Client& large = run.subscribed(shared, 1, "large");
  Client& publisher = run.connected("publisher");
  constexpr int kMessages = 4;
  for (int i = 0; i < kMessages; ++i) publisher.publish(topic, std::string(200, 'x'), 1);
  large.ping();
  small.expect_nothing();
  const std::size_t arrived = large.inbox().size();
  check(arrived <= kMessages, "each message once at most");
  run.behaviour("gives what is too large for one member of a group to another", arrived == kMessages);
}

CASE("MQTT5-3.1.2-24/no-suback-that-is-too-large", {}) {
  constexpr std::uint32_t kBytes = 32;
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::maximum_packet_size, kBytes}}});
  Subscribe subscribe{.packet_id = 1};
  for (std::uint32_t i = 0; i < 2 * kBytes; ++i)
    subscribe.subscriptions.push_back({run.topic(std::to_string(i))});
  client.send(subscribe);
  // A code per filter is more than fits. What to do instead is not said.
  const std::size_t reaction = client.expect_one_of(
      {sends<Disconnect>("ends the connection with a DISCONNECT that fits",
                         [](const Disconnect& packet) { return size_of(packet, Version::v5_0) <= kBytes; }),
       sends<Suback>("sends a SUBACK that fits",
                     [](const Suback& packet) { return size_of(packet, Version::v5_0) <= kBytes; }),
       closes(), stays_silent("drops the SUBACK")});
  run.behaviour("drops a SUBACK that is too large for the client", reaction == 3);
}

// --- 3.1.2.11.5: Topic Alias Maximum ---

CASES {
  for (const bool absent : {true, false}) {
    add_case(
        std::string("MQTT5-3.1.2-27/no-alias-for-a-maximum-") + (absent ? "that-is-absent" : "of-0"), {},
        [absent](Run& run) {
          const std::string topic = run.topic("t");
          Client& client = run.client();
          client.connect(absent ? Connect{} : Connect{.properties = {{PropertyId::topic_alias_maximum, 0}}});
          client.subscribe(topic);
          for (int i = 0; i < 5; ++i) {
            client.publish(topic, "m");
            const Publish publish = client.expect_publish(topic, "m");
            check(!find(publish.properties, PropertyId::topic_alias), "no Topic Alias");
          }
        });
  }
}

CASE("MQTT5-3.1.2-26/aliases-up-to-the-maximum", {.needs = {Capability::wildcard_subscription}}) {
  constexpr std::uint32_t kMaximum = 2;
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::topic_alias_maximum, kMaximum}}});
  client.subscribe(run.topic("+"));
  std::map<std::uint32_t, std::string> aliases;
  for (int i = 0; i < 20; ++i) {
    const std::string topic = run.topic(std::to_string(i % 5));
    client.publish(topic, std::to_string(i));
    const Publish publish = client.expect<Publish>();
    const std::uint32_t alias = number(publish.properties, PropertyId::topic_alias).value_or(0);
    check(alias <= kMaximum, "no Topic Alias above the maximum");
    if (!publish.topic.empty() && alias > 0) aliases[alias] = publish.topic;
    check_equal(publish.topic.empty() ? aliases[alias] : publish.topic, topic, "topic, or that of the alias");
  }
  run.behaviour("uses Topic Aliases", !aliases.empty());
}

// --- 3.1.2.11.6: Request Response Information ---

CASES {
  for (const int value : {-1, 0, 1}) {
    add_case("MQTT5-3.1.2-28/request-response-information-" +
                 std::string(value < 0 ? "absent" : std::to_string(value)),
             {.statements =
                  value == 1 ? std::vector<std::string>{"MQTT5-3.2.2.3.15-n1"} : std::vector<std::string>{}},
             [value](Run& run) {
               Connect connect;
               if (value >= 0) {
                 connect.properties.emplace_back(PropertyId::request_response_information,
                                                 static_cast<std::uint32_t>(value));
               }
               const Connack connack = run.client().connect(connect);
               const bool there = find(connack.properties, PropertyId::response_information) != nullptr;
               if (value == 1) return run.behaviour("gives Response Information", there);
               check(!there, "no Response Information that was not asked for");
             });
  }
}

// --- 3.1.2.11.7: Request Problem Information ---

CASE("MQTT5-3.1.2-29/acknowledgements-without-problem-information", {}) {
  const auto is_plain = [](const Properties& properties) {
    return !find(properties, PropertyId::reason_string) && !find(properties, PropertyId::user_property);
  };
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::request_problem_information, 0}}});
  client.send(Subscribe{.packet_id = 1, .subscriptions = {{run.topic("t")}}});
  check(is_plain(client.expect<Suback>().properties), "SUBACK without Reason String and User Property");
  client.send(Unsubscribe{.packet_id = 2, .topic_filters = {run.topic("nobody")}});
  check(is_plain(client.expect<Unsuback>().properties), "UNSUBACK without Reason String and User Property");
  if (!run.target().has(Capability::qos_2)) return;
  client.send(Publish{.qos = 1, .topic = run.topic("nobody"), .packet_id = 3});
  check(is_plain(client.expect<Puback>().properties), "PUBACK without Reason String and User Property");
  client.send(Publish{.qos = 2, .topic = run.topic("nobody"), .packet_id = 4});
  check(is_plain(client.expect<Pubrec>().properties), "PUBREC without Reason String and User Property");
  client.send(Pubrel{.packet_id = 4});
  check(is_plain(client.expect<Pubcomp>().properties), "PUBCOMP without Reason String and User Property");
}

CASE("MQTT5-3.1.2-29/publish-keeps-its-user-properties", {}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::request_problem_information, 0}}});
  client.subscribe(topic);
  client.publish({.topic = topic, .properties = {{"name", "value"}}, .payload = "m"});
  const std::vector<StringPair> expected = {{"name", "value"}};
  check(user_properties(client.expect_publish(topic, "m").properties) == expected, "the User Property");
}

// --- 2.2.2.2: order among properties means nothing ---

CASE("MQTT5-2.2.2.2-n2/properties-in-reverse", {}) {
  constexpr std::uint32_t kBytes = 100;
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect({.properties = {{"user", "property"},
                                 {PropertyId::maximum_packet_size, kBytes},
                                 {PropertyId::topic_alias_maximum, 0},
                                 {PropertyId::receive_maximum, 5},
                                 {PropertyId::request_response_information, 0},
                                 {PropertyId::request_problem_information, 1},
                                 {PropertyId::session_expiry_interval, 0}}});
  client.subscribe(topic);
  client.publish({.topic = topic,
                  .properties = {{"user", "property"},
                                 {PropertyId::correlation_data, "c"},
                                 {PropertyId::response_topic, "r"},
                                 {PropertyId::content_type, "t"},
                                 {PropertyId::payload_format_indicator, 1}},
                  .payload = "m"});
  const Properties received = client.expect_publish(topic, "m").properties;
  check(text(received, PropertyId::correlation_data) == "c" &&
            text(received, PropertyId::response_topic) == "r" &&
            text(received, PropertyId::content_type) == "t" &&
            number(received, PropertyId::payload_format_indicator) == 1,
        "every property with its value");
  client.publish(topic, std::string(2 * kBytes, 'x'));
  client.expect_nothing();
}

}  // namespace mqttvet::conformance
