// DISCONNECT, in either direction.
#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

CLIENT_CASE("MQTT311-3.14.4-1/client-closes-behind-its-disconnect-and-sends-nothing-more",
            {.statements = {"MQTT311-3.14.4-2", "MQTT5-3.14.4-1", "MQTT5-3.14.4-2", "MQTT311-3.14.1-1",
                            "MQTT5-3.14.1-1", "MQTT5-3.14.2-n1"},
             .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.disconnect();
  check_equal(server.expect_next<Disconnect>().reason_code, 0, "reason code of DISCONNECT");
  // We keep our side open: it is the client that has to close.
  check(server.expect_closed().packets.empty(), "nothing comes behind DISCONNECT");
}

CLIENT_CASE("MQTT5-3.14.2-1/client-says-why-it-disconnects", {}) {
  Application& application = run.application(keeps_its_session());
  Server& server = run.server();
  server.welcome(application);
  application.disconnect(
      0x04, {{PropertyId::session_expiry_interval, 5}, {PropertyId::reason_string, "going home"}});
  const auto disconnect = server.expect_next<Disconnect>();
  check_equal(disconnect.reason_code, 0x04, "reason code of DISCONNECT");
  check_equal(number(disconnect.properties, PropertyId::session_expiry_interval).value_or(0), 5,
              "Session Expiry Interval");
  check_equal(text(disconnect.properties, PropertyId::reason_string).value_or(""), "going home",
              "Reason String");
}

CLIENT_CASE("MQTT5-3.14.4-n1/client-closes-when-the-server-disconnects",
            {.statements = {"MQTT5-4.13.2-1"}, .level = Level::should}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Disconnect{.reason_code = 0x8B});
  const Closing closing = server.expect_closed();  // we keep our side open
  check(closing.packets.empty() && !closing.reason_code, "nothing is sent behind the server's DISCONNECT");
}

CLIENT_CASE("MQTT5-4.11-n1/client-that-is-sent-to-another-server", {.level = Level::may}) {
  ProgramSettings settings;
  settings.reconnect = true;
  Application& application = run.application(settings);
  Server& server = run.server();
  server.welcome(application);
  server.send(
      Disconnect{.reason_code = 0x9C, .properties = {{PropertyId::server_reference, "another:1883"}}});
  server.close();
  run.sleep(10s);
  run.behaviour("comes back to a server that told it to use another one",
                run.venue().is_asked_for_a_connection());
}

CLIENT_CASE("MQTT5-3.14.2-n1/client-takes-a-disconnect-of-any-length", {}) {
  for (const char* hex : {"E0 00", "E0 01 8B", "E0 02 8B 00"}) {  // with nothing, a code, and no properties
    Application& application = run.application();
    Server& server = run.server();
    server.welcome(application);
    server.send_hex(hex);
    server.close();
    run.sleep(1s);
    server.welcome(application);  // it is as good as new
    server.expect_open();
    server.close();
  }
}

// A client that fights for its connection hurts everybody.
CLIENT_CASE("MQTT311-3.1.4-2/client-that-was-closed-comes-back-in-peace",
            {.level = Level::may, .tags = {"timer"}}) {
  ProgramSettings settings = keeps_its_session();
  settings.reconnect = true;
  Application& application = run.application(settings);
  Server& server = run.server();
  server.welcome(application);
  server.close();
  int connections = 0;
  const Time until = run.now() + 60s;
  while (run.now() < until) {
    run.wait(until);
    if (!run.venue().is_asked_for_a_connection()) continue;
    server.greet({.session_present = true});
    server.close();
    ++connections;
  }
  run.behaviour("connections in a minute when each is closed at once", std::to_string(connections));
}

}  // namespace
}  // namespace mqttvet::conformance
