// CONNECT, as the client under test sends it. That a CONNECT is well-formed (its flags agree with its
// payload, its strings are UTF-8, its properties are permitted) the harness checks for every one of them.
#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

const Will kWill{
    .qos = 2,
    .retain = true,
    .properties = {{PropertyId::will_delay_interval, 5}, {PropertyId::content_type, "text/plain"}},
    .topic = "last/words",
    .payload = "gone"};

CLIENT_CASE("MQTT5-3.1.0-1/client-connect-is-the-first-packet",
            {.statements = {"MQTT311-3.1.0-1", "MQTT5-3.1.2-1", "MQTT31-2-n1"}, .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  application.connect();
  server.accept();
  const auto connect = server.expect_next<Connect>();
  check(connect.version == run.version(),
        "protocol name and version are those of " + std::string(name_of(run.version())));
  check_equal(connect.client_id, application.client_id(), "client identifier");
}

CLIENT_CASE("MQTT5-3.1.3-1/client-connect-says-all-that-was-asked-for",
            {.statements = {"MQTT311-3.1.3-1", "MQTT311-3.1.2-9", "MQTT5-3.1.2-9", "MQTT311-3.1.2-19",
                            "MQTT5-3.1.2-17", "MQTT311-3.1.2-21", "MQTT5-3.1.2-19", "MQTT311-3.1.3-3",
                            "MQTT5-3.1.3-3", "MQTT311-3.1.2-14", "MQTT5-3.1.2-12"},
             .versions = all_versions}) {
  Connect wanted{.version = run.version(),
                 .clean_start = false,
                 .keep_alive = 77,
                 .client_id = run.unique("all"),
                 .will = kWill,
                 .user_name = "alice",
                 .password = "secret"};
  wanted.properties = {
      {PropertyId::session_expiry_interval, 300}, {PropertyId::receive_maximum, 7}, {"colour", "red"}};
  Application& application = run.application({.connect = wanted});
  if (!run.is_v5()) {
    wanted.properties.clear();
    wanted.will->properties.clear();
  }
  Server& server = run.server();
  application.connect();
  server.accept();
  const auto connect = server.expect<Connect>();
  check(connect == wanted, "CONNECT says what the application asked for: " + describe(wanted));
}

CLIENT_CASE("MQTT5-3.1.2-11/client-connect-without-a-will-has-nothing-of-it",
            {.statements = {"MQTT311-3.1.2-11", "MQTT311-3.1.2-13", "MQTT311-3.1.2-15", "MQTT5-3.1.2-13",
                            "MQTT311-3.1.2-3", "MQTT5-3.1.2-3"},
             .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  application.connect();
  server.accept();
  // Will QoS, Will Retain and the reserved bit without a Will Flag would be malformed.
  check(!server.expect<Connect>().will, "no will is in CONNECT");
}

CLIENT_CASE("MQTT5-3.1.2-16/client-connect-without-credentials-has-none",
            {.statements = {"MQTT311-3.1.2-18", "MQTT311-3.1.2-20", "MQTT5-3.1.2-18"},
             .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  application.connect();
  server.accept();
  const auto connect = server.expect<Connect>();
  check(!connect.user_name && !connect.password, "neither user name nor password is in CONNECT");
}

CLIENT_CASE("MQTT5-3.1.2-19/client-sends-a-password-without-a-user-name", {}) {
  Application& application = run.application({.connect = {.password = "token"}});
  Server& server = run.server();
  application.connect();
  server.accept();
  const auto connect = server.expect<Connect>();
  check(!connect.user_name && connect.password == "token", "CONNECT has a password and no user name");
}

CLIENT_CASE("MQTT311-3.1.2-22/client-sends-no-password-without-a-user-name", {}) {
  Application& application = run.application({.connect = {.password = "token"}});
  Server& server = run.server();
  const Asked asked = application.connect();
  if (application.outcome(asked)) return;  // refused
  server.accept();
  check(!server.expect<Connect>().password, "CONNECT has no password, since it has no user name");
}

CLIENT_CASE("MQTT5-3.1.3-3/client-with-an-empty-client-identifier",
            {.statements = {"MQTT311-3.1.3-3"}, .versions = v3_1_1 | v5_0}) {
  Application& application = run.application({.connect = {.client_id = std::string(Run::kNoClientId)}});
  Server& server = run.server();
  const Asked asked = application.connect();
  const Connect connect = server.greet(accepts_with(
      run.is_v5() ? Properties{{PropertyId::assigned_client_identifier, "assigned"}} : Properties{}));
  check_equal(connect.client_id, "", "client identifier");
  application.expect_done(asked);
}

CLIENT_CASE("MQTT311-3.1.3-7/client-with-an-empty-client-identifier-asks-for-a-clean-session", {}) {
  Application& application =
      run.application({.connect = {.clean_start = false, .client_id = std::string(Run::kNoClientId)}});
  Server& server = run.server();
  const Asked asked = application.connect();
  if (application.outcome(asked)) return;  // refused
  server.accept();
  const auto connect = server.expect<Connect>();
  check(!connect.client_id.empty() || connect.clean_start,
        "CleanSession is 1, since the client identifier is empty");
}

CLIENT_CASE("MQTT5-3.1.3-7/client-comes-back-with-the-identifier-it-was-assigned", {.level = Level::may}) {
  ProgramSettings settings = keeps_its_session();
  settings.connect.client_id = Run::kNoClientId;
  Application& application = run.application(settings);
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::assigned_client_identifier, "assigned"}}));
  server.cut();
  run.sleep(1s);
  application.connect();
  check_equal(server.greet().client_id, "assigned", "client identifier of the second CONNECT");
}

CLIENT_CASE("MQTT5-3.1.0-2/client-sends-no-second-connect",
            {.statements = {"MQTT311-3.1.0-2"}, .versions = all_versions}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  application.connect();  // the application's mistake
  server.expect_nothing();
}

// What the application gives as a string and is none.
struct BadString {
  const char* slug;
  std::vector<std::string> statements;
  std::function<void(Connect&)> put;
};
const BadString kBadStrings[] = {
    {"MQTT5-3.1.3-4/client-refuses-a-client-identifier-that-is-no-utf-8",
     {"MQTT311-3.1.3-4", "MQTT311-1.5.3-1"},
     [](Connect& connect) { connect.client_id = "a\xC3("; }},
    {"MQTT5-3.1.3-11/client-refuses-a-will-topic-that-is-no-utf-8",
     {"MQTT311-3.1.3-10"},
     [](Connect& connect) { connect.will = Will{.topic = "a\xED\xA0\x80", .payload = "x"}; }},
    {"MQTT5-3.1.3-12/client-refuses-a-user-name-that-is-no-utf-8",
     {"MQTT311-3.1.3-11"},
     [](Connect& connect) { connect.user_name = "\xFF"; }},
};
CASES {
  for (const BadString& row : kBadStrings) {
    add_client_case(row.slug, {.statements = row.statements, .versions = v3_1_1 | v5_0, .tags = {"utf-8"}},
                    [row](Run& run) {
                      ProgramSettings settings;
                      row.put(settings.connect);
                      Application& application = run.application(settings);
                      Server& server = run.server();
                      const Asked asked = application.connect();
                      if (application.outcome(asked)) return;  // refused
                      server.accept();
                      run.sleep(1s);
                      server.require_well_formed();
                    });
  }
}

}  // namespace
}  // namespace mqttvet::conformance
