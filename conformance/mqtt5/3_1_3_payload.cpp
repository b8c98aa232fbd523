// 3.1.3 the payload of CONNECT: client identifier, user name, password. (The will: 3_1_2_5_will.cpp.)
#include <set>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;
constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

}  // namespace

CASE("MQTT5-3.1.3-5/every-length-up-to-23", {.statements = {"MQTT311-3.1.3-5"}, .versions = kBoth}) {
  const std::string token = run.unique("");
  for (std::size_t length = 1; length <= 23; ++length) {
    Client& client = run.client();
    // Short ones can't be unique: whoever has the same at the moment is taken over, which is none of our
    // concern.
    std::string client_id = token;
    client_id.resize(length, '0');
    client.set_client_id(client_id);
    client.open();
    client.send(client.connect_packet());
    check_equal(client.expect_next<Connack>().reason_code, 0,
                "code for a client identifier of " + std::to_string(length) + " bytes");
    client.disconnect();
  }
}

CASE("MQTT5-3.1.3-5/the-whole-alphabet", {.statements = {"MQTT311-3.1.3-5"}, .versions = kBoth}) {
  const std::string token = run.unique("a");
  const std::size_t room = 23 - token.size();
  for (std::size_t at = 0; at < kAlphabet.size(); at += room) {
    Client& client = run.client();
    client.set_client_id(token + std::string(kAlphabet.substr(at, room)));
    client.open();
    client.send(client.connect_packet());
    check_equal(client.expect_next<Connack>().reason_code, 0, "code for " + client.client_id());
    client.disconnect();
  }
}

CASES {
  struct Row {
    const char* slug;
    std::string suffix;
  };
  const Row kIdentifiers[] = {
      {"24-bytes", std::string(20, 'x')},
      {"256-bytes", std::string(240, 'x')},
      {"65535-bytes", std::string(65535, 'x')},
      {"a-blank", " x"},
      {"slash", "/x"},
      {"plus", "+"},
      {"hash", "#"},
      {"umlauts", "\xC3\xA4\xC3\xB6"},
      {"four-byte-utf-8", "\xF0\x9F\x90\xA2"},
      {"punctuation", ".-_:@!"},
  };
  for (const auto& [slug, suffix] : kIdentifiers) {
    add_case(std::string("MQTT5-3.1.3-8/identifier-with-") + slug,
             {.statements = {"MQTT5-3.1.3.1-n1", "MQTT311-3.1.3-9", "MQTT311-3.1.3.1-n1"}, .versions = kBoth},
             [suffix = suffix, slug = std::string(slug)](Run& run) {
               Client& client = run.client();
               client.set_client_id((client.client_id() + suffix).substr(0, 65535));
               client.open();
               client.send(client.connect_packet());
               const std::uint8_t refusal = run.is_v5() ? 0x85 : 0x02;
               const auto has_code = [](std::uint8_t code) {
                 return [code](const Connack& connack) { return connack.reason_code == code; };
               };
               const std::size_t reaction = client.expect_one_of({
                   sends<Connack>("accepts", has_code(0)),
                   sends<Connack>("refuses the client identifier", has_code(refusal)),
                   sends<Connack>(
                       "refuses for another reason",
                       [](const Connack& connack) { return connack.reason_code != 0; }, false),
                   closes("closes without CONNACK", run.is_v5()),  // 3.1.1 demands one
               });
               run.behaviour("accepts a client identifier with " + slug, reaction == 0);
               if (reaction == 0) return client.expect_open();
               client.expect_closed();
             });
  }
}

CASE("MQTT5-3.1.3-6/empty-identifiers-are-told-apart",
     {.statements = {"MQTT311-3.1.3-6"}, .versions = kBoth}) {
  Client& one = run.client("one");
  Client& other = run.client("other");
  for (Client* client : {&one, &other}) {
    client->set_client_id("");
    client->open();
    client->send(client->connect_packet());
    if (client->expect_next<Connack>().reason_code != 0)
      run.unimplemented("the server refuses an empty client identifier, which it may");
  }
  one.expect_open();
  other.expect_open();
}

CASE("MQTT5-3.2.2-16/assigned-identifiers-are-unique", {.statements = {"MQTT5-3.1.3-6", "MQTT5-3.1.3-7"}}) {
  std::set<std::string> assigned;
  for (int i = 0; i < 10; ++i) {
    Client& client = run.client();
    client.set_client_id("");
    client.open();
    client.send(client.connect_packet());
    const Connack connack = client.expect_next<Connack>();
    if (connack.reason_code != 0)
      run.unimplemented("the server refuses an empty client identifier, which it may");
    const auto client_id = text(connack.properties, PropertyId::assigned_client_identifier);
    check(client_id && !client_id->empty(), "an Assigned Client Identifier");
    check(assigned.insert(*client_id).second, "one that nobody else has");
    if (i % 2 == 1) client.disconnect();
  }
}

CASE("MQTT5-3.1.3-7/an-assigned-identifier-has-a-session",
     {.statements = {"MQTT5-3.2.2-16"}, .needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.client_id = "";
  connect.clean_start = false;
  connect.properties = {{PropertyId::session_expiry_interval, 300}};
  client.open();
  client.send(connect);
  const Connack connack = client.expect_next<Connack>();
  if (connack.reason_code != 0)
    run.unimplemented("the server refuses an empty client identifier, which it may");
  check(!connack.session_present, "Session Present 0");
  const auto client_id = text(connack.properties, PropertyId::assigned_client_identifier);
  check(client_id.has_value(), "an Assigned Client Identifier");
  client.disconnect();
  client.set_client_id(*client_id);
  check(client.connect_persistent().session_present, "Session Present 1 with the assigned identifier");
}

CASE("MQTT5-3.2.2-16/none-assigned-to-who-has-one", {}) {
  const Connack connack = run.client().connect();
  check(!find(connack.properties, PropertyId::assigned_client_identifier),
        "no Assigned Client Identifier for a client that has one");
}

// --- 3.1.3.5, 3.1.3.6: user name and password ---

CASE("MQTT5-3.1.2-19/password-without-user-name", {}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.user_name.reset();
  connect.password = "password";
  client.open();
  client.send(connect);
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("accepts", [](const Connack& c) { return c.reason_code == 0; }),
       sends<Connack>("does not know the password",
                      [](const Connack& c) { return c.reason_code == 0x86 || c.reason_code == 0x87; }),
       closes("refuses without a word", false)});
  run.behaviour("accepts a password without user name", reaction == 0);
}

CASE("MQTT5-3.1.2-17/user-name-without-password",
     {.statements = {"MQTT311-3.1.2-19", "MQTT311-3.1.2-20"}, .versions = kBoth}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.user_name = "user";
  connect.password.reset();
  client.open();
  client.send(connect);
  const bool v5 = run.is_v5();
  const std::size_t reaction =
      client.expect_one_of({sends<Connack>("accepts", [](const Connack& c) { return c.reason_code == 0; }),
                            sends<Connack>("does not let the user in", [v5](const Connack& c) {
                              return v5 ? c.reason_code == 0x86 || c.reason_code == 0x87
                                        : c.reason_code == 4 || c.reason_code == 5;
                            })});
  run.behaviour("accepts a user name without password", reaction == 0);
}

CASE("MQTT5-3.1.4-2/an-unknown-user-is-refused",
     {.statements = {"MQTT5-3.2.2-7", "MQTT5-3.2.2-6", "MQTT311-3.1.4-n2", "MQTT311-3.2.2-4",
                     "MQTT311-3.2.2-5"},
      .versions = kBoth}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.user_name = run.unique("nobody");
  connect.password = run.unique("wrong");
  client.open();
  client.send(connect);
  const bool v5 = run.is_v5();
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("lets everybody in", [](const Connack& c) { return c.reason_code == 0; }),
       sends<Connack>("refuses the user",
                      [v5](const Connack& c) {
                        return !c.session_present && (v5 ? c.reason_code == 0x86 || c.reason_code == 0x87
                                                         : c.reason_code == 4 || c.reason_code == 5);
                      }),
       closes("closes without CONNACK", false)});
  if (reaction == 0) run.unimplemented("the server does not ask for a password");
  client.expect_closed();
}

}  // namespace mqttvet::conformance
