// 3.1 CONNECT: what 3.1.1 (and 3.1) say differently from 5.0.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT311-3.1.2-22/password-without-user-name-closes", {.tags = {"malformed"}}) {
  Client& client = run.client();
  client.open();
  // clang-format off
  client.send_hex("10 11  00 04 4D 51 54 54 04"  // "MQTT", level 4
                  "42  00 00"                    // Connect Flags: password, no user name; clean session
                  "00 01 61  00 02 70 77");      // client identifier "a", password "pw"
  // clang-format on
  const Closing closing = client.expect_closed();
  check(!closing.reason_code, "no CONNACK");
}

CASE("MQTT311-3.2.2-2/session-present-for-an-empty-session", {.needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  check(!client.connect_persistent().session_present, "Session Present 0 the first time");
  client.disconnect();
  check(client.connect_persistent().session_present, "Session Present 1 the second time");
}

CASE("MQTT311-3.1.2-6/a-clean-session-ends-with-its-connection",
     {.statements = {"MQTT311-3.2.2-3"}, .versions = v3_1_1}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect({.clean_start = true});
  client.subscribe(topic, 1);
  client.disconnect();
  check(!client.connect_persistent().session_present, "Session Present 0 after a clean session");
  client.publish(topic, "m", 1);
  client.expect_nothing();
}

CASE("MQTT311-3.1.2.4-n1/qos-0-for-a-session-without-connection",
     {.level = Level::may, .needs = {Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(topic, 1);
  client.disconnect();
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "qos 0", 0);
  publisher.publish(topic, "qos 1", 1);
  client.connect_persistent();
  const Publish first = client.receive();
  const bool queued = first.payload == "qos 0";
  if (queued) client.expect_publish(topic, "qos 1");
  run.behaviour("queues QoS 0 for a session without connection", queued);
}

CASE("MQTT311-3.1.3-8/empty-identifier-with-clean-session-0",
     {.statements = {"MQTT311-3.2.2-4", "MQTT311-3.2.2-5"}}) {
  Client& client = run.client();
  client.set_client_id("");
  Connect connect = client.connect_packet();
  connect.clean_start = false;
  client.open();
  client.send(connect);
  const Connack connack = client.expect_next<Connack>();
  check_equal(connack.reason_code, 2, "return code");
  check(!connack.session_present, "Session Present 0");
  client.expect_closed();
}

CASE("MQTT311-3.1.2-12/no-will-without-the-flag", {}) {
  Client& witness = run.subscribed(run.topic("#"), 0, "witness");
  Client& client = run.connected();
  client.cut();
  witness.expect_nothing();
}

CASE("MQTT311-3.1.2.10-n2/a-server-may-close-earlier", {.level = Level::may, .tags = {"timer"}}) {
  Client& client = run.client();
  client.connect({.keep_alive = 60});
  run.sleep(run.pace().quiet_for);
  run.behaviour("closes idle connections before their keep-alive", !client.is_open());
}

}  // namespace mqttvet::conformance
