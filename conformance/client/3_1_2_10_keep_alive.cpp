// Keep Alive, Server Keep Alive, PINGREQ and the wait for PINGRESP.
#include <algorithm>

#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

// Answers PINGREQs until then. Returns the longest time between two packets of the client.
Duration longest_gap(Run& run, Server& server, Time from, Time until) {
  Duration longest{0};
  Time last = from;
  while (true) {
    while (!server.inbox().empty()) {
      if (std::holds_alternative<Pingreq>(server.expect_any())) server.send(Pingresp{});
      longest = std::max(longest, server.arrived_at() - last);
      last = server.arrived_at();
    }
    if (run.now() >= until) return std::max(longest, until - last);
    check(server.is_open(), "the client keeps its connection");
    run.wait(until);
  }
}

void check_gaps(Run& run, Server& server, std::chrono::seconds keep_alive) {
  const Time connected = run.now();
  const Duration longest = longest_gap(run, server, connected, connected + 10 * keep_alive);
  check(
      longest <= keep_alive + run.pace().timer_slack,
      fmt_seconds("the client is never silent for longer than its keep-alive; the longest silence", longest));
}

CLIENT_CASE("MQTT5-3.1.2-20/client-pings-within-the-keep-alive",
            {.statements = {"MQTT311-3.1.2-23"}, .versions = all_versions, .tags = {"timer"}}) {
  Application& application = run.application({.connect = {.keep_alive = 10}});
  Server& server = run.server();
  server.welcome(application);
  check_gaps(run, server, 10s);
}

CLIENT_CASE("MQTT5-3.1.2-20/client-pings-although-it-receives",
            {.statements = {"MQTT311-3.1.2-23"}, .versions = v3_1_1 | v5_0, .tags = {"timer"}}) {
  Application& application = run.application({.connect = {.keep_alive = 10}});
  Server& server = run.server();
  server.welcome(application);
  Time last = run.now();
  const Time until = last + 60s;
  while (run.now() < until) {
    server.send(Publish{.topic = run.topic("news"), .payload = "QoS 0: no answer"});
    run.sleep(3s);
    while (!server.inbox().empty()) {
      if (std::holds_alternative<Pingreq>(server.expect_any())) server.send(Pingresp{});
      last = server.arrived_at();
    }
    check(run.now() - last <= 13s, "the client sends something every ten seconds, whatever it receives");
  }
}

CLIENT_CASE("MQTT5-3.1.2-20/client-whose-publishes-wait-for-nobody-pings",
            {.statements = {"MQTT311-3.1.2-23"}, .versions = v3_1_1 | v5_0, .tags = {"timer"}}) {
  Application& application = run.application({.connect = {.keep_alive = 10}});
  Server& server = run.server();
  server.welcome(application);
  application.publish(run.topic("t"), "its PUBACK never comes", 1);
  server.expect<Publish>();
  check_gaps(run, server, 10s);
}

CLIENT_CASE("MQTT5-3.1.2-21/client-uses-a-shorter-server-keep-alive",
            {.statements = {"MQTT5-3.2.2-21"}, .tags = {"timer"}}) {
  Application& application = run.application({.connect = {.keep_alive = 60}});
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::server_keep_alive, 10}}));
  check_gaps(run, server, 10s);
}

CLIENT_CASE("MQTT5-3.1.2-21/client-without-a-keep-alive-uses-that-of-the-server",
            {.statements = {"MQTT5-3.2.2-21"}, .tags = {"timer"}}) {
  Application& application = run.application({.connect = {.keep_alive = 0}});
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::server_keep_alive, 10}}));
  check_gaps(run, server, 10s);
}

CLIENT_CASE("MQTT5-3.1.2-21/client-forgets-the-server-keep-alive-of-its-last-connection",
            {.tags = {"timer"}}) {
  Application& application = run.application({.connect = {.keep_alive = 10}});
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::server_keep_alive, 3000}}));
  server.cut();
  run.sleep(1s);
  application.connect();
  check_equal(server.greet().keep_alive, 10, "keep-alive of the second CONNECT");
  check_gaps(run, server, 10s);
}

CLIENT_CASE("MQTT5-3.1.2.10-n1/client-gives-up-without-pingresp",
            {.statements = {"MQTT311-3.1.2.10-n1", "MQTT5-3.12.4-1", "MQTT311-3.12.4-1"},
             .versions = all_versions,
             .level = Level::should,
             .tags = {"timer"}}) {
  Application& application = run.application({.connect = {.keep_alive = 5}});
  Server& server = run.server();
  server.welcome(application);
  server.expect<Pingreq>(6s);
  const Time asked = server.arrived_at();
  const Closing closing = server.expect_closed({}, 30s);
  run.behaviour("waits for PINGRESP", fmt_seconds("about", closing.at - asked));
}

CLIENT_CASE("MQTT5-3.13.4-n1/client-takes-a-pingresp-that-nobody-asked-for",
            {.statements = {"MQTT311-4.8.0-1"}, .versions = v3_1_1 | v5_0, .level = Level::may}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(Pingresp{});
  server.expect_open();
}

CLIENT_CASE("MQTT5-3.2-n1/client-gives-up-without-connack", {.statements = {"MQTT311-3.2-n1"},
                                                             .versions = all_versions,
                                                             .level = Level::should,
                                                             .tags = {"timer"}}) {
  Application& application = run.application();  // it connects for 30 s
  Server& server = run.server();
  const Asked asked = application.connect();
  server.accept();
  server.expect<Connect>();
  server.expect_closed({}, 60s);
  application.expect_refused(asked);
}

}  // namespace
}  // namespace mqttvet::conformance
