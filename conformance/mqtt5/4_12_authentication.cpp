// 4.12 Enhanced authentication.
#include "conformance/harness/case.h"
#include "conformance/scram/scram.h"

namespace mqttvet::conformance {
namespace {

CaseInfo enhanced(std::vector<std::string> statements = {}) {
  return {
      .statements = std::move(statements), .needs = {Capability::enhanced_authentication}, .tags = {"auth"}};
}

Properties method_and_data(const std::string& data, std::string_view method = kScramSha256) {
  return {{PropertyId::authentication_method, std::string(method)}, {PropertyId::authentication_data, data}};
}

// A client that authenticates itself with SCRAM-SHA-256 (RFC 7677).
class Scram {
 public:
  explicit Scram(Run& run, std::string nonce = "fyko")
      : credentials_(run.target().credentials), nonce_(std::move(nonce)) {}

  void set_password(std::string password) { credentials_.password = std::move(password); }

  std::string first() const { return "n,,n=" + credentials_.user_name.value_or("") + ",r=" + nonce_; }
  std::string answer(const Auth& challenge) const {
    return scram_client_final(first(), data_of(challenge.properties), credentials_.password.value_or(""));
  }
  bool is_from_server(const Auth& challenge, const Properties& last) const {
    return scram_is_from_server(first(), data_of(challenge.properties), data_of(last),
                                credentials_.password.value_or(""));
  }

  // The CONNECT that begins it.
  Connect connect_packet(const Client& client) const {
    Connect connect = client.connect_packet();
    connect.user_name.reset();
    connect.password.reset();
    connect.properties = method_and_data(first());
    return connect;
  }

 private:
  static std::string data_of(const Properties& properties) {
    return text(properties, PropertyId::authentication_data).value_or("");
  }

  Credentials credentials_;
  std::string nonce_;
};

void require_method(const Properties& properties) {
  check_equal(text(properties, PropertyId::authentication_method).value_or(""), kScramSha256,
              "Authentication Method");
}

Auth expect_challenge(Client& client) {
  Auth auth = client.expect<Auth>();
  check_equal(auth.reason_code, 0x18, "Reason Code of AUTH");
  require_method(auth.properties);
  return auth;
}

// CONNECT, and the server's challenge to it.
Auth begin(Client& client, const Scram& scram, Properties further = {}) {
  Connect connect = scram.connect_packet(client);
  connect.properties.insert(connect.properties.end(), further.begin(), further.end());
  client.open();
  client.send(connect);
  return expect_challenge(client);
}

Connack authenticate(Client& client, const Scram& scram, Properties further = {}) {
  const Auth challenge = begin(client, scram, std::move(further));
  client.send(Auth{.reason_code = 0x18, .properties = method_and_data(scram.answer(challenge))});
  const Connack connack = client.expect_next<Connack>();
  check_equal(connack.reason_code, 0, "Reason Code of CONNACK");
  return connack;
}

}  // namespace

// --- A method that the server does not know ---

CASES {
  const std::pair<const char*, std::string> kMethods[] = {
      {"an-unknown-method", "mqttvet-knows-no-such-method"},
      {"an-empty-method", ""},
      {"a-method-of-1000-bytes", std::string(1000, 'M')},
  };
  for (const auto& [slug, method] : kMethods) {
    for (const bool data : {false, true}) {
      add_case(std::string("MQTT5-4.12.0-1/") + slug + (data ? "-with-data" : ""),
               {.statements = {"MQTT5-4.13.2-1"}, .tags = {"auth"}}, [method = method, data](Run& run) {
                 Client& client = run.client();
                 Connect connect = client.connect_packet();
                 connect.properties.emplace_back(PropertyId::authentication_method, method);
                 if (data) connect.properties.emplace_back(PropertyId::authentication_data, "data");
                 client.open();
                 client.send(connect);
                 check(client.expect_closed({0x8C, 0x87}).packets.empty(), "no accepting CONNACK, no AUTH");
               });
    }
  }
}

// --- No method ---

CASE("MQTT5-4.12.0-6/without-a-method-there-is-no-auth", {.tags = {"auth"}}) {
  Client& client = run.client();
  const Connack connack = client.connect();
  check(!find(connack.properties, PropertyId::authentication_method), "no Authentication Method in CONNACK");
  check(!find(connack.properties, PropertyId::authentication_data), "no Authentication Data in CONNACK");
  client.subscribe(run.topic("t"), 1);
  client.publish(run.topic("t"), "m", 1);
  client.receive();
  client.expect_nothing();
}

CASE("MQTT5-4.12.0-6/no-auth-for-a-client-that-is-refused", {.tags = {"auth"}}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.user_name = run.unique("nobody");
  connect.password = "wrong";
  client.open();
  client.send(connect);
  const auto any = [](const Connack& connack) {
    return !find(connack.properties, PropertyId::authentication_method);
  };
  client.expect_one_of({sends<Connack>("answers without Authentication Method", any), closes()});
}

// --- The exchange ---

CASE("MQTT5-4.12.0-2/a-challenge-has-code-0x18",
     {enhanced({"MQTT5-3.15.2-1", "MQTT5-4.12.0-5", "MQTT5-4.12-n1"})}) {
  begin(run.client(), Scram(run));
}

CASE("MQTT5-4.12.0-5/connack-repeats-the-method", {enhanced({"MQTT5-3.15.2-1"})}) {
  const Connack connack = authenticate(run.client(), Scram(run));
  require_method(connack.properties);
}

CASE("MQTT5-4.12-n1/the-server-proves-itself-in-connack", {enhanced()}) {
  Client& client = run.client();
  const Scram scram(run);
  const Auth challenge = begin(client, scram);
  client.send(Auth{.reason_code = 0x18, .properties = method_and_data(scram.answer(challenge))});
  const Connack connack = client.expect_next<Connack>();
  check(scram.is_from_server(challenge, connack.properties),
        "the Authentication Data of CONNACK is the server's proof");
}

CASE("MQTT5-4.12.0-5/who-is-authenticated-is-served", {enhanced()}) {
  Client& client = run.client();
  authenticate(client, Scram(run));
  client.subscribe(run.topic("t"), 1);
  client.publish(run.topic("t"), "m", 1);
  client.acknowledge(client.expect_publish(run.topic("t"), "m"));
}

CASE("MQTT5-4.12.0-4/a-wrong-proof-is-refused", {enhanced({"MQTT5-4.13.2-1"})}) {
  Client& client = run.client();
  Scram scram(run);
  const Auth challenge = begin(client, scram);
  scram.set_password("not the password");
  client.send(Auth{.reason_code = 0x18, .properties = method_and_data(scram.answer(challenge))});
  check(client.expect_closed({0x87, 0x86}).packets.empty(), "no accepting CONNACK");
}

CASES {
  const std::pair<const char*, std::string> kData[] = {{"empty", ""},
                                                       {"no-scram", "hello"},
                                                       {"binary", std::string("\x00\xFF\x00", 3)},
                                                       {"long", std::string(5000, ',')}};
  for (const auto& [slug, data] : kData) {
    add_case(std::string("MQTT5-4.12.0-4/connect-with-data-that-is-") + slug, enhanced(),
             [data = data](Run& run) {
               Client& client = run.client();
               Connect connect = Scram(run).connect_packet(client);
               connect.properties = method_and_data(data);
               client.open();
               client.send(connect);
               check(client.expect_closed().packets.empty(), "no accepting CONNACK, no challenge");
             });
    add_case(std::string("MQTT5-4.12.0-4/answer-with-data-that-is-") + slug, enhanced(),
             [data = data](Run& run) {
               Client& client = run.client();
               begin(client, Scram(run));
               client.send(Auth{.reason_code = 0x18, .properties = method_and_data(data)});
               check(client.expect_closed().packets.empty(), "no accepting CONNACK, no second challenge");
             });
  }
  for (const std::uint8_t code : {0x00, 0x19}) {
    add_case(std::string("MQTT5-4.12.0-3/answer-with-code-") + (code == 0 ? "00" : "19"),
             enhanced({"MQTT5-3.15.2-1"}), [code](Run& run) {
               Client& client = run.client();
               const Scram scram(run);
               const Auth challenge = begin(client, scram);
               client.send(Auth{.reason_code = code, .properties = method_and_data(scram.answer(challenge))});
               check(client.expect_closed({0x82, 0x81, 0x87}).packets.empty(), "no accepting CONNACK");
             });
  }
}

CASE("MQTT5-4.12.0-5/answer-with-another-method", {enhanced()}) {
  Client& client = run.client();
  const Scram scram(run);
  const Auth challenge = begin(client, scram);
  client.send(
      Auth{.reason_code = 0x18, .properties = method_and_data(scram.answer(challenge), "SCRAM-SHA-1")});
  check(client.expect_closed({0x82, 0x8C, 0x87}).packets.empty(), "no accepting CONNACK");
}

CASES {
  const std::pair<const char*, Packet> kPackets[] = {
      {"pingreq", Pingreq{}},
      {"subscribe", Subscribe{.packet_id = 1, .subscriptions = {{"mqttvet/nobody", 0}}}},
      {"publish", Publish{.topic = "mqttvet/nobody", .payload = "m"}},
  };
  for (const auto& [slug, packet] : kPackets) {
    add_case(std::string("MQTT5-3.1.2-30/") + slug + "-before-connack", enhanced(),
             [packet = packet](Run& run) {
               Client& client = run.client();
               begin(client, Scram(run));
               client.send(packet);
               client.expect_one_of({closes(), stays_silent("leaves it unanswered", false)});
               check(client.inbox().empty() || type_of(client.inbox()[0]) == PacketType::connack ||
                         type_of(client.inbox()[0]) == PacketType::disconnect,
                     "the packet is not answered");
             });
  }
}

CASE("MQTT5-3.15.2-2/auth-fits-maximum-packet-size", {enhanced({"MQTT5-3.15.2-3"})}) {
  constexpr std::uint32_t kBytes = 150;
  Client& client = run.client();
  client.open();
  Connect connect = Scram(run).connect_packet(client);
  connect.properties.emplace_back(PropertyId::maximum_packet_size, kBytes);
  client.send(connect);
  const auto fits = [](const Auth& auth) { return encode(auth, Version::v5_0).size() <= kBytes; };
  client.expect_one_of({sends<Auth>("sends a challenge that fits", fits), closes("has none that fits")});
}

// --- 4.12.1: again while connected ---

namespace {

Auth begin_again(Client& client, const Scram& scram) {
  client.send(Auth{.reason_code = 0x19, .properties = method_and_data(scram.first())});
  return expect_challenge(client);
}

}  // namespace

CASE("MQTT5-4.12.1-n1/authenticates-again", {enhanced({"MQTT5-3.15.2-1", "MQTT5-4.12.0-5"})}) {
  Client& client = run.client();
  authenticate(client, Scram(run));
  for (const char* nonce : {"second", "third"}) {
    const Scram scram(run, nonce);
    const Auth challenge = begin_again(client, scram);
    client.send(Auth{.reason_code = 0x18, .properties = method_and_data(scram.answer(challenge))});
    const Auth last = client.expect<Auth>();
    check_equal(last.reason_code, 0, "Reason Code of the last AUTH");
    require_method(last.properties);
    check(scram.is_from_server(challenge, last.properties), "the Authentication Data is the server's proof");
  }
  client.ping();
}

CASE("MQTT5-4.12.1-n1/everything-else-goes-on-meanwhile", {enhanced()}) {
  Client& client = run.client();
  authenticate(client, Scram(run));
  client.subscribe(run.topic("t"), 1);
  const Scram scram(run, "second");
  const Auth challenge = begin_again(client, scram);
  client.ping();
  client.publish(run.topic("t"), "meanwhile", 1);
  client.acknowledge(client.expect_publish(run.topic("t"), "meanwhile"));
  client.send(Auth{.reason_code = 0x18, .properties = method_and_data(scram.answer(challenge))});
  check_equal(client.expect<Auth>().reason_code, 0, "Reason Code of the last AUTH");
}

CASE("MQTT5-4.12.1-2/a-wrong-proof-ends-the-connection", {enhanced({"MQTT5-4.13.2-1"})}) {
  Client& client = run.client();
  Client& bystander = run.client("bystander");
  authenticate(client, Scram(run));
  bystander.connect();
  Scram scram(run, "second");
  const Auth challenge = begin_again(client, scram);
  scram.set_password("not the password");
  client.send(Auth{.reason_code = 0x18, .properties = method_and_data(scram.answer(challenge))});
  check(client.expect_closed({0x87}).packets.empty(), "no AUTH that says success");
  bystander.ping();
}

CASE("MQTT5-4.12.1-1/again-with-another-method", {enhanced()}) {
  Client& client = run.client();
  authenticate(client, Scram(run));
  client.send(Auth{.reason_code = 0x19, .properties = method_and_data(Scram(run).first(), "SCRAM-SHA-1")});
  check(client.expect_closed({0x82, 0x8C, 0x87}).packets.empty(), "no challenge");
}

CASE("MQTT5-4.12.1-n1/an-answer-that-nobody-asked-for", {enhanced({"MQTT5-4.13.1-1"})}) {
  Client& client = run.client();
  authenticate(client, Scram(run));
  client.send(Auth{.reason_code = 0x18, .properties = method_and_data("x")});
  check(client.expect_closed({0x82}).packets.empty(), "no answer");
}

}  // namespace mqttvet::conformance
