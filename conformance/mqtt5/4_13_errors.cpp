// 4.13 Handling errors (3.1.1: 4.8). The tables of conformance/malformed have every single field; here is
// what an error does to its connection, and what it does not do to anything else.
#include <algorithm>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

// Something that a server has to call an error, and the code that says it best.
struct Mistake {
  const char* slug;
  Versions versions;
  std::vector<std::uint8_t> reason_codes;
  void (*make)(Run& run, Client& client);
};

void send_hex(Run& run, Client& client, const char* v3_bytes, const char* v5_bytes) {
  client.send_hex(run.is_v5() ? v5_bytes : v3_bytes);
}

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> kMistakes = {
      {"reserved-packet-type-0", kBoth, {0x81, 0x82}, [](Run&, Client& client) { client.send_hex("00 00"); }},
      {"reserved-packet-type-15", v3_1_1, {}, [](Run&, Client& client) { client.send_hex("F0 00"); }},
      {"connect-twice", kBoth, {0x82}, [](Run&, Client& client) { client.send(client.connect_packet()); }},
      {"connack-from-the-client",
       kBoth,
       {0x82, 0x81},
       [](Run& run, Client& client) { send_hex(run, client, "20 02 00 00", "20 03 00 00 00"); }},
      {"remaining-length-of-five-bytes",
       kBoth,
       {0x81},
       [](Run&, Client& client) { client.send_hex("30 80 80 80 80 01 00"); }},
      {"publish-that-ends-in-its-topic",
       kBoth,
       {0x81},
       [](Run&, Client& client) { client.send_hex("30 04 00 09 61 62"); }},
      {"publish-with-qos-3",
       kBoth,
       {0x81},
       [](Run& run, Client& client) {
         client.send(Encoder(Publish{.topic = run.topic("t"), .payload = "m"}, run.version()).flags(6));
       }},
      {"publish-with-packet-identifier-0",
       kBoth,
       {0x82, 0x81},
       [](Run& run, Client& client) {
         client.send(Publish{.qos = 1, .topic = run.topic("t"), .packet_id = 0, .payload = "m"});
       }},
      {"subscribe-without-a-filter",
       kBoth,
       {0x82, 0x81},
       [](Run&, Client& client) { client.send(Subscribe{.packet_id = 1}); }},
      {"subscribe-with-packet-identifier-0",
       kBoth,
       {0x82, 0x81},
       [](Run& run, Client& client) {
         client.send(Subscribe{.packet_id = 0, .subscriptions = {{run.topic("t"), 0}}});
       }},
      {"wildcard-in-a-topic-name",
       kBoth,
       {0x90, 0x82, 0x81},
       [](Run& run, Client& client) { client.send(Publish{.topic = run.topic("a/+"), .payload = "m"}); }},
      {"topic-that-is-no-utf-8",
       kBoth,
       {0x81},
       [](Run& run, Client& client) {
         client.send(Publish{.topic = run.topic("\xC3\x28"), .payload = "m"});
       }},
      {"pubrel-with-flags-0", kBoth, {0x81}, [](Run&, Client& client) { client.send_hex("60 02 00 01"); }},
      {"topic-alias-0",
       v5_0,
       {0x94},
       [](Run& run, Client& client) {
         client.send(
             Publish{.topic = run.topic("t"), .properties = {{PropertyId::topic_alias, 0}}, .payload = "m"});
       }},
      {"unknown-property",
       v5_0,
       {0x81},
       [](Run&, Client& client) {
         client.send_hex("30 06 00 01 61 02 7F 00");  // PUBLISH "a" with property 0x7F
       }},
      {"property-of-another-packet",
       v5_0,
       {0x81, 0x82},
       [](Run& run, Client& client) {
         client.send(Publish{
             .topic = run.topic("t"), .properties = {{PropertyId::receive_maximum, 1}}, .payload = "m"});
       }},
      {"property-twice",
       v5_0,
       {0x82, 0x81},
       [](Run& run, Client& client) {
         client.send(Publish{.topic = run.topic("t"),
                             .properties = {{PropertyId::content_type, "a"}, {PropertyId::content_type, "b"}},
                             .payload = "m"});
       }},
  };
  return kMistakes;
}

}  // namespace

// Each mistake: the connection is closed, and nobody else notices.
CASES {
  for (const Mistake& mistake : mistakes()) {
    add_case(std::string(contains(mistake.versions, Version::v5_0) ? "MQTT5-4.13.1-1/" : "MQTT311-4.8.0-1/") +
                 mistake.slug,
             {.statements = {"MQTT311-4.8.0-1", "MQTT5-4.13.1-n3", "MQTT311-4.8-n1", "MQTT5-4.13.2-1"},
              .versions = mistake.versions,
              .tags = {"malformed"}},
             [mistake](Run& run) {
               Client& bystander = run.subscribed(run.topic("bystander"), 0, "bystander");
               Client& client = run.connected();
               mistake.make(run, client);
               check(client.expect_closed(mistake.reason_codes).packets.empty(), "no answer to it");
               bystander.publish(run.topic("bystander"), "still here");
               bystander.expect_publish(run.topic("bystander"), "still here");
             });
  }
}

// 5.0 recommends to say why, before the connection is closed.
CASES {
  for (const Mistake& mistake : mistakes()) {
    if (!contains(mistake.versions, Version::v5_0)) continue;
    add_case(std::string("MQTT5-4.13.1-n1/disconnect-says-why-for-") + mistake.slug,
             {.statements = {"MQTT5-3.14-n1"}, .level = Level::should, .tags = {"malformed"}},
             [mistake](Run& run) {
               Client& client = run.connected();
               mistake.make(run, client);
               const Closing closing = client.expect_closed();
               check(closing.reason_code.has_value(), "a DISCONNECT before the connection is closed");
               check(*closing.reason_code >= 0x80, "its Reason Code is that of an error");
               const std::uint8_t code = *closing.reason_code;
               check(code == 0x81 || code == 0x82 || std::ranges::count(mistake.reason_codes, code) == 1,
                     "its Reason Code fits, or is the general 0x81 or 0x82");
             });
  }
}

// --- What an error leaves as it was ---

CASE("MQTT5-4.13.1-n3/the-session-outlives-the-error", {.statements = {"MQTT311-4.8-n1"},
                                                        .versions = kBoth,
                                                        .needs = {Capability::persistent_session},
                                                        .tags = {"malformed", "session"}}) {
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(run.topic("t"), 1);
  client.send_hex("00 00");
  client.expect_closed();
  check(client.connect_persistent().session_present, "Session Present 1");
  client.publish(run.topic("t"), "m", 1);
  client.acknowledge(client.expect_publish(run.topic("t"), "m"));
}

CASE("MQTT5-4.13.1-n3/what-came-before-the-error-counts",
     {.statements = {"MQTT311-4.8-n1"}, .versions = kBoth, .tags = {"malformed"}}) {
  Client& subscriber = run.subscribed(run.topic("t"), 0);
  Client& client = run.connected();
  client.publish(run.topic("t"), "before", 1);  // acknowledged
  client.send_hex("00 00");
  client.expect_closed();
  subscriber.expect_publish(run.topic("t"), "before");
  subscriber.expect_nothing();
}

CASE("MQTT5-4.13.1-n3/what-comes-behind-the-error-does-not",
     {.statements = {"MQTT311-4.8-n1"}, .versions = kBoth, .tags = {"malformed"}}) {
  Client& subscriber = run.subscribed(run.topic("t"), 0);
  Client& client = run.connected();
  const Packet behind = Publish{.topic = run.topic("t"), .payload = "behind"};
  client.send_bytes(std::string("\0\0", 2) + encode(behind, run.version()));
  client.expect_closed();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.13.1-n3/twenty-offenders-and-a-bystander",
     {.statements = {"MQTT311-4.8-n1"}, .versions = kBoth, .tags = {"malformed"}}) {
  Client& bystander = run.subscribed(run.topic("t"), 0, "bystander");
  for (int i = 0; i < 20; ++i) {
    Client& offender = run.connected("offender");
    offender.send_hex("00 00");
    offender.expect_closed();
  }
  bystander.publish(run.topic("t"), "m");
  bystander.expect_publish(run.topic("t"), "m");
}

// --- 4.13.2 ---

CASE("MQTT5-4.13.2-1/a-refusing-connack-is-followed-by-the-end", {}) {
  Client& client = run.client();
  client.do_not_decode();  // nobody knows in which version the answer is
  client.open();
  // clang-format off
  client.send_hex("10 0D  00 04 4D 51 54 54 7F"  // "MQTT", level 127
                  "02  00 00"                    // clean start; no keep-alive
                  "00 01 61");                   // client identifier "a", if it were level 4
  // clang-format on
  client.expect_closed();
}

CASE("MQTT5-4.13.2-n1/several-errors-in-one-packet",
     {.statements = {"MQTT5-4.13.1-1"}, .tags = {"malformed"}}) {
  Client& client = run.connected();
  // QoS 3, a wildcard in the Topic Name, Packet Identifier 0, an alias of 0: whichever is found first.
  client.send(Encoder(Publish{.qos = 1,
                              .topic = run.topic("a/#"),
                              .packet_id = 0,
                              .properties = {{PropertyId::topic_alias, 0}},
                              .payload = "m"},
                      run.version())
                  .flags(6));
  check(client.expect_closed({0x81, 0x82, 0x90, 0x94}).packets.empty(), "no answer");
}

}  // namespace mqttvet::conformance
