// What the client does about a CONNACK: refusals, Session Present, and what comes at the wrong time.
#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

struct Refusal {
  const char* name;
  Versions versions;
  std::uint8_t code;
  std::vector<std::string> statements;
};
const Refusal kRefusals[] = {
    {"MQTT311-3.1.2-2/client-reports-an-unacceptable-protocol-level", v3, 1, {}},
    {"MQTT311-3.1.3-9/client-reports-a-refused-client-identifier", v3, 2, {"MQTT311-3.1.3-8"}},
    {"MQTT311-3.2.2-5/client-reports-a-server-that-is-unavailable", v3, 3, {}},
    {"MQTT311-3.2.2-5/client-reports-bad-credentials", v3, 4, {}},
    {"MQTT311-3.2.2-5/client-reports-that-it-is-not-authorised", v3, 5, {}},
    {"MQTT5-3.1.2-2/client-reports-an-unsupported-protocol-version", v5_0, 0x84, {}},
    {"MQTT5-3.1.3-8/client-reports-a-refused-client-identifier", v5_0, 0x85, {}},
    {"MQTT5-3.1.4-2/client-reports-bad-credentials", v5_0, 0x86, {}},
    {"MQTT5-3.2.2-7/client-reports-a-server-that-is-busy", v5_0, 0x89, {}},
    {"MQTT5-4.12.0-1/client-reports-a-bad-authentication-method", v5_0, 0x8C, {}},
    {"MQTT5-3.2.2-7/client-reports-a-banned-client", v5_0, 0x8A, {}},
};
CASES {
  for (const Refusal& row : kRefusals) {
    add_client_case(row.name, {.statements = row.statements, .versions = row.versions}, [row](Run& run) {
      Application& application = run.application();
      Server& server = run.server();
      const Asked asked = application.connect();
      server.greet({.reason_code = row.code});
      application.expect_refused(asked);
      server.half_close();
      for (const Packet& packet : server.expect_closed({}, 30s).packets)
        check(false, "nothing is sent behind the refusal: " + describe(packet));
    });
  }
}

CLIENT_CASE("MQTT5-3.1.4-5/client-proceeds-when-it-is-accepted",
            {.statements = {"MQTT311-3.1.4-4", "MQTT311-7.0.0-2", "MQTT311-7.1.2-1", "MQTT5-4.2.0-1"},
             .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "hello", 0);
  server.expect_publish(run.topic("t"), "hello");
}

// --- Session Present ---

CLIENT_CASE("MQTT5-3.2.2-4/client-without-a-session-closes-when-one-is-present",
            {.statements = {"MQTT5-3.2.2-2"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  application.connect();
  server.greet({.session_present = true});
  server.expect_closed({0x82});
}

CLIENT_CASE("MQTT5-3.2.2-4/client-that-asked-for-a-clean-start-closes-when-a-session-is-present",
            {.statements = {"MQTT5-3.2.2-2"}}) {
  Application& application = run.application();
  Server& server = run.server();
  application.connect();
  server.greet({.session_present = true});
  server.expect_closed({0x82});
}

CLIENT_CASE("MQTT311-3.2.2-1/client-that-asked-for-a-clean-session-and-is-told-of-an-old-one",
            {.level = Level::may}) {
  Application& application = run.application();
  Server& server = run.server();
  application.connect();
  server.greet({.session_present = true});
  server.expect_closed();
}

CLIENT_CASE("MQTT5-3.2.2-5/client-drops-its-publish-when-no-session-is-present",
            {.tags = {"qos1", "resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "of the old session", 1);
  server.expect<Publish>();
  server.cut();
  run.sleep(1s);
  application.connect();
  server.greet({.session_present = false});
  run.sleep(5s);
  for (const Packet& packet : server.inbox()) {
    const auto* publish = std::get_if<Publish>(&packet);
    check(!publish || !publish->dup,
          "no PUBLISH of the old session is sent again as such: " + describe(packet));
  }
}

CLIENT_CASE("MQTT5-3.2.2-5/client-drops-its-pubrel-when-no-session-is-present",
            {.tags = {"qos2", "resume"}}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "of the old session", 2);
  server.send(Pubrec{.packet_id = server.expect<Publish>().packet_id});
  server.expect<Pubrel>();
  server.cut();
  run.sleep(1s);
  application.connect();
  server.greet({.session_present = false});
  run.sleep(5s);
  for (const Packet& packet : server.inbox())
    check(!std::holds_alternative<Pubrel>(packet),
          "no PUBREL of the old session is sent: " + describe(packet));
}

// --- At the wrong time, or wrong ---

CLIENT_CASE("MQTT311-3.2.0-1/client-closes-when-a-publish-comes-before-connack",
            {.statements = {"MQTT311-4.8.0-1"}}) {
  Application& application = run.application();
  Server& server = run.server();
  application.connect();
  server.accept();
  server.expect<Connect>();
  server.send(Publish{.topic = run.topic("early"), .payload = "x"});
  server.expect_closed();
  application.expect_no_message();
}

CLIENT_CASE("MQTT5-3.2.0-1/client-closes-when-a-publish-comes-before-connack", {.level = Level::should}) {
  Application& application = run.application();
  Server& server = run.server();
  application.connect();
  server.accept();
  server.expect<Connect>();
  server.send(Publish{.topic = run.topic("early"), .payload = "x"});
  server.expect_closed({0x82});
  application.expect_no_message();
}

void expect_no_second_connack(Run& run) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Connack{});
  server.expect_closed({0x82});
}
CLIENT_CASE("MQTT311-4.8.0-1/client-closes-at-a-second-connack", {.statements = {"MQTT311-3.2.0-1"}}) {
  expect_no_second_connack(run);
}
CLIENT_CASE("MQTT5-3.2.0-2/client-closes-at-a-second-connack", {.level = Level::should}) {
  expect_no_second_connack(run);
}

CLIENT_CASE("MQTT311-3.2.2-6/client-does-not-take-an-unknown-return-code-for-success", {}) {
  Application& application = run.application();
  Server& server = run.server();
  const Asked asked = application.connect();
  server.accept();
  server.expect<Connect>();
  server.send_hex("20 02 00 06");  // CONNACK, return code 6: reserved
  application.expect_refused(asked, 60s);
}

CLIENT_CASE("MQTT5-3.2.2-8/client-does-not-take-an-unknown-reason-code-for-success", {}) {
  Application& application = run.application();
  Server& server = run.server();
  const Asked asked = application.connect();
  server.accept();
  server.expect<Connect>();
  server.send_hex("20 03 00 8E 00");  // CONNACK, Session taken over: of DISCONNECT only
  application.expect_refused(asked, 60s);
}

// --- While it waits for CONNACK ---

CLIENT_CASE("MQTT5-3.1.2-30/client-with-an-authentication-method-sends-nothing-before-connack", {}) {
  Application& application =
      run.application({.connect = {.properties = {{PropertyId::authentication_method, "SCRAM-SHA-256"}}}});
  Server& server = run.server();
  application.connect();
  server.accept();
  server.expect<Connect>();
  application.publish(run.topic("t"), "too early", 1);
  application.subscribe(run.topic("t"), 1);
  server.expect_nothing();
}

}  // namespace
}  // namespace mqttvet::conformance
