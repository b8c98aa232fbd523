// What the client sends again when it comes back, and what it does not.
#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

// A session that continues: cut, connected again.
void come_back(Run& run, Application& application, Server& server, bool session_present = true) {
  server.cut();
  run.sleep(1s);
  application.connect();
  server.greet({.session_present = session_present});
}

CLIENT_CASE("MQTT5-4.4.0-1/client-sends-an-unacknowledged-qos-1-message-again",
            {.statements = {"MQTT311-4.4.0-1", "MQTT5-3.3.1-1", "MQTT311-3.3.1-1", "MQTT311-2.3.1-3",
                            "MQTT311-3.1.2-4", "MQTT5-3.1.2-23", "MQTT5-4.3.2-3"},
             .versions = all_versions,
             .tags = {"qos1", "resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  const Asked asked = application.publish(run.topic("t"), "x", 1);
  Publish wanted = server.expect<Publish>();
  come_back(run, application, server);
  wanted.dup = true;
  check(server.expect<Publish>() == wanted, "the same PUBLISH with DUP 1 comes again: " + describe(wanted));
  server.send(Puback{.packet_id = wanted.packet_id});
  server.expect_nothing();
  application.expect_ended(asked);
}

CLIENT_CASE("MQTT5-4.4.0-1/client-sends-an-unacknowledged-qos-2-message-again",
            {.statements = {"MQTT311-4.4.0-1", "MQTT5-3.3.1-1", "MQTT311-3.3.1-1", "MQTT311-4.3.3-1",
                            "MQTT5-4.3.3-3"},
             .versions = all_versions,
             .tags = {"qos2", "resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "x", 2);
  Publish wanted = server.expect<Publish>();
  come_back(run, application, server);
  wanted.dup = true;
  check(server.expect<Publish>() == wanted, "the same PUBLISH with DUP 1 comes again: " + describe(wanted));
  server.send(Pubrec{.packet_id = wanted.packet_id});
  check_equal(server.expect<Pubrel>().packet_id, wanted.packet_id, "packet identifier of PUBREL");
  server.send(Pubcomp{.packet_id = wanted.packet_id});
  server.expect_nothing();
}

CLIENT_CASE("MQTT5-4.3.3-6/client-sends-pubrel-again-and-not-publish",
            {.statements = {"MQTT311-4.4.0-1", "MQTT5-4.4.0-1", "MQTT311-4.3.3-1", "MQTT5-4.3.3-5"},
             .versions = v3_1_1 | v5_0,
             .tags = {"qos2", "resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "x", 2);
  const std::uint16_t packet_id = server.expect<Publish>().packet_id;
  server.send(Pubrec{.packet_id = packet_id});
  server.expect<Pubrel>();
  come_back(run, application, server);
  check_equal(server.expect_next<Pubrel>().packet_id, packet_id, "packet identifier of PUBREL");
  server.send(Pubcomp{.packet_id = packet_id});
  server.expect_nothing();
}

CLIENT_CASE("MQTT5-4.6.0-1/client-sends-messages-again-in-their-first-order",
            {.statements = {"MQTT311-4.6.0-1"}, .versions = v3_1_1 | v5_0, .tags = {"resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  std::vector<Publish> first;
  for (int i = 0; i < 6; ++i) {
    application.publish(run.topic("t"), std::to_string(i), static_cast<std::uint8_t>(1 + i % 2));
    first.push_back(server.expect<Publish>());
  }
  come_back(run, application, server);
  for (const Publish& publish : first) {
    const auto again = server.expect<Publish>();
    check_equal(again.payload, publish.payload, "payload of the next PUBLISH that is sent again");
    check_equal(again.packet_id, publish.packet_id, "its packet identifier");
  }
}

CLIENT_CASE("MQTT5-4.3.2-3/client-does-not-send-again-what-was-acknowledged",
            {.statements = {"MQTT311-4.3.2-1", "MQTT311-4.3.3-1"},
             .versions = v3_1_1 | v5_0,
             .tags = {"resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "one", 1);
  server.receive();
  application.publish(run.topic("t"), "two", 2);
  server.receive();
  application.publish(run.topic("t"), "zero", 0);
  server.receive();
  come_back(run, application, server);
  server.expect_nothing();
}

CLIENT_CASE("MQTT5-4.4.0-2/client-does-not-send-again-what-was-refused", {.tags = {"resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "one", 1);
  server.send(Puback{.packet_id = server.expect<Publish>().packet_id, .reason_code = 0x97});
  application.publish(run.topic("t"), "two", 2);
  server.send(Pubrec{.packet_id = server.expect<Publish>().packet_id, .reason_code = 0x97});
  run.sleep(1s);
  server.forget_inbox();
  come_back(run, application, server);
  server.expect_nothing();
}

CLIENT_CASE("MQTT5-4.4.0-1/client-sends-nothing-again-while-it-is-connected", {.tags = {"timer"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "one", 1);
  server.expect<Publish>();
  application.publish(run.topic("t"), "two", 2);
  server.expect<Publish>();
  server.expect_nothing(300s);
}

CLIENT_CASE("MQTT311-4.4-n1/client-that-waits-for-an-acknowledgement",
            {.level = Level::may, .tags = {"timer"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "one", 1);
  server.expect<Publish>();
  run.sleep(300s);
  run.behaviour("repeats a PUBLISH on a live connection", !server.inbox().empty());
}

CLIENT_CASE("MQTT5-3.1.2-4/client-that-starts-clean-sends-nothing-again",
            {.statements = {"MQTT311-3.1.2-6"}, .versions = v3_1_1 | v5_0, .tags = {"resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "two", 2);
  server.send(Pubrec{.packet_id = server.expect<Publish>().packet_id});
  server.expect<Pubrel>();
  application.publish(run.topic("t"), "one", 1);
  server.expect<Publish>();
  server.cut();
  run.sleep(1s);
  application.connect(Connect{.clean_start = true});
  check(server.greet().clean_start, "the client starts clean");
  run.sleep(5s);
  for (const Packet& packet : server.inbox()) {
    const auto* publish = std::get_if<Publish>(&packet);
    check(publish && !publish->dup, "nothing of the old session is sent as such: " + describe(packet));
  }
}

CLIENT_CASE("MQTT5-3.1.2-23/client-goes-on-as-receiver-of-qos-2",
            {.statements = {"MQTT311-3.1.2-4"}, .versions = v3_1_1 | v5_0, .tags = {"qos2", "resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  server.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 9, .payload = "x"});
  server.expect<Pubrec>();
  come_back(run, application, server);
  server.send(Pubrel{.packet_id = 9});
  const auto pubcomp = server.expect<Pubcomp>();
  check_equal(pubcomp.packet_id, 9, "packet identifier of PUBCOMP");
  check_equal(pubcomp.reason_code, 0, "reason code of PUBCOMP");
  application.expect_message(run.topic("t"), "x");
}

CLIENT_CASE("MQTT5-3.1.4-3/client-that-was-taken-over-does-not-fight", {.level = Level::should}) {
  ProgramSettings settings = keeps_its_session();
  settings.reconnect = true;
  Application& application = run.application(settings);
  Server& server = run.server();
  server.welcome(application);
  server.send(Disconnect{.reason_code = 0x8E});
  server.half_close();
  server.expect_closed({}, 30s);
  int connections = 0;
  const Time until = run.now() + 60s;
  while (run.now() < until) {
    run.wait(until);
    if (!run.venue().is_asked_for_a_connection()) continue;
    server.greet({.session_present = true});
    ++connections;
    server.send(Disconnect{.reason_code = 0x8E});
    server.half_close();
  }
  run.behaviour("connections in a minute after Session taken over", std::to_string(connections));
}

}  // namespace
}  // namespace mqttvet::conformance
