// 3.1 CONNECT: connection request.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.1.0-2/second-connect-closes", {.statements = {"MQTT311-3.1.0-2"}, .versions = all_versions}) {
  Client& client = run.connected();
  client.send(client.connect_packet());
  const Closing closing = client.expect_closed({0x82});
  check(closing.packets.empty(), "no answer to the second CONNECT");
}

CASE("MQTT5-3.1.2-4/clean-start-discards-the-session", {.statements = {"MQTT311-3.1.2-6", "MQTT311-3.2.2-1"},
                                                        .versions = v3_1_1 | v5_0,
                                                        .needs = {Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(topic, 1);
  client.disconnect();

  const Connack connack = client.connect({.clean_start = true});
  check(!connack.session_present, "Session Present 0 after a clean start");
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "for the old session", 1);
  client.expect_nothing();
}

CASE("MQTT5-3.1.2-22/keep-alive-runs-out",
     {.statements = {"MQTT311-3.1.2-24"}, .versions = all_versions, .tags = {"timer"}}) {
  Client& silent = run.client("silent");
  Client& talking = run.client("talking");
  silent.connect({.keep_alive = 2});
  const Time due = silent.sent_at() + 3s;
  const Time latest = due + run.pace().timer_slack;
  talking.connect({.keep_alive = 2});
  while (silent.is_open() && run.now() < latest) {
    run.sleep(500ms);
    talking.ping();
  }
  const Closing closing = silent.expect_closed({0x8D});
  check(closing.at <= latest, "it is closed soon after one and a half times the keep-alive");
  // A server may close whenever it takes a client for dead.
  if (closing.at < due) run.non_strict("closed before one and a half times the keep-alive was over");
  talking.expect_open();
}

CASE("MQTT5-3.1.4-3/takeover-closes-the-old-connection",
     {.statements = {"MQTT311-3.1.4-2", "MQTT31-3.1-n3"}, .versions = all_versions}) {
  Client& first = run.client("first");
  Client& second = run.client("second");
  second.set_client_id(first.client_id());
  first.connect();
  second.connect();
  first.expect_closed({0x8E});
  second.expect_open();
}

}  // namespace mqttvet::conformance
