// Enhanced authentication, as far as a client shows it.
#include "conformance/client/settings.h"

namespace mqttvet::conformance {
namespace {

const ProgramSettings kWithMethod{
    .connect = {.properties = {{PropertyId::authentication_method, "SCRAM-SHA-256"},
                               {PropertyId::authentication_data, "n,,n=alice,r=abc"}}}};

CLIENT_CASE("MQTT5-4.12-n1/client-connects-with-an-authentication-method", {}) {
  Application& application = run.application(kWithMethod);
  Server& server = run.server();
  const Connect connect =
      server.welcome(application, accepts_with({{PropertyId::authentication_method, "SCRAM-SHA-256"}}));
  check_equal(text(connect.properties, PropertyId::authentication_method).value_or(""), "SCRAM-SHA-256",
              "Authentication Method");
  check_equal(text(connect.properties, PropertyId::authentication_data).value_or(""), "n,,n=alice,r=abc",
              "Authentication Data");
}

CLIENT_CASE("MQTT5-4.12.0-3/client-answers-a-challenge",
            {.statements = {"MQTT5-4.12.0-5"}, .level = Level::may}) {
  Application& application = run.application(kWithMethod);
  Server& server = run.server();
  application.connect();
  server.accept();
  server.expect<Connect>();
  server.send(Auth{.reason_code = 0x18,
                   .properties = {{PropertyId::authentication_method, "SCRAM-SHA-256"},
                                  {PropertyId::authentication_data, "r=abcdef,s=c2FsdA==,i=4096"}}});
  const Auth answer = server.expect<Auth>();
  check_equal(answer.reason_code, 0x18, "reason code of AUTH");
  check_equal(text(answer.properties, PropertyId::authentication_method).value_or(""), "SCRAM-SHA-256",
              "Authentication Method");
}

CLIENT_CASE("MQTT5-4.12.0-5/client-closes-at-another-authentication-method", {.level = Level::should}) {
  Application& application = run.application(kWithMethod);
  Server& server = run.server();
  application.connect();
  server.greet(accepts_with({{PropertyId::authentication_method, "PLAIN"}}));
  server.expect_closed({0x82});
}

CLIENT_CASE("MQTT5-3.15.2-1/client-closes-at-a-request-to-authenticate-again", {.level = Level::should}) {
  Application& application = run.application(kWithMethod);
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::authentication_method, "SCRAM-SHA-256"}}));
  server.send_hex(
      "F0 12 19 10 15 00 0D 53 43 52 41 4D 2D 53 48 41 2D 32 35 36");  // AUTH, 0x19: only a client may
  server.expect_closed({0x81, 0x82});
}

CLIENT_CASE("MQTT5-4.12.0-7/client-without-a-method-sends-no-auth", {.statements = {"MQTT5-4.12.0-6"}}) {
  Application& application = run.application();
  Server& server = run.server();
  server.welcome(application);
  server.send(
      Auth{.reason_code = 0x18, .properties = {{PropertyId::authentication_method, "SCRAM-SHA-256"}}});
  run.sleep(5s);
  for (const Packet& packet : server.inbox()) check(type_of(packet) != PacketType::auth, "no AUTH is sent");
}

CLIENT_CASE("MQTT5-4.12.1-2/client-closes-when-it-fails-to-authenticate-again", {.level = Level::should}) {
  Application& application = run.application(kWithMethod);
  Server& server = run.server();
  server.welcome(application, accepts_with({{PropertyId::authentication_method, "SCRAM-SHA-256"}}));
  server.send(Disconnect{.reason_code = 0x87});
  server.expect_closed();
}

}  // namespace
}  // namespace mqttvet::conformance
