// 3.1 CONNECT: connection request.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {

CASE("MQTT5-3.1.0-2/second-connect-closes", {.statements = {"MQTT311-3.1.0-2"}, .versions = all_versions}) {
  Client& client = run.client();
  client.connect();
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
  Client& publisher = run.client("publisher");
  publisher.connect();
  publisher.publish(topic, "for the old session", 1);
  client.expect_nothing();
}

CASE("MQTT5-3.1.2-22/keep-alive-runs-out",
     {.statements = {"MQTT311-3.1.2-24"}, .versions = all_versions, .tags = {"timer"}}) {
  Client& silent = run.client("silent");
  Client& talking = run.client("talking");
  silent.connect({.keep_alive = 2});
  const Time due = silent.sent_at() + 3s;
  talking.connect({.keep_alive = 2});
<<<<<<< HEAD
<<<<<<< HEAD
  const Time latest = begun + 3s + run.pace().timer_slack;
  while (silent.is_open() && run.now() < latest) {
    run.sleep(500ms);
    talking.ping();
  }
  const Closing closing = silent.expect_closed({0x8D});
=======
  run.sleep_until(begun + 1500ms);
  talking.ping();
  run.sleep_until(begun + 2900ms);
  talking.ping();
  check(silent.is_open(), "the connection stays for one and a half times the keep-alive");
  const Closing closing = silent.expect_closed({0x8D}, 100ms + run.pace().timer_slack);
>>>>>>> eb2a252 (conformance: sections 1.5, 2, 3.1 and 3.2; malformed packets of every type)
  check(closing.at - begun >= 3s, "it is closed no earlier than after one and a half times the keep-alive");
  check(closing.at <= latest, "it is closed soon after one and a half times the keep-alive");
  talking.expect_open();
=======
  while (silent.is_open() && run.now() < due + run.pace().timer_slack) {
    run.sleep(500ms);
    talking.ping();
  }
  const Closing closing = silent.expect_closed({0x8D}, 1ms);
  check(closing.at <= due + run.pace().timer_slack,
        "closed when one and a half times the keep-alive is over");
  // A server may close whenever it takes a client for dead.
  if (closing.at < due) run.non_strict("closed before one and a half times the keep-alive was over");
>>>>>>> d3b364a (conformance: MQTT 3.1, what 3.1.1 says for itself, keep-alives that end early; longer packets)
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
