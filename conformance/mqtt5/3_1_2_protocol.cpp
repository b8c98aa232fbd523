// 3.1.2.1, 3.1.2.2: the name and the version of the protocol.
#include <string>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

// A client whose answers may come in any version's form.
Client& undecoded(Run& run) {
  Client& client = run.client();
  client.do_not_decode();
  client.open();
  return client;
}

std::string received(const Run& run) {
  std::string bytes;
  for (const TranscriptEntry& entry : run.transcript()) {
    if (entry.kind == TranscriptEntry::Kind::received) bytes += entry.bytes;
  }
  return bytes;
}

const std::string kUnacceptable311("\x20\x02\x00\x01", 4);  // CONNACK, return code 1

bool is_connack_of_5(std::string_view bytes, std::uint8_t code) {
  return bytes.size() >= 5 && bytes[0] == 0x20 && static_cast<std::uint8_t>(bytes[3]) == code;
}

}  // namespace

CASES {
  const std::pair<const char*, const char*> kNames[] = {
      {"lower-case", "mqtt"}, {"too-long", "MQTTX"},   {"too-short", "MQT"},       {"with-a-blank", "MQTT "},
      {"empty", ""},          {"foreign", "HTTP/1.1"}, {"accented", "MQT\xC3\x89"}};
  for (const auto& [slug, name] : kNames) {
    add_case(std::string("MQTT5-3.1.2-1/protocol-name-") + slug,
             {.statements = {"MQTT311-3.1.2-1"}, .versions = v3_1_1 | v5_0, .tags = {"malformed"}},
             [name = std::string(name)](Run& run) {
               Client& client = undecoded(run);
               client.send(Encoder(client.connect_packet(), run.version())
                               .replace(Field::protocol_name, utf8_string(name)));
               client.expect_closed();
               const std::string answer = received(run);
               check(answer.size() < 4 || answer[3] != 0, "no CONNACK that accepts");
               run.behaviour("answers another protocol name", !answer.empty());
             });
  }
  // 3 and 4 are other specifications; 0x83 and 0x84 are those of bridges.
  for (const int level : {0, 1, 2, 6, 7, 127, 255}) {
    add_case("MQTT5-3.1.2-2/version-" + std::to_string(level), {}, [level](Run& run) {
      Client& client = undecoded(run);
      client.send(Encoder(client.connect_packet(), run.version())
                      .replace(Field::protocol_version, std::string(1, static_cast<char>(level))));
      client.expect_closed();
      const std::string answer = received(run);
      if (answer.empty()) return run.behaviour("answers an unknown protocol version", "it closes");
      check(answer == kUnacceptable311 || is_connack_of_5(answer, 0x84),
            "CONNACK 0x84, or return code 1 of 3.1.1");
      run.behaviour("answers an unknown protocol version",
                    answer == kUnacceptable311 ? "as 3.1.1" : "as 5.0");
    });
    add_case("MQTT311-3.1.2-2/level-" + std::to_string(level),
             {.statements = {"MQTT311-3.2.2-4", "MQTT311-3.2.2-5"}}, [level](Run& run) {
               Client& client = undecoded(run);
               client.send(Encoder(client.connect_packet(), run.version())
                               .replace(Field::protocol_version, std::string(1, static_cast<char>(level))));
               client.expect_closed();
               const std::string answer = received(run);
               if (answer == kUnacceptable311) return;
               // A server of 5.0 may refuse by its rules what is neither.
               check(answer.empty() || is_connack_of_5(answer, 0x84),
                     "CONNACK 20 02 00 01, or what 5.0 has for it");
               if (level < 4) run.non_strict("no CONNACK with return code 1 for an old protocol level");
             });
  }
}

CASE("MQTT5-3.1.2-1/mqisdp-with-version-5", {.tags = {"malformed"}}) {
  Client& client = undecoded(run);
  client.send(
      Encoder(client.connect_packet(), run.version()).replace(Field::protocol_name, utf8_string("MQIsdp")));
  client.expect_closed();
  check(received(run).size() < 4 || received(run)[3] != 0, "no CONNACK that accepts");
}

// --- 3.1.0: CONNECT comes first ---

CASES {
  const std::pair<const char*, Packet> kFirst[] = {
      {"publish", Publish{.topic = "t", .payload = "m"}},
      {"publish-at-qos-1", Publish{.qos = 1, .topic = "t", .packet_id = 1, .payload = "m"}},
      {"puback", Puback{.packet_id = 1}},
      {"pubrec", Pubrec{.packet_id = 1}},
      {"pubrel", Pubrel{.packet_id = 1}},
      {"pubcomp", Pubcomp{.packet_id = 1}},
      {"subscribe", Subscribe{.packet_id = 1, .subscriptions = {{"t"}}}},
      {"unsubscribe", Unsubscribe{.packet_id = 1, .topic_filters = {"t"}}},
      {"pingreq", Pingreq{}},
      {"disconnect", Disconnect{}},
      {"connack", Connack{}},
  };
  for (const auto& [slug, packet] : kFirst) {
    add_case(std::string("MQTT5-3.1.0-1/first-packet-is-") + slug,
             {.statements = {"MQTT311-3.1.0-1"}, .versions = v3_1_1 | v5_0}, [packet](Run& run) {
               Client& client = undecoded(run);
               client.send(packet);
               client.expect_closed();
               check(received(run).empty(), "nothing is sent to who did not connect");
             });
  }
}

CASE("MQTT5-3.1.0-2/second-connect-of-another-client",
     {.statements = {"MQTT5-3.2.0-2", "MQTT311-3.1.0-2"}, .versions = v3_1_1 | v5_0}) {
  Client& client = run.connected();
  Connect again = client.connect_packet();
  again.client_id = run.unique("another");
  client.send(again);
  check(client.expect_closed({0x82}).packets.empty(), "no second CONNACK");
}

CASE("MQTT5-3.1.0-2/second-connect-publishes-the-will",
     {.statements = {"MQTT311-3.1.0-2", "MQTT311-3.1.2-8"}, .versions = v3_1_1 | v5_0}) {
  const std::string topic = run.topic("will");
  Client& witness = run.subscribed(topic, 0, "witness");
  Client& client = run.client();
  client.connect({.will = Will{.topic = topic, .payload = "will"}});
  client.send(client.connect_packet());
  client.expect_closed({0x82});
  witness.expect_publish(topic, "will");
}

CASE("MQTT5-3.1.0-2/second-connect-in-the-same-segment",
     {.statements = {"MQTT5-3.2.0-2", "MQTT311-3.1.0-2"}, .versions = v3_1_1 | v5_0}) {
  Client& client = run.client();
  client.open();
  const std::string connect = encode(client.connect_packet(), run.version());
  client.send_bytes(connect + connect);
  const Closing closing = client.expect_closed({0x82});
  check(closing.packets.size() <= 1, "one CONNACK at most");
}

}  // namespace mqttvet::conformance
