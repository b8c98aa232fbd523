// What MQTT 3.1 (MQIsdp) says of CONNECT and CONNACK. Much of it is custom rather than rule: that is
// recorded.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

bool accepts(const Connack& connack) {
  return connack.reason_code == 0;
}
bool refuses(const Connack& connack) {
  return connack.reason_code >= 1 && connack.reason_code <= 5;
}
bool rejects_identifier(const Connack& connack) {
  return connack.reason_code == 2;
}

// The byte of the last CONNACK that 3.1 reserves.
std::uint8_t reserved_byte(const Run& run) {
  std::uint8_t found = 0xFF;
  for (const TranscriptEntry& entry : run.transcript()) {
    if (entry.kind == TranscriptEntry::Kind::received &&
        entry.bytes.starts_with(std::string_view("\x20\x02", 2)))
      found = static_cast<std::uint8_t>(entry.bytes.at(2));
  }
  return found;
}

}  // namespace

CASE("MQTT31-2-n1/mqisdp-of-version-3-is-accepted", {.statements = {"MQTT31-4.1-n1"}}) {
  Client& client = run.client();
  client.open();
  client.send(client.connect_packet());
  check_equal(client.expect_next<Connack>().reason_code, 0, "return code");
  client.expect_open();
}

CASES {
  // A name and a version that do not belong together.
  const std::pair<const char*, Version> kMixed[] = {{"MQIsdp", Version::v3_1_1}, {"MQTT", Version::v3_1}};
  for (const auto& [name, level] : kMixed) {
    const std::string slug = level == Version::v3_1 ? "mqtt-of-version-3" : "mqisdp-of-version-4";
    add_case("MQTT31-2-n1/" + slug, {.statements = {"MQTT31-4.1-n1"}, .level = Level::should},
             [name = std::string(name), level = level](Run& run) {
               Client& client = run.client();
               client.open();
               client.send(Encoder(client.connect_packet(), run.version())
                               .replace(Field::protocol_name, utf8_string(name))
                               .replace(Field::protocol_version, std::string(1, static_cast<char>(level))));
               if (client.expect_one_of({sends<Connack>("refuses", refuses), closes()}) == 0)
                 client.expect_closed();
             });
  }
  for (const std::size_t length : {24, 200}) {
    add_case("MQTT31-3.1-n1/identifier-of-" + std::to_string(length) + "-characters", {}, [length](Run& run) {
      Client& client = run.client();
      std::string client_id = client.client_id();
      client_id.resize(length, 'x');
      client.set_client_id(client_id);
      client.open();
      client.send(client.connect_packet());
      const std::size_t reaction = client.expect_one_of(
          {sends<Connack>("accepts", accepts), sends<Connack>("rejects the identifier", rejects_identifier)});
      run.behaviour("takes identifiers of more than 23 characters from clients of 3.1", reaction == 0);
      if (reaction == 1) client.expect_closed();
    });
  }
  for (const bool clean : {false, true}) {
    add_case(std::string("MQTT31-3.1-n2/empty-identifier-with-clean-session-") + (clean ? "1" : "0"),
             {.statements = {"MQTT31-4.1-n1"}, .level = Level::should}, [clean](Run& run) {
               Client& client = run.client();
               client.set_client_id("");
               Connect connect = client.connect_packet();
               connect.clean_start = clean;
               client.open();
               client.send(connect);
               if (client.expect_one_of(
                       {sends<Connack>("rejects the identifier", rejects_identifier), closes()}) == 0)
                 client.expect_closed();
             });
  }
}

CASE("MQTT31-3.1-n4/bits-that-are-not-used", {}) {
  Client& client = run.client();
  client.open();
  client.send(Encoder(client.connect_packet(), run.version()).replace(Field::connect_flags, "\x03"));
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("accepts", accepts), sends<Connack>("refuses", refuses), closes()});
  run.behaviour("takes the unused Connect Flag of 3.1", reaction == 0);
}

CASE("MQTT31-3.1-n4/header-flags-that-are-not-used", {}) {
  Client& client = run.client();
  client.open();
  client.send(Encoder(client.connect_packet(), run.version()).flags(0x2));
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("accepts", accepts), sends<Connack>("refuses", refuses), closes()});
  run.behaviour("takes a CONNECT of 3.1 with flags in its fixed header", reaction == 0);
}

CASE("MQTT31-3.1-n5/flags-without-user-name-and-password", {}) {
  Client& client = run.client();
  Connect connect = client.connect_packet();
  connect.user_name.reset();
  connect.password.reset();
  client.open();
  client.send(Encoder(connect, run.version()).replace(Field::connect_flags, "\xC2"));
  const std::size_t reaction = client.expect_one_of(
      {sends<Connack>("accepts", accepts), sends<Connack>("refuses", refuses), closes()});
  run.behaviour("takes a CONNECT of 3.1 whose flags promise a user name that is not there", reaction == 0);
}

CASE("MQTT31-3.2-n1/the-first-byte-is-reserved",
     {.level = Level::should, .needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  client.connect_persistent();
  check_equal(reserved_byte(run), 0, "the reserved byte of CONNACK for a new session");
  client.disconnect();
  client.connect_persistent();
  check_equal(reserved_byte(run), 0, "the reserved byte of CONNACK for a resumed session");
}

CASE("MQTT31-3.2-n1/a-session-is-resumed-all-the-same",
     {.needs = {Capability::persistent_session, Capability::qos_1}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(topic, 1);
  client.disconnect();
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "offline", 1);
  client.connect_persistent();
  check_equal(client.receive().payload, "offline", "payload of the queued message");
}

CASES {
  struct Row {
    const char* slug;
    PacketType type;
    std::uint8_t flags;
  };
  // DUP and QoS 1, as on a second sending.
  for (const Row row :
       {Row{"subscribe", PacketType::subscribe, 0xA}, Row{"unsubscribe", PacketType::unsubscribe, 0xA}}) {
    add_case(std::string("MQTT31-2.1-n1/") + row.slug + "-with-dup-1", {}, [row](Run& run) {
      Client& client = run.connected();
      const bool subscribes = row.type == PacketType::subscribe;
      const Packet packet = subscribes
                                ? Packet(Subscribe{.packet_id = 1, .subscriptions = {{run.topic("t")}}})
                                : Packet(Unsubscribe{.packet_id = 1, .topic_filters = {run.topic("t")}});
      client.send(Encoder(packet, run.version()).flags(row.flags));
      const std::size_t reaction =
          client.expect_one_of({subscribes ? sends<Suback>("answers") : sends<Unsuback>("answers"),
                                closes("closes the connection")});
      run.behaviour(std::string("takes DUP 1 in ") + row.slug + " of 3.1", reaction == 0);
    });
  }
}

CASE("MQTT31-4.2-n1/packets-sent-again-on-a-live-connection",
     {.needs = {Capability::qos_2}, .tags = {"qos2"}}) {
  const std::string topic = run.topic("t");
  Client& witness = run.subscribed(topic, 0, "witness");
  Client& client = run.connected();
  for (const bool dup : {false, true}) {
    client.send(Publish{.dup = dup, .qos = 2, .topic = topic, .packet_id = 7, .payload = "m"});
    check_equal(client.expect<Pubrec>().packet_id, 7, "packet identifier of PUBREC");
  }
  for (int i = 0; i < 2; ++i) {
    client.send(Pubrel{.packet_id = 7});
    check_equal(client.expect<Pubcomp>().packet_id, 7, "packet identifier of PUBCOMP");
  }
  witness.expect_publish(topic, "m");
  witness.expect_nothing();
}

CASES {
  // Mosquitto's bridges set bit 7: not of any standard.
  for (const bool old : {true, false}) {
    add_case(std::string("MQTT31-0-n1/bridge-of-version-") + (old ? "3" : "4"), {}, [old](Run& run) {
      Client& client = run.client();
      Connect connect = client.connect_packet();
      connect.version = old ? Version::v3_1 : Version::v3_1_1;
      connect.bridge = true;
      client.open();
      client.send(connect);
      const std::size_t reaction = client.expect_one_of(
          {sends<Connack>("accepts", accepts), sends<Connack>("refuses", refuses), closes()});
      run.behaviour(std::string("takes bridges of version ") + (old ? "3" : "4"), reaction == 0);
    });
  }
}

}  // namespace mqttvet::conformance
