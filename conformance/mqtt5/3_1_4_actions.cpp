// 3.1.4 what the server does with a CONNECT.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

}  // namespace

CASE("MQTT5-3.1.4-5/a-valid-connect-is-accepted",
     {.statements = {"MQTT5-3.2.2-3", "MQTT311-3.1.4-4", "MQTT311-3.2.2-1"}, .versions = kBoth}) {
  Client& client = run.client();
  client.open();
  client.send(client.connect_packet());
  const Connack connack = client.expect_next<Connack>();
  check_equal(connack.reason_code, 0, "code");
  check(!connack.session_present, "Session Present 0");
  client.expect_open();
}

CASE("MQTT5-3.1.4-5/byte-by-byte", {.statements = {"MQTT311-3.1.4-4"}, .versions = kBoth}) {
  Client& client = run.client();
  client.open();
  client.send_in_pieces(1, client.connect_packet());
  check_equal(client.expect_next<Connack>().reason_code, 0, "code");
}

CASES {
  struct Row {
    const char* slug;
    Properties properties;
  };
  const Row kRows[] = {
      {"session-expiry-interval", {{PropertyId::session_expiry_interval, 0xFFFFFFFF}}},
      {"receive-maximum-1", {{PropertyId::receive_maximum, 1}}},
      {"receive-maximum-65535", {{PropertyId::receive_maximum, 65535}}},
      {"maximum-packet-size", {{PropertyId::maximum_packet_size, 0xFFFFFFFF}}},
      {"topic-alias-maximum-65535", {{PropertyId::topic_alias_maximum, 65535}}},
      {"request-response-information", {{PropertyId::request_response_information, 1}}},
      {"request-problem-information-0", {{PropertyId::request_problem_information, 0}}},
      {"request-problem-information-1", {{PropertyId::request_problem_information, 1}}},
      {"user-properties", {{"a", "1"}, {"a", "1"}, {"", ""}}},
  };
  for (const Row& row : kRows) {
    add_case(std::string("MQTT5-3.1.4-5/accepted-with-") + row.slug, {}, [row](Run& run) {
      Client& client = run.client();
      Connect connect = client.connect_packet();
      connect.properties = row.properties;
      client.open();
      client.send(connect);
      check_equal(client.expect_next<Connack>().reason_code, 0, "code");
      client.expect_open();
    });
  }
}

CASE("MQTT5-3.1.4-n4/packets-before-connack",
     {.statements = {"MQTT5-3.2.0-1", "MQTT311-3.1.4-n3", "MQTT311-3.2.0-1"}, .versions = kBoth}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.open();
  client.send_bytes(encode(client.connect_packet(), run.version()) +
                    encode(Subscribe{.packet_id = 1, .subscriptions = {{topic}}}, run.version()) +
                    encode(Publish{.topic = topic, .payload = "m"}, run.version()) +
                    encode(Pingreq{}, run.version()));
  check_equal(client.expect_next<Connack>().reason_code, 0, "code");
  check_equal(client.expect<Suback>().packet_id, 1, "packet identifier of SUBACK");
  client.expect_publish(topic, "m");
  client.expect<Pingresp>();
}

CASES {
  struct Row {
    const char* slug;
    std::string (*refused)(const Client&, Version);
  };
  // What no server accepts: a CONNECT with a reserved flag, and one with a byte too many.
  const Row kRows[] = {
      {"reserved-flag",
       [](const Client& client, Version version) {
         return Encoder(client.connect_packet(), version).replace(Field::connect_flags, "\x03").bytes();
       }},
      {"a-byte-too-many",
       [](const Client& client, Version version) {
         return Encoder(client.connect_packet(), version).append("!").bytes();
       }},
  };
  for (const auto& [slug, refused] : kRows) {
    add_case(std::string("MQTT5-3.1.4-6/nothing-after-a-refused-connect-with-") + slug,
             {.statements = {"MQTT5-3.2.2-7", "MQTT5-3.1.4-n2", "MQTT311-3.1.4-5", "MQTT311-3.1.4-1"},
              .versions = kBoth},
             [refused = refused](Run& run) {
               const std::string topic = run.topic("t");
               Client& witness = run.subscribed(topic, 0, "witness");
               Client& client = run.client();
               client.open();
               client.send_bytes(
                   refused(client, run.version()) +
                   encode(Publish{.qos = 1, .topic = topic, .packet_id = 1, .payload = "m"}, run.version()) +
                   encode(Subscribe{.packet_id = 2, .subscriptions = {{topic}}}, run.version()));
               const Closing closing = client.expect_closed();
               check(closing.packets.empty(), "no PUBACK and no SUBACK");
               check(run.is_v5() || !closing.reason_code, "no CONNACK [MQTT311-3.1.4-1]");
               witness.expect_nothing();
             });
  }
}

CASE("MQTT5-3.1.4-6/nothing-after-an-unknown-authentication-method", {.statements = {"MQTT5-3.2.2-7"}}) {
  const std::string topic = run.topic("t");
  Client& witness = run.subscribed(topic, 0, "witness");
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.properties = {{PropertyId::authentication_method, run.unique("no-such-method")}};
  client.open();
  client.send_bytes(encode(connect, run.version()) +
                    encode(Publish{.topic = topic, .payload = "m"}, run.version()));
  const Closing closing = client.expect_closed({0x8C, 0x87});
  check(closing.packets.empty(), "no accepting CONNACK for a method that nobody knows");
  witness.expect_nothing();
}

CASE("MQTT5-3.1.4-3/takeover-is-announced", {.level = Level::should}) {
  Client& first = run.client("first");
  Client& second = run.client("second");
  second.set_client_id(first.client_id());
  first.connect();
  second.connect();
  const Closing closing = first.expect_closed();
  check(closing.reason_code == 0x8E, "DISCONNECT 0x8E");
}

CASE("MQTT5-3.1.4-3/takeover-moves-the-exchanges",
     {.statements = {"MQTT5-3.1.4-4", "MQTT311-3.1.4-2", "MQTT311-2.3.1-4"},
      .versions = kBoth,
      .needs = {Capability::qos_1, Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  Client& first = run.client("first");
  Client& second = run.client("second");
  second.set_client_id(first.client_id());
  first.connect_persistent();
  first.subscribe(topic, 1);
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "m", 1);
  const Publish publish = first.expect_publish(topic, "m");
  second.connect_persistent();
  const Publish again = second.expect_publish(topic, "m");
  check(again.dup, "DUP 1 on the second sending");
  check_equal(again.packet_id, publish.packet_id, "packet identifier of the second sending");
  second.acknowledge(again);
}

CASE("MQTT5-3.1.4-3/takeover-among-many", {.statements = {"MQTT311-3.1.4-2"}, .versions = kBoth}) {
  std::vector<Client*> clients;
  for (int i = 0; i < 5; ++i) {
    Client& client = run.client();
    if (i > 0) client.set_client_id(clients.front()->client_id());
    client.connect();
    if (i > 0) clients.back()->expect_closed({0x8E});
    clients.push_back(&client);
  }
  clients.back()->expect_open();
}

CASES {
  // How long "a reasonable amount of time" is nobody says: recorded, not judged.
  const std::pair<const char*, std::size_t> kBegun[] = {
      {"nothing", 0}, {"one-byte", 1}, {"half-a-connect", 10}};
  for (const auto& [slug, bytes] : kBegun) {
    add_case(
        std::string("MQTT5-3.1.4-n1/silence-after-") + slug,
        {.statements = {"MQTT311-3.1.4-n1"}, .versions = kBoth, .level = Level::should, .tags = {"timer"}},
        [bytes = bytes, slug = std::string(slug)](Run& run) {
          Client& client = run.client();
          client.open();
          if (bytes > 0) client.send_first(bytes, client.connect_packet());
          run.sleep(8s);
          run.sleep(run.pace().quiet_for);
          run.behaviour("closes within 8 s when after " + slug + " no CONNECT comes", !client.is_open());
        });
  }
}

// --- Credentials that are refused ---

namespace {

// The password is another one. False: whoever takes it does not look at passwords.
bool is_refused(Client& client, Connect connect) {
  const std::string right = connect.password.value_or("");
  connect.password = right + "-not";
  if (!connect.user_name) connect.user_name = "nobody";
  client.open();
  client.send(connect);
  const auto refused = [](const Connack& connack) { return connack.reason_code != 0; };
  return client.expect_one_of(
             {sends<Connack>("refuses it", refused), sends<Connack>("takes it"), closes()}) != 1;
}

}  // namespace

CASE("MQTT5-3.1.4-2/a-wrong-password-does-not-touch-whoever-has-that-client-identifier",
     {.statements = {"MQTT311-3.1.4-n2", "MQTT5-4.13.1-n3"}, .versions = kBoth}) {
  Client& victim = run.subscribed(run.topic("t"), 0, "victim");
  Client& intruder = run.client("intruder");
  intruder.set_client_id(victim.client_id());
  if (!is_refused(intruder, intruder.connect_packet())) run.skip("the target takes any password");
  intruder.expect_closed();
  victim.ping();
  run.connected("publisher").publish(run.topic("t"), "m");
  victim.expect_publish(run.topic("t"), "m");
}

CASE("MQTT5-3.1.4-6/no-will-of-a-refused-client",
     {.statements = {"MQTT5-3.1.2-8", "MQTT311-3.1.2-8"}, .versions = kBoth}) {
  Client& witness = run.subscribed(run.topic("will"), 0, "witness");
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.will = Will{.topic = run.topic("will"), .payload = "w"};
  if (!is_refused(client, connect)) run.skip("the target takes any password");
  client.expect_closed();
  witness.expect_nothing();
}

}  // namespace mqttvet::conformance
