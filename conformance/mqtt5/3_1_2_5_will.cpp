// 3.1.2.5 - 3.1.2.7 Will Flag, Will QoS, Will Retain; 3.1.3.2 - 3.1.3.4 the will's properties, topic and
// payload.
#include <utility>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

Will will_of(const Run& run) {
  return {.qos = 0, .topic = run.topic("will"), .payload = "will"};
}

// Listens to the will, at the highest QoS there is.
Client& witness_of(Run& run) {
  Client& witness = run.subscribed(run.topic("will"), run.target().has(Capability::qos_2) ? 2 : 0, "witness");
  return witness;
}

// A CONNECT with a will and, in 5.0, these Will Properties.
Connect connect_with(Will will, Properties properties = {}) {
  will.properties = std::move(properties);
  return {.will = std::move(will)};
}

}  // namespace

// --- 3.1.2.5: when ---

CASES {
  struct Row {
    const char* slug;
    void (*end)(Run&, Client&);
  };
  const Row kEnds[] = {
      {"on-fin", [](Run&, Client& client) { client.close(); }},
      {"on-rst", [](Run&, Client& client) { client.cut(); }},
      {"on-a-protocol-error", [](Run&, Client& client) { client.send_hex("00 00"); }},  // packet type 0
      {"on-takeover",
       [](Run& run, Client& client) {
         Client& successor = run.client("successor");
         successor.set_client_id(client.client_id());
         successor.connect();
       }},
  };
  for (const auto& [slug, end] : kEnds) {
    add_case(std::string("MQTT5-3.1.2-8/published-") + slug,
             {.statements = {"MQTT5-3.1.2-7", "MQTT311-3.1.2-8"}, .versions = kBoth}, [end = end](Run& run) {
               Client& witness = witness_of(run);
               Client& client = run.client();
               client.connect(connect_with(will_of(run)));
               witness.expect_nothing();
               end(run, client);
               witness.expect_publish(run.topic("will"), "will");
               witness.expect_nothing();  // once
             });
  }
}

CASE("MQTT5-3.1.2-8/published-when-the-keep-alive-runs-out",
     {.statements = {"MQTT5-3.1.2-22", "MQTT311-3.1.2-8", "MQTT311-3.1.2-24"},
      .versions = kBoth,
      .tags = {"timer"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect({.keep_alive = 2, .will = will_of(run)});
  witness.expect_publish(run.topic("will"), "will", 3s + run.pace().timer_slack);
  if (witness.arrived_at() - client.sent_at() < 3s)
    run.non_strict("published before one and a half times the keep-alive was over");
}

CASE("MQTT5-3.1.2-8/not-published-for-a-refused-connect",
     {.statements = {"MQTT5-3.1.4-6", "MQTT311-3.1.2-8", "MQTT311-3.1.4-5"}, .versions = kBoth}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.will = will_of(run);
  client.open();
  // One byte behind the payload makes it malformed.
  client.send(Encoder(connect, run.version()).append("!"));
  client.expect_closed();
  witness.expect_nothing();
}

CASE("MQTT5-3.1.2-10/a-published-will-is-gone",
     {.statements = {"MQTT311-3.1.2-10", "MQTT311-3.1.2-12"}, .versions = kBoth}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect_persistent(300s, connect_with(will_of(run)));
  client.cut();
  witness.expect_publish(run.topic("will"), "will");
  client.connect_persistent();
  client.cut();
  witness.expect_nothing();
}

CASE("MQTT5-3.1.2-10/disconnect-removes-the-will",
     {.statements = {"MQTT5-3.1.2-8", "MQTT311-3.1.2-10"}, .versions = kBoth}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect(connect_with(will_of(run)));
  client.disconnect();
  client.connect();
  client.cut();
  witness.expect_nothing();
}

CASE("MQTT5-3.1.2.5-n1/published-at-once",
     {.statements = {"MQTT311-3.1.2.5-n1"}, .versions = kBoth, .level = Level::should, .tags = {"timer"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect(connect_with(will_of(run)));
  client.cut();
  witness.expect_publish(run.topic("will"), "will", run.pace().timer_slack);
}

CASE("MQTT5-3.1.2-7/the-will-of-the-last-connect-counts",
     {.statements = {"MQTT311-3.1.2-8"}, .versions = kBoth}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  Will old = will_of(run);
  old.payload = "old";
  client.connect_persistent(300s, connect_with(old));
  client.disconnect();
  Will latest = will_of(run);
  latest.payload = "latest";
  client.connect_persistent(300s, connect_with(latest));
  client.cut();
  witness.expect_publish(run.topic("will"), "latest");
  witness.expect_nothing();
}

CASE("MQTT5-3.1.4-n3/takeover-publishes-the-old-will-only",
     {.statements = {"MQTT5-3.1.2-8", "MQTT5-3.1.4-3", "MQTT311-3.1.4-2"}, .versions = kBoth}) {
  Client& witness = witness_of(run);
  Client& first = run.client("first");
  Client& second = run.client("second");
  second.set_client_id(first.client_id());
  Will old = will_of(run);
  old.payload = "old";
  first.connect(connect_with(old));
  second.connect(connect_with(will_of(run)));
  witness.expect_publish(run.topic("will"), "old");
  witness.expect_nothing();
}

// --- 3.1.2.6: Will QoS; 3.1.2.7: Will Retain ---

CASES {
  for (const std::uint8_t qos : {0, 1, 2}) {
    add_case("MQTT5-3.1.2-12/will-at-qos-" + std::to_string(qos),
             {.statements = {"MQTT311-3.1.2-14", "MQTT311-3.1.2-9"},
              .versions = kBoth,
              .needs = {Capability::qos_1, Capability::qos_2}},
             [qos](Run& run) {
               Client& witness = witness_of(run);
               Client& client = run.client();
               Will will = will_of(run);
               will.qos = qos;
               client.connect(connect_with(will));
               client.cut();
               const Publish publish = witness.expect_publish(run.topic("will"), "will");
               check_equal(publish.qos, qos, "QoS of the will");
               witness.acknowledge(publish);
             });
  }
}

CASE("MQTT5-3.1.2-14/will-retain-0-is-not-retained",
     {.statements = {"MQTT311-3.1.2-16"}, .versions = kBoth, .needs = {Capability::retain}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect(connect_with(will_of(run)));
  client.cut();
  check(!witness.receive().retain, "RETAIN 0");
  Client& late = run.subscribed(run.topic("will"), 0, "late");
  late.expect_nothing();
}

CASE("MQTT5-3.1.2-15/will-retain-1-is-retained",
     {.statements = {"MQTT311-3.1.2-17"}, .versions = kBoth, .needs = {Capability::retain}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  Will will = will_of(run);
  will.retain = true;
  client.connect(connect_with(will));
  client.cut();
  check(!witness.receive().retain, "RETAIN 0 for who had subscribed before");
  Client& late = run.subscribed(run.topic("will"), 0, "late");
  check(late.expect_publish(run.topic("will"), "will").retain, "RETAIN 1 for who subscribes later");
}

CASE("MQTT5-3.1.2-15/an-empty-retained-will-removes",
     {.statements = {"MQTT311-3.1.2-17"}, .versions = kBoth, .needs = {Capability::retain}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  Will will = will_of(run);
  will.retain = true;
  will.payload = "";
  client.connect(connect_with(will));
  client.publish({.retain = true, .topic = run.topic("will"), .payload = "kept"});
  witness.expect_publish(run.topic("will"), "kept");
  client.cut();
  witness.expect_publish(run.topic("will"), "");
  Client& late = run.subscribed(run.topic("will"), 0, "late");
  late.expect_nothing();
}

// --- 3.1.3.2.2: Will Delay Interval ---

CASE("MQTT5-3.1.2-8/will-delay-passes",
     {.statements = {"MQTT5-3.1.3.2.2-n1"}, .needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& witness = witness_of(run);
  Client& delayed = run.client("delayed");
  Client& at_once = run.client("at-once");
  Will other = will_of(run);
  other.payload = "at once";
  delayed.connect_persistent(60s, connect_with(will_of(run), {{PropertyId::will_delay_interval, 2}}));
  at_once.connect_persistent(60s, connect_with(other));
  const Time cut = run.now();
  delayed.cut();
  at_once.cut();
  witness.expect_publish(run.topic("will"), "at once");
  witness.expect_publish(run.topic("will"), "will", 2s + run.pace().timer_slack);
  check(witness.arrived_at() - cut >= 2s, "not before the Will Delay Interval is over");
}

CASE("MQTT5-3.1.2-8/session-ends-before-the-will-delay",
     {.statements = {"MQTT5-3.1.3.2.2-n1"}, .needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect_persistent(1s, connect_with(will_of(run), {{PropertyId::will_delay_interval, 60}}));
  const Time cut = run.now();
  client.cut();
  witness.expect_publish(run.topic("will"), "will", 1s + run.pace().timer_slack);
  check(witness.arrived_at() - cut >= 1s, "not before the session ends");
}

CASE("MQTT5-3.1.2-8/will-delay-with-a-session-that-ends-at-once", {.statements = {"MQTT5-3.1.3.2.2-n1"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect(connect_with(will_of(run), {{PropertyId::will_delay_interval, 60}}));
  client.cut();
  witness.expect_publish(run.topic("will"), "will", run.pace().answer_within + run.pace().timer_slack);
}

CASE("MQTT5-3.1.3-9/a-reconnect-keeps-the-will-back",
     {.statements = {"MQTT5-3.1.2-8"}, .needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect_persistent(60s, connect_with(will_of(run), {{PropertyId::will_delay_interval, 1}}));
  client.cut();
  run.sleep(200ms);
  client.connect_persistent(60s);
  run.sleep(1s + run.pace().timer_slack);
  witness.expect_nothing();
}

// 3.1.2-8 lets every new connection of the identifier keep the will back; 3.1.4 says that Clean Start 1
// publishes it, but not as a rule.
CASE("MQTT5-3.1.4-n3/clean-start-ends-the-session-and-publishes",
     {.level = Level::should, .needs = {Capability::persistent_session}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect_persistent(60s, connect_with(will_of(run), {{PropertyId::will_delay_interval, 60}}));
  client.cut();
  run.sleep(run.pace().quiet_for);
  client.connect({.clean_start = true});
  witness.expect_publish(run.topic("will"), "will");
}

CASE("MQTT5-3.1.3-9/takeover-with-clean-start-0-keeps-a-delayed-will-back",
     {.statements = {"MQTT5-3.1.4-n3"}, .needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& witness = witness_of(run);
  Client& first = run.client("first");
  Client& second = run.client("second");
  second.set_client_id(first.client_id());
  first.connect_persistent(60s, connect_with(will_of(run), {{PropertyId::will_delay_interval, 1}}));
  second.connect_persistent(60s);
  run.sleep(1s + run.pace().timer_slack);
  witness.expect_nothing();
}

CASE("MQTT5-3.1.4-n3/takeover-with-clean-start-1-publishes-a-delayed-will",
     {.level = Level::should, .needs = {Capability::persistent_session}}) {
  Client& witness = witness_of(run);
  Client& first = run.client("first");
  Client& second = run.client("second");
  second.set_client_id(first.client_id());
  first.connect_persistent(60s, connect_with(will_of(run), {{PropertyId::will_delay_interval, 60}}));
  second.connect({.clean_start = true});
  witness.expect_publish(run.topic("will"), "will");
}

// --- 3.1.3.2: the properties of the will's PUBLISH ---

CASE("MQTT5-3.1.3-10/user-properties-keep-their-order", {.statements = {"MQTT5-3.1.2-9"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  const Properties properties = {{"b", "1"}, {"a", "2"}, {"b", "1"}, {"", ""}, {"a", "0"}};
  client.connect(connect_with(will_of(run), properties));
  client.cut();
  check(user_properties(witness.receive().properties) == user_properties(properties),
        "every User Property, in the order of CONNECT");
}

CASE("MQTT5-3.1.3.2-n1/each-property-goes-with-the-will", {.statements = {"MQTT5-3.1.2-9"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  const Properties properties = {{PropertyId::payload_format_indicator, 1},
                                 {PropertyId::content_type, "text/plain"},
                                 {PropertyId::response_topic, run.topic("answer")},
                                 {PropertyId::correlation_data, std::string("\0\xFF", 2)}};
  client.connect(connect_with(will_of(run), properties));
  client.cut();
  const Properties received = witness.expect_publish(run.topic("will"), "will").properties;
  for (const Property& property : properties) {
    const Property* there = find(received, property.id);
    check(there && *there == property, name_of(property.id) + " as in CONNECT");
  }
}

CASE("MQTT5-3.1.3.2.4-n1/message-expiry-interval-goes-with-the-will", {.statements = {"MQTT5-3.1.2-9"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect(connect_with(will_of(run), {{PropertyId::message_expiry_interval, 60}}));
  client.cut();
  const auto expiry = number(witness.receive().properties, PropertyId::message_expiry_interval);
  check(expiry && *expiry <= 60 && *expiry >= 50, "a Message Expiry Interval of about 60 s");
}

CASE("MQTT5-3.1.3.2.4-n1/no-message-expiry-interval-stays-none", {}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect(connect_with(will_of(run)));
  client.cut();
  check(!find(witness.receive().properties, PropertyId::message_expiry_interval),
        "no Message Expiry Interval");
}

CASE("MQTT5-3.1.3.2.2-n1/the-delay-is-not-published", {}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect(connect_with(will_of(run), {{PropertyId::will_delay_interval, 0}}));
  client.cut();
  witness.receive();  // the judge knows which properties a PUBLISH may have
}

CASE("MQTT5-3.1.3.2.3-n1/payload-format-1-without-utf-8", {}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.will = will_of(run);
  connect.will->payload = "\xC0\xAF";
  connect.will->properties = {{PropertyId::payload_format_indicator, 1}};
  client.open();
  client.send(connect);
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("accepts", [](const Connack& c) { return c.reason_code == 0; }),
       sends<Connack>("refuses", [](const Connack& c) { return c.reason_code >= 0x80; }), closes()});
  run.behaviour("checks the payload format of a will", reaction != 0);
  if (reaction != 0) return;
  client.cut();
  witness.expect_publish(run.topic("will"), "\xC0\xAF");
}

CASE("MQTT5-3.1.3-11/wildcard-in-the-wills-response-topic",
     {.statements = {"MQTT5-3.3.2-14"}, .level = Level::should, .tags = {"malformed"}}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.will = will_of(run);
  connect.will->properties = {{PropertyId::response_topic, run.topic("#")}};
  client.open();
  client.send(connect);
  client.expect_closed({0x81, 0x82, 0x90});
}

CASE("MQTT5-3.1.3-1/all-fields-of-the-payload",
     {.statements = {"MQTT5-3.1.2-17", "MQTT5-3.1.2-9", "MQTT311-3.1.3-1", "MQTT311-3.1.2-9"},
      .versions = kBoth}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  Connect connect = connect_with(will_of(run), {{PropertyId::content_type, "c"}});
  const Credentials& known = run.target().credentials;
  connect.user_name = known.user_name.value_or("user");
  connect.password = known.password.value_or("password");
  client.connect(connect);
  client.cut();
  witness.expect_publish(run.topic("will"), "will");
}

CASE("MQTT5-3.1.3-1/a-will-as-large-as-it-gets", {.statements = {"MQTT311-3.1.2-9"}, .versions = kBoth}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  Will will = will_of(run);
  will.payload.assign(65535, 'w');  // what Binary Data can hold
  client.connect(connect_with(will));
  client.cut();
  witness.expect_publish(run.topic("will"), will.payload);
}

}  // namespace mqttvet::conformance
