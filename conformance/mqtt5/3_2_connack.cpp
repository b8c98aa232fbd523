// 3.2 CONNACK: connection acknowledgement, and what its properties promise.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

// What the server said about itself when it was first asked; the default of the property if it said nothing.
std::uint32_t announced(const Run& run, PropertyId id, std::uint32_t otherwise) {
  return number(run.target().connack.properties, id).value_or(otherwise);
}

// A CONNECT that is refused for its Authentication Method.
Connect with_unknown_method(Run& run, const Client& client) {
  Connect connect = client.connect_packet();
  connect.properties = {{PropertyId::authentication_method, run.unique("no-such-method")}};
  return connect;
}

}  // namespace

// --- 3.2.0, 3.2.2.1: CONNACK comes first, once, and tells whether there is a session ---

CASE("MQTT5-3.2.0-1/connack-before-what-is-queued",
     {.statements = {"MQTT311-3.2.0-1"},
      .versions = kBoth,
      .needs = {Capability::persistent_session, Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(topic, 1);
  client.disconnect();
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 20; ++i) publisher.publish(topic, std::to_string(i), 1);
  client.open();
  Connect connect = client.connect_packet();
  connect.clean_start = false;
  if (run.is_v5()) connect.properties = {{PropertyId::session_expiry_interval, 300}};
  client.send_bytes(encode(connect, run.version()) + encode(Pingreq{}, run.version()) +
                    encode(Subscribe{.packet_id = 9, .subscriptions = {{run.topic("more")}}}, run.version()));
  check(client.expect_next<Connack>().session_present, "CONNACK first, with Session Present 1");
  client.expect<Suback>();
  client.expect<Pingresp>();
  for (int i = 0; i < 20; ++i) check_equal(client.receive().payload, std::to_string(i), "payload");
}

CASE("MQTT5-3.2.0-2/one-connack", {}) {
  Client& client = run.subscribed(run.topic("t"), 0, "client");
  client.ping();
  client.expect_nothing();
}

CASE("MQTT5-3.2.2-1/reserved-flags-are-0",
     {.statements = {"MQTT5-2.1.3-1", "MQTT311-3.2.2.1-n1", "MQTT311-2.2.2-1"},
      .versions = kBoth,
      .needs = {Capability::persistent_session}}) {
  const auto flags_of_last_connack = [&run] {
    std::string connack;
    for (const TranscriptEntry& entry : run.transcript()) {
      if (entry.kind == TranscriptEntry::Kind::received && entry.bytes.starts_with('\x20'))
        connack = entry.bytes;
    }
    // One byte of Remaining Length, or two.
    const std::size_t at = static_cast<unsigned char>(connack.at(1)) >= 0x80 ? 3 : 2;
    return static_cast<unsigned char>(connack.at(at));
  };
  Client& client = run.client();
  client.connect_persistent();
  check_equal(flags_of_last_connack(), 0, "Connect Acknowledge Flags of a new session");
  client.disconnect();
  client.connect_persistent();
  check_equal(flags_of_last_connack(), 1, "Connect Acknowledge Flags of a resumed session");
}

CASE("MQTT5-3.2.2-2/session-present-0-with-clean-start",
     {.statements = {"MQTT311-3.2.2-1"}, .versions = kBoth, .needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  client.connect_persistent();
  client.disconnect();
  check(!client.connect({.clean_start = true}).session_present, "Session Present 0");
}

CASE("MQTT5-3.2.2-3/session-present-even-if-it-is-empty",
     {.statements = {"MQTT5-3.1.2-5", "MQTT311-3.2.2-2", "MQTT311-3.2.2-3"},
      .versions = kBoth,
      .needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  check(!client.connect_persistent().session_present, "Session Present 0 the first time");
  client.cut();
  for (int i = 0; i < 3; ++i) {
    check(client.connect_persistent().session_present, "Session Present 1 from then on");
    client.disconnect();
  }
}

// --- 3.2.2.2: refusals ---

CASE("MQTT5-3.2.2-6/session-present-0-in-a-refusal",
     {.statements = {"MQTT5-3.2.2-7"}, .needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  client.connect_persistent();
  client.disconnect();
  Connect connect = with_unknown_method(run, client);
  connect.clean_start = false;
  client.open();
  client.send(connect);
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("refuses with Session Present 0",
                      [](const Connack& c) { return c.reason_code >= 0x80 && !c.session_present; }),
       closes()});
  if (reaction == 0) client.expect_closed();
}

CASE("MQTT5-3.2.2-6/a-refusal-leaves-the-session-alone",
     {.statements = {"MQTT5-3.1.4-6"}, .needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  client.connect_persistent();
  client.disconnect();
  client.open();
  client.send(with_unknown_method(run, client));  // Clean Start 1
  client.expect_closed();
  check(client.connect_persistent().session_present, "Session Present 1: a refused CONNECT cleans nothing");
}

CASE("MQTT5-3.2.2-7/closed-behind-a-refusal", {.statements = {"MQTT5-3.2.2-8", "MQTT5-3.2.2.2-n1"}}) {
  Client& client = run.client();
  client.open();
  client.send(with_unknown_method(run, client));
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("refuses with 0x8C", [](const Connack& c) { return c.reason_code == 0x8C; }),
       sends<Connack>(
           "refuses with another code of the table", [](const Connack& c) { return c.reason_code >= 0x80; },
           false),
       closes()});
  if (reaction != 2) client.expect_closed();
}

// --- 3.2.2.3: properties ---

CASE("MQTT5-3.2.2.3.2-n1/the-session-expiry-interval-of-connack-counts",
     {.statements = {"MQTT5-3.1.2-23"}, .needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& client = run.client();
  const Connack connack = client.connect_persistent(2s);
  const std::uint32_t seconds = number(connack.properties, PropertyId::session_expiry_interval).value_or(2);
  if (seconds == 0 || seconds > 4) run.skip("the server has an interval of its own, too long to wait for");
  client.disconnect();
  run.sleep(std::chrono::seconds(seconds) - 1s);
  check(client.connect_persistent(2s).session_present, "Session Present 1 before the interval is over");
  client.disconnect();
  run.sleep(std::chrono::seconds(seconds) + run.pace().timer_slack);
  check(!client.connect_persistent(2s).session_present, "Session Present 0 after it");
}

CASE("MQTT5-3.2.2-9/what-is-not-refused-is-served",
     {.statements = {"MQTT5-3.2.2.3.4-n1", "MQTT5-3.2.2-11"}}) {
  const std::uint32_t maximum = announced(run, PropertyId::maximum_qos, 2);
  for (std::uint8_t qos = 1; qos <= 2; ++qos) {
    Client& client = run.connected();
    client.send(Publish{.qos = qos, .topic = run.topic("t"), .packet_id = 1, .payload = "m"});
    if (qos > maximum) {
      client.expect_closed({0x9B});
    } else if (qos == 1) {
      check(client.expect<Puback>().reason_code != 0x9B, "a QoS that CONNACK does not exclude");
    } else {
      check(client.expect<Pubrec>().reason_code != 0x9B, "a QoS that CONNACK does not exclude");
    }
  }
}

CASE("MQTT5-3.2.2-10/subscriptions-at-every-qos", {}) {
  Client& client = run.connected();
  client.send(Subscribe{.packet_id = 1,
                        .subscriptions = {{run.topic("0"), 0}, {run.topic("1"), 1}, {run.topic("2"), 2}}});
  const Suback suback = client.expect<Suback>();
  check_equal(suback.reason_codes.size(), 3, "number of codes in SUBACK");
  for (std::size_t i = 0; i < 3; ++i) {
    check(suback.reason_codes[i] < 0x80, "the subscription is granted, at what QoS there is");
    check(suback.reason_codes[i] <= i, "not more than was asked for");
  }
}

CASE("MQTT5-3.2.2-12/will-above-the-maximum-qos", {.on = Variant::maximum_qos_1}) {
  const std::uint32_t maximum = announced(run, PropertyId::maximum_qos, 2);
  if (maximum == 2) run.skip("the server has every QoS");
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.will = Will{.qos = static_cast<std::uint8_t>(maximum + 1), .topic = run.topic("w"), .payload = "m"};
  client.open();
  client.send(connect);
  check(client.expect_closed({0x9B}).packets.empty(), "no accepting CONNACK");
}

CASE("MQTT5-3.2.2-13/retained-will-without-retain", {.on = Variant::no_retain}) {
  if (announced(run, PropertyId::retain_available, 1) == 1) run.skip("the server has retained messages");
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.will = Will{.retain = true, .topic = run.topic("w"), .payload = "m"};
  client.open();
  client.send(connect);
  check(client.expect_closed({0x9A}).packets.empty(), "no accepting CONNACK");
}

CASE("MQTT5-3.2.2-14/retained-message-without-retain",
     {.statements = {"MQTT5-3.2.2.3.5-n1"}, .level = Level::should, .on = Variant::no_retain}) {
  if (announced(run, PropertyId::retain_available, 1) == 1) run.skip("the server has retained messages");
  Client& client = run.connected();
  client.send(Publish{.retain = true, .topic = run.topic("t"), .payload = "m"});
  client.expect_closed({0x9A});
}

CASE("MQTT5-3.2.2-15/packets-up-to-the-maximum-size", {.statements = {"MQTT5-3.2.2.3.6-n1"}}) {
  constexpr std::uint32_t kTooLarge = 4 * 1024 * 1024;
  const std::uint32_t maximum = announced(run, PropertyId::maximum_packet_size, 0);
  if (maximum == 0 || maximum > kTooLarge)
    run.skip("the server takes packets larger than a case should send");
  const std::string topic = run.topic("t");
  const std::size_t rest =
      encode(Publish{.qos = 1, .topic = topic, .packet_id = 1, .payload = std::string(200, 'x')},
             Version::v5_0)
          .size() -
      200;
  // Remaining Length grows with the payload: two bytes from 128, three from 16384, four from 2097152.
  const std::size_t longer = maximum > 2097152 + 4 ? 2 : maximum > 16384 + 3 ? 1 : 0;
  Client& client = run.connected();
  client.publish(topic, std::string(maximum - rest - longer, 'x'), 1);
  client.send(Encoder(Publish{.topic = topic, .payload = std::string(maximum, 'x')}, Version::v5_0));
  client.expect_closed({0x95});
}

CASE("MQTT5-3.2.2-17/alias-above-the-servers-maximum",
     {.statements = {"MQTT5-3.2.2-18"}, .tags = {"alias"}}) {
  const std::uint32_t maximum = announced(run, PropertyId::topic_alias_maximum, 0);
  if (maximum == 65535) run.skip("the server takes every alias");
  Client& client = run.connected();
  client.send(Publish{.qos = 0,
                      .topic = run.topic("t"),
                      .properties = {{PropertyId::topic_alias, maximum + 1}},
                      .payload = "m"});
  client.expect_closed({0x94});
}

CASE("MQTT5-3.2.2.3.11-n1/wildcards-without-the-capability", {.on = Variant::no_wildcard_subscription}) {
  if (announced(run, PropertyId::wildcard_subscription_available, 1) == 1)
    run.skip("the server has wildcards");
  Client& client = run.connected();
  client.send(Subscribe{.packet_id = 1, .subscriptions = {{run.topic("+")}}});
  client.expect_closed({0xA2});
}

CASE("MQTT5-3.2.2.3.12-n1/subscription-identifiers-without-the-capability",
     {.on = Variant::no_subscription_identifier}) {
  if (announced(run, PropertyId::subscription_identifier_available, 1) == 1)
    run.skip("the server has subscription identifiers");
  Client& client = run.connected();
  client.send(Subscribe{.packet_id = 1,
                        .properties = {{PropertyId::subscription_identifier, 1}},
                        .subscriptions = {{run.topic("t")}}});
  client.expect_closed({0xA1});
}

CASE("MQTT5-3.2.2.3.13-n1/shared-subscriptions-without-the-capability",
     {.on = Variant::no_shared_subscription}) {
  if (announced(run, PropertyId::shared_subscription_available, 1) == 1)
    run.skip("the server has shared subscriptions");
  Client& client = run.connected();
  client.send(
      Subscribe{.packet_id = 1, .subscriptions = {{"$share/" + run.unique("group") + "/" + run.topic("t")}}});
  client.expect_closed({0x9E});
}

CASE("MQTT5-3.2.2.3.16-n1/server-reference-with-its-codes-only", {}) {
  Client& client = run.client();
  client.open();
  client.send(client.connect_packet());
  const Connack connack = client.expect_next<Connack>();
  const bool sent_away = connack.reason_code == 0x9C || connack.reason_code == 0x9D;
  check(sent_away || !find(connack.properties, PropertyId::server_reference),
        "no Server Reference but with 0x9C and 0x9D");
}

CASES {
  for (const std::uint32_t bytes : {5, 16, 30}) {
    add_case("MQTT5-3.2.2-19/refusal-within-" + std::to_string(bytes) + "-bytes",
             {.statements = {"MQTT5-3.2.2-20", "MQTT5-3.1.2-24"}}, [bytes](Run& run) {
               Client& client = run.client();
               Connect connect = with_unknown_method(run, client);
               connect.properties.emplace_back(PropertyId::maximum_packet_size, bytes);
               client.open();
               client.send(connect);
               const std::size_t reaction = client.expect_one_of(
                   {sends<Connack>("refuses within Maximum Packet Size",
                                   [bytes](const Connack& connack) {
                                     return encode(connack, Version::v5_0).size() <= bytes;
                                   }),
                    closes()});
               if (reaction == 0) client.expect_closed();
             });
  }
}

CASE("MQTT5-3.2.2-19/connack-within-the-maximum", {.statements = {"MQTT5-3.2.2-20", "MQTT5-3.1.2-24"}}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.properties = {{PropertyId::maximum_packet_size, 64}};
  client.open();
  client.send(connect);
  client.expect_one_of(
      {sends<Connack>("answers within Maximum Packet Size",
                      [](const Connack& connack) { return encode(connack, Version::v5_0).size() <= 64; }),
       closes()});  // who can't say less says nothing
}

}  // namespace mqttvet::conformance
