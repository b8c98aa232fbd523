// 4.1 Session State, 4.2 Network Connections.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

CaseInfo session(std::vector<std::string> statements, Versions versions = v3_1_1 | v5_0) {
  return {.statements = std::move(statements),
          .versions = versions,
          .needs = {Capability::persistent_session, Capability::qos_1, Capability::qos_2},
          .tags = {"session"}};
}

void publish_one(Run& run, const std::string& topic, std::uint8_t qos = 1) {
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "m", qos);
}

}  // namespace

// --- What is kept ---

CASE("MQTT5-4.1.0-1/a-session-lasts-as-long-as-its-connection",
     {.statements = {"MQTT311-4.1.0-2"}, .versions = all_versions, .tags = {"session"}}) {
  Client& client = run.client();
  client.connect();  // Clean Start 1, Session Expiry Interval 0
  client.subscribe(run.topic("t"), 0);
  for (int i = 0; i < 3; ++i) {
    run.sleep(700ms);
    client.ping();
  }
  publish_one(run, run.topic("t"), 0);
  client.expect_publish(run.topic("t"), "m");
}

CASE("MQTT5-4.1.0-1/session-expiry-counts-from-the-end-of-the-connection",
     {.statements = {"MQTT5-3.1.2-23"},
      .needs = {Capability::persistent_session},
      .tags = {"session", "timer"}}) {
  Client& client = run.client();
  client.connect_persistent(2s);
  client.subscribe(run.topic("t"), 1);
  run.sleep(3s);
  client.cut();
  check(client.connect_persistent(2s).session_present, "Session Present 1");
  publish_one(run, run.topic("t"));
  client.receive();
}

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    add_case("MQTT5-4.1.0-1/keeps-subscriptions-with-qos-" + std::to_string(qos),
             session({"MQTT311-4.1.0-1"}), [qos](Run& run) {
               Client& client = run.client();
               client.connect_persistent();
               client.subscribe(run.topic("t"), qos);
               client.cut();
               client.connect_persistent();
               publish_one(run, run.topic("t"), 2);
               check_equal(client.receive().qos, qos, "QoS of the delivery");
             });
    add_case("MQTT5-4.1.0-1/keeps-what-is-not-sent-at-qos-" + std::to_string(qos),
             session({"MQTT311-4.1.0-1"}), [qos](Run& run) {
               Client& client = run.client();
               client.connect_persistent();
               client.subscribe(run.topic("t"), qos);
               client.disconnect();
               publish_one(run, run.topic("t"), qos);
               check(client.connect_persistent().session_present, "Session Present 1");
               client.acknowledge(client.expect_publish(run.topic("t"), "m"));
               client.expect_nothing();
             });
    add_case("MQTT5-4.1.0-1/keeps-what-is-not-acknowledged-at-qos-" + std::to_string(qos),
             session({"MQTT311-4.1.0-1"}), [qos](Run& run) {
               Client& client = run.client();
               client.connect_persistent();
               client.subscribe(run.topic("t"), qos);
               publish_one(run, run.topic("t"), qos);
               client.expect_publish(run.topic("t"), "m");
               client.disconnect();  // an orderly end changes nothing
               client.connect_persistent();
               client.acknowledge(client.expect_publish(run.topic("t"), "m"));
               client.expect_nothing();
             });
  }
}

CASE("MQTT5-4.1.0-1/keeps-subscriptions-with-qos-0", {session({"MQTT311-4.1.0-1"})}) {
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(run.topic("t"), 0);
  client.cut();
  client.connect_persistent();
  publish_one(run, run.topic("t"));
  check_equal(client.receive().qos, 0, "QoS of the delivery");
}

CASE("MQTT5-4.1.0-1/keeps-what-is-received-and-not-released", {session({"MQTT311-4.1.0-1"})}) {
  Client& subscriber = run.subscribed(run.topic("t"), 0);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  Publish publish{.qos = 2, .topic = run.topic("t"), .packet_id = 3, .payload = "m"};
  publisher.send(publish);
  publisher.expect<Pubrec>();
  publisher.disconnect();
  publisher.connect_persistent();
  publish.dup = true;
  publisher.send(publish);
  publisher.expect<Pubrec>();
  publisher.send(Pubrel{.packet_id = 3});
  publisher.expect<Pubcomp>();
  subscriber.expect_publish(run.topic("t"), "m");
  subscriber.expect_nothing();
}

CASE("MQTT5-4.1.0-1/keeps-subscription-options-and-identifiers",
     {.needs = {Capability::persistent_session, Capability::subscription_identifier}, .tags = {"session"}}) {
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(
      Subscribe{.properties = {{PropertyId::subscription_identifier, 300}},
                .subscriptions = {{.topic_filter = run.topic("t"), .qos = 1, .no_local = true}}});
  client.cut();
  client.connect_persistent();
  client.publish(run.topic("t"), "own", 1);
  publish_one(run, run.topic("t"));
  const Publish publish = client.receive();
  check_equal(publish.payload, "m", "payload: not the own message");
  check(subscription_identifiers(publish.properties) == std::vector<std::uint32_t>{300},
        "the Subscription Identifier is kept");
}

CASE("MQTT5-4.1.0-1/forgets-what-was-unsubscribed", {session({"MQTT311-4.1.0-1"})}) {
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(run.topic("t"), 1);
  client.subscribe(run.topic("u"), 1);
  client.unsubscribe(run.topic("t"));
  client.cut();
  client.connect_persistent();
  publish_one(run, run.topic("t"));
  publish_one(run, run.topic("u"));
  check_equal(client.receive().topic, run.topic("u"), "topic of the only delivery");
  client.expect_nothing();
}

// --- What ends it ---

CASE("MQTT5-4.1.0-2/a-session-with-expiry-0-ends-with-its-connection", {session({}, v5_0)}) {
  Client& client = run.client();
  for (const bool orderly : {true, false}) {
    client.connect({.clean_start = false});
    client.subscribe(run.topic("t"), 1);
    if (orderly)
      client.disconnect();
    else
      client.cut();
    run.sleep(run.pace().quiet_for);
    publish_one(run, run.topic("t"));
    check(!client.connect({.clean_start = false}).session_present, "Session Present 0");
    client.expect_nothing();
  }
}

// Two sessions: one that has run out, and one that has not.
CASE("MQTT5-4.1.0-2/a-session-ends-when-its-expiry-interval-is-over",
     {.statements = {"MQTT5-3.1.2-23"},
      .needs = {Capability::persistent_session},
      .tags = {"session", "timer"}}) {
  Client& brief = run.client("brief");
  Client& lasting = run.client("lasting");
  brief.connect_persistent(1s);
  lasting.connect_persistent(600s);
  for (Client* client : {&brief, &lasting}) {
    client->subscribe(run.topic("t"), 1);
    client->cut();
  }
  publish_one(run, run.topic("t"));
  run.sleep(1s + run.pace().timer_slack);
  const bool gone = !brief.connect_persistent(1s).session_present;
  // How soon a server looks is its own matter; it need not serve from a session that has run out.
  if (!gone) run.non_strict("the session is there after its expiry interval and what a timer may be late");
  if (gone) brief.expect_nothing();
  check(lasting.connect_persistent().session_present, "Session Present 1 for the longer one");
  lasting.receive();
}

CASES {
  add_case("MQTT5-4.1.0-2/clean-start-ends-a-session", session({"MQTT311-3.1.2-6", "MQTT5-3.1.2-4"}),
           [](Run& run) {
             Client& client = run.client();
             client.connect_persistent();
             client.subscribe(run.topic("t"), 1);
             client.disconnect();
             publish_one(run, run.topic("t"));
             check(!client.connect().session_present, "Session Present 0");
             client.expect_nothing();
             publish_one(run, run.topic("t"));
             client.expect_nothing();
           });
}

// --- What is not part of it ---

CASE("MQTT5-4.1-n1/retained-messages-outlive-sessions",
     {.statements = {"MQTT311-4.1-n1"}, .versions = v3_1_1 | v5_0, .needs = {Capability::retain}}) {
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1, .retain = true, .topic = run.topic("t"), .payload = "kept"});
  publisher.disconnect();
  publisher.connect();  // Clean Start 1
  publisher.subscribe(run.topic("t"), 1);
  publisher.acknowledge(publisher.expect_publish(run.topic("t"), "kept"));
}

CASE("MQTT311-4.1-n1/retained-messages-survive-a-restart",
     {.statements = {"MQTT5-4.1-n1"},
      .versions = v3_1_1 | v5_0,
      .level = Level::should,
      .needs = {Capability::retain, Capability::restart, Capability::saved},
      .alone = true}) {
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1, .retain = true, .topic = run.topic("t"), .payload = "kept"});
  run.restart();
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  subscriber.acknowledge(subscriber.expect_publish(run.topic("t"), "kept"));
}

CASE("MQTT5-4.1-n1/qos-0-while-the-client-is-away", {.statements = {"MQTT311-3.1.2.4-n1"},
                                                     .versions = v3_1_1 | v5_0,
                                                     .needs = {Capability::persistent_session},
                                                     .tags = {"session"}}) {
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(run.topic("t"), 1);
  client.disconnect();
  publish_one(run, run.topic("t"), 0);
  client.connect_persistent();
  const bool queued =
      client.expect_one_of({sends<Publish>("delivers it"), stays_silent()}, run.pace().quiet_for) == 0;
  run.behaviour("queues QoS 0 for clients that are away", queued);
}

// --- 4.2 ---

CASES {
  for (const std::size_t bytes : {1, 7}) {
    add_case("MQTT5-4.2.0-1/a-stream-in-pieces-of-" + std::to_string(bytes),
             {.statements = {}, .versions = v5_0}, [bytes](Run& run) {
               Client& client = run.client();
               client.open();
               client.send_in_pieces(bytes, client.connect_packet());
               check_equal(client.expect<Connack>().reason_code, 0, "Reason Code of CONNACK");
               client.subscribe(run.topic("t"), 0);
               client.send_in_pieces(bytes, Publish{.topic = run.topic("t"), .payload = "in pieces"});
               client.expect_publish(run.topic("t"), "in pieces");
             });
  }
}

CASE("MQTT5-4.2.0-1/packets-in-one-piece", {}) {
  Client& client = run.connected();
  const auto bytes_of = [&](const Packet& packet) { return Encoder(packet, run.version()).bytes(); };
  client.send_bytes(bytes_of(Subscribe{.packet_id = 1, .subscriptions = {{run.topic("t"), 0}}}) +
                    bytes_of(Publish{.topic = run.topic("t"), .payload = "behind it"}) + bytes_of(Pingreq{}));
  client.expect<Suback>();
  client.expect_publish(run.topic("t"), "behind it");
  client.expect<Pingresp>();
}

CASE("MQTT5-4.2.0-1/a-large-message-both-ways", {}) {
  Client& client = run.client();
  const Connack connack = client.connect();
  const std::uint32_t limit = number(connack.properties, PropertyId::maximum_packet_size).value_or(268435455);
  const std::string payload(std::min<std::size_t>(200'000, limit / 2), 'x');
  client.subscribe(run.topic("t"), 0);
  client.publish(run.topic("t"), payload);
  check(client.receive().payload == payload, "the payload comes as it was");
}

}  // namespace mqttvet::conformance
