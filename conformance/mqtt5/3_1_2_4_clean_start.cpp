// 3.1.2.4 Clean Start (3.1.1: Clean Session), and 3.1.2.11.2, 3.1.3.1: which session it is about.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.1.2-5/a-session-is-resumed",
     {.statements = {"MQTT5-3.1.4-4", "MQTT5-3.2.2-3", "MQTT311-3.1.2-4", "MQTT311-3.1.2-5",
                     "MQTT311-3.1.4-3"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::persistent_session, Capability::qos_2}}) {
  Client& client = run.client();
  Client& publisher = run.client("publisher");
  check(!client.connect_persistent().session_present, "Session Present 0 the first time");
  client.subscribe(run.topic("one"), 1);
  client.subscribe(run.topic("two"), 2);
  client.disconnect();
  publisher.connect();
  publisher.publish(run.topic("one"), "a", 1);
  publisher.publish(run.topic("two"), "b", 2);
  publisher.publish(run.topic("one"), "c", 1);
  check(client.connect_persistent().session_present, "Session Present 1 the second time");
  // Order holds for messages of one topic and QoS.
  std::vector<std::string> payloads;
  for (int i = 0; i < 3; ++i) {
    const Publish publish = client.receive();
    check_equal(publish.qos, publish.payload == "b" ? 2 : 1, "QoS of the PUBLISH");
    if (publish.payload != "b") payloads.push_back(publish.payload);
  }
  check(payloads == std::vector<std::string>{"a", "c"}, "all three messages, those at QoS 1 in their order");
  publisher.publish(run.topic("one"), "d", 1);
  check_equal(client.receive().payload, "d", "payload of a message after the resume");
}

CASE("MQTT5-3.1.2-5/subscription-options-are-resumed",
     {.needs = {Capability::persistent_session, Capability::subscription_identifier}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(Subscribe{.properties = {{PropertyId::subscription_identifier, 42}},
                             .subscriptions = {{.topic_filter = topic, .qos = 1, .no_local = true}}});
  client.disconnect();
  client.connect_persistent();
  client.publish(topic, "own", 1);
  client.expect_nothing();
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "another's", 1);
  const Publish publish = client.expect_publish(topic, "another's");
  check(subscription_identifiers(publish.properties) == std::vector<std::uint32_t>{42},
        "the Subscription Identifier of before");
  client.acknowledge(publish);
}

CASE("MQTT5-3.1.2-6/a-session-is-created",
     {.statements = {"MQTT5-3.1.4-4", "MQTT5-3.2.2-3", "MQTT311-3.1.2-4", "MQTT311-3.2.2-3"},
      .versions = v3_1_1 | v5_0}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  check(!client.connect_persistent().session_present, "Session Present 0 for a new client identifier");
  client.subscribe(topic);
  client.publish(topic, "m");
  client.expect_publish(topic, "m");
}

CASE("MQTT5-3.1.2-4/clean-start-forgets-what-is-queued",
     {.statements = {"MQTT5-3.2.2-2", "MQTT5-3.1.2.4-n1", "MQTT5-3.1.4-4", "MQTT311-3.1.2-6",
                     "MQTT311-3.2.2-1", "MQTT311-3.1.4-3"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::persistent_session, Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(topic, 1);
  client.disconnect();
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "for the old session", 1);
  check(!client.connect({.clean_start = true}).session_present, "Session Present 0 with Clean Start 1");
  client.expect_nothing();
  client.disconnect();
  check(!client.connect_persistent().session_present, "Session Present 0: the clean session ended, too");
  client.expect_nothing();
}

CASE("MQTT5-3.1.2-4/clean-start-with-an-expiry-begins-a-session",
     {.needs = {Capability::persistent_session, Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect({.clean_start = true, .properties = {{PropertyId::session_expiry_interval, 300}}});
  client.subscribe(topic, 1);
  client.disconnect();
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "offline", 1);
  check(client.connect_persistent().session_present, "Session Present 1: the session lived on");
  check_equal(client.receive().payload, "offline", "payload of the queued message");
}

CASE("MQTT5-3.1.4-4/takeover-with-clean-start-0-resumes",
     {.statements = {"MQTT5-3.1.2-5", "MQTT311-3.1.4-3", "MQTT311-3.2.2-2"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::persistent_session, Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& first = run.client("first");
  Client& second = run.client("second");
  second.set_client_id(first.client_id());
  first.connect_persistent();
  first.subscribe(topic, 1);
  check(second.connect_persistent().session_present, "Session Present 1 after the takeover");
  first.expect_closed({0x8E});
  second.publish(topic, "m", 1);
  check_equal(second.receive().payload, "m", "payload for the subscription of before");
}

CASE("MQTT5-3.1.4-4/takeover-with-clean-start-1-begins-anew",
     {.statements = {"MQTT5-3.2.2-2", "MQTT5-3.1.2-4", "MQTT311-3.1.4-3", "MQTT311-3.2.2-1"},
      .versions = v3_1_1 | v5_0}) {
  const std::string topic = run.topic("t");
  Client& first = run.client("first");
  Client& second = run.client("second");
  second.set_client_id(first.client_id());
  first.connect_persistent();
  first.subscribe(topic);
  check(!second.connect({.clean_start = true}).session_present, "Session Present 0 with Clean Start 1");
  first.expect_closed({0x8E});
  second.publish(topic, "m");
  second.expect_nothing();
}

// --- 3.1.2.11.2: Session Expiry Interval ---

CASE("MQTT5-3.1.2-23/a-session-outlives-its-connection",
     {.statements = {"MQTT5-3.2.2-3"}, .needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& client = run.client();
  client.connect_persistent(3s);
  client.cut();
  run.sleep(1s);
  check(client.connect_persistent(3s).session_present, "Session Present 1 before the interval is over");
}

CASE("MQTT5-3.1.2-23/an-expired-session-is-gone",
     {.statements = {"MQTT5-3.2.2-3"}, .needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& client = run.client();
  const Connack connack = client.connect_persistent(1s);
  if (number(connack.properties, PropertyId::session_expiry_interval).value_or(1) != 1)
    run.unimplemented("the server uses a Session Expiry Interval of its own");
  client.cut();
  run.sleep(1s + run.pace().timer_slack);
  check(!client.connect_persistent(1s).session_present, "Session Present 0 after the interval");
}

CASE("MQTT5-3.1.2.11.2-n1/an-absent-interval-is-0", {}) {
  Client& client = run.client();
  client.connect({.clean_start = false});
  client.disconnect();
  check(!client.connect({.clean_start = false}).session_present,
        "Session Present 0: no interval, no session");
}

CASE("MQTT5-3.1.2.11.2-n1/interval-0-ends-the-session-with-the-connection", {}) {
  Client& client = run.client();
  const Connect zero{.clean_start = false, .properties = {{PropertyId::session_expiry_interval, 0}}};
  client.connect(zero);
  client.cut();
  run.sleep(run.pace().quiet_for);  // for the server to notice the cut: else it is a takeover
  check(!client.connect(zero).session_present, "Session Present 0 after an interval of 0");
}

CASE("MQTT5-3.1.2.11.2-n1/interval-ffffffff-does-not-expire",
     {.statements = {"MQTT5-3.1.2-23"}, .needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& client = run.client();
  client.connect_persistent(0xFFFFFFFFs);
  client.cut();
  run.sleep(1s + run.pace().timer_slack);
  check(client.connect_persistent(0xFFFFFFFFs).session_present, "Session Present 1");
}

CASE("MQTT5-3.1.2.11.2-n1/the-interval-of-the-last-connect-counts",
     {.needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& client = run.client();
  client.connect_persistent(1s);
  client.disconnect();
  client.connect_persistent(300s);
  client.cut();
  run.sleep(1s + run.pace().timer_slack);
  check(client.connect_persistent().session_present, "Session Present 1: 300 s replaced 1 s");
}

// --- 3.1.3.1: whose session ---

CASE("MQTT5-3.1.3-2/every-client-identifier-has-its-session",
     {.statements = {"MQTT311-3.1.3-2"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::persistent_session, Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& one = run.client("one");
  Client& other = run.client("other");
  one.connect_persistent();
  one.subscribe(topic, 1);
  one.disconnect();
  check(!other.connect_persistent().session_present, "Session Present 0 for another client identifier");
  other.publish(topic, "m", 1);
  other.expect_nothing();
  check(one.connect_persistent().session_present, "Session Present 1 for the first");
  check_equal(one.receive().payload, "m", "payload of the queued message");
}

CASE("MQTT5-3.1.3-2/client-identifiers-differ-by-case", {.statements = {"MQTT311-3.1.3-2"},
                                                         .versions = v3_1_1 | v5_0,
                                                         .needs = {Capability::persistent_session}}) {
  Client& lower = run.client("lower");
  Client& upper = run.client("upper");
  lower.set_client_id(run.unique("client") + "a");
  std::string other = lower.client_id();
  other.back() = 'A';
  upper.set_client_id(other);
  lower.connect_persistent();
  check(!upper.connect_persistent().session_present, "Session Present 0: not the session of the other");
  lower.expect_open();
  lower.disconnect();
  check(lower.connect_persistent().session_present, "Session Present 1 for the first");
}

}  // namespace mqttvet::conformance
