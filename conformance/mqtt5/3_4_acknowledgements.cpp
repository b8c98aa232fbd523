// 3.4 PUBACK, 3.5 PUBREC, 3.6 PUBREL, 3.7 PUBCOMP: what acknowledges a PUBLISH.
#include <algorithm>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

const std::vector<std::uint8_t> kCodes = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};

// A subscriber, at QoS 2, that got one message and did not answer yet.
Client& holding(Run& run, Publish& publish) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.subscribed(topic, 2);
  run.connected("publisher").publish(topic, "m", 2);
  publish = subscriber.expect_publish(topic, "m");
  return subscriber;
}

}  // namespace

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    const std::string at = "-at-qos-" + std::to_string(qos);
    const std::string statement = qos == 1 ? "MQTT5-3.4.2-1" : "MQTT5-3.5.2-1";
    const std::vector<Capability> needs = {qos == 1 ? Capability::qos_1 : Capability::qos_2};
    const auto code_of = [qos](Client& client) {
      return qos == 1 ? client.expect<Puback>().reason_code : client.expect<Pubrec>().reason_code;
    };
    add_case(statement + "/a-code-of-the-table" + at, {.statements = {"MQTT5-3.4.2.1-n1"}, .needs = needs},
             [qos, code_of](Run& run) {
               Client& client = run.connected("client");
               client.send(Publish{.qos = qos, .topic = run.topic("nobody"), .packet_id = 5, .payload = "m"});
               const std::uint8_t code = code_of(client);
               check(std::ranges::count(kCodes, code) == 1, "the code is one of the table");
               check(code < 0x80, "a message that nobody subscribed to is no error");
               run.behaviour("says 0x10 when nobody subscribed", code == 0x10);
             });
    add_case(statement + "/code-0-when-somebody-subscribed" + at, {.needs = needs}, [qos, code_of](Run& run) {
      run.connected("subscriber").subscribe(run.topic("t"), 0);
      Client& client = run.connected("client");
      client.send(Publish{.qos = qos, .topic = run.topic("t"), .packet_id = 5, .payload = "m"});
      check_equal(code_of(client), 0, "Reason Code");
    });
    add_case(std::string(qos == 1 ? "MQTT5-3.4.2-2" : "MQTT5-3.5.2-2") + "/fits-maximum-packet-size" + at,
             {.statements = {qos == 1 ? "MQTT5-3.4.2-3" : "MQTT5-3.5.2-3"}, .needs = needs}, [qos](Run& run) {
               constexpr std::uint32_t kBytes = 40;
               Client& client = run.client();
               client.connect({.properties = {{PropertyId::maximum_packet_size, kBytes}}});
               client.send(Publish{.qos = qos, .topic = run.topic("nobody"), .packet_id = 5, .payload = "m"});
               const Packet answer = client.expect_any();
               check(encode(answer, Version::v5_0).size() <= kBytes, "not larger than Maximum Packet Size");
             });
  }
}

// --- Packets that stop after the packet identifier, or after the code ---

CASES {
  const std::pair<const char*, const char*> kTails[] = {
      {"length-2", ""}, {"length-3", "00"}, {"length-4", "00 00"}};
  for (const auto& [slug, tail] : kTails) {
    const auto packet = [tail = std::string(tail)](unsigned first_byte, std::uint16_t packet_id) {
      const char* digits = "0123456789ABCDEF";
      const auto byte = [&](unsigned value) {
        return std::string{digits[value >> 4 & 15], digits[value & 15]};
      };
      const unsigned length = 2 + (tail.empty() ? 0 : tail.size() == 2 ? 1 : 2);
      return byte(first_byte) + byte(length) + byte(packet_id >> 8) + byte(packet_id & 255) + tail;
    };
    add_case(std::string("MQTT5-3.4-n1/puback-of-") + slug, {.needs = {Capability::qos_1}},
             [packet](Run& run) {
               const std::string topic = run.topic("t");
               Client& client = run.client();
               client.connect({.properties = {{PropertyId::receive_maximum, 1}}});
               client.subscribe(topic, 1);
               for (const char* payload : {"1", "2"}) client.publish(topic, payload, 1);
               client.send_hex(packet(0x40, client.expect_publish(topic, "1").packet_id));
               client.expect_publish(topic, "2");
             });
    add_case(std::string("MQTT5-3.4-n1/pubrec-and-pubcomp-of-") + slug, {.needs = {Capability::qos_2}},
             [packet](Run& run) {
               Publish publish;
               Client& client = holding(run, publish);
               client.send_hex(packet(0x50, publish.packet_id));
               check_equal(client.expect<Pubrel>().packet_id, publish.packet_id,
                           "packet identifier of PUBREL");
               client.send_hex(packet(0x70, publish.packet_id));
               client.expect_open();
             });
    add_case(std::string("MQTT5-3.4-n1/pubrel-of-") + slug, {.needs = {Capability::qos_2}},
             [packet](Run& run) {
               Client& client = run.connected("client");
               client.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 258, .payload = "m"});
               client.expect<Pubrec>();
               client.send_hex(packet(0x62, 258));
               check_equal(client.expect<Pubcomp>().packet_id, 258, "packet identifier of PUBCOMP");
             });
  }
}

// --- Codes that a client may not send ---

CASES {
  for (const std::uint8_t code : {0x01, 0x82, 0x92, 0xFF}) {
    add_case(
        "MQTT5-3.4.2-1/puback-with-unknown-code-" + std::to_string(code), {.tags = {"malformed"}},
        [code](Run& run) {
          Publish publish;
          Client& client = holding(run, publish);
          client.send(Encoder(Puback{.packet_id = publish.packet_id}, run.version(), Encoder::Form::complete)
                          .replace(Field::reason_code, std::string(1, static_cast<char>(code))));
          client.send(Pingreq{});
          const std::size_t reaction = client.expect_one_of(
              {closes(), sends<Disconnect>("says DISCONNECT"),
               sends<Pingresp>("tolerates a code that is not PUBACK's", nullptr, false)});
          run.behaviour("tolerates unknown Reason Codes in PUBACK", reaction == 2);
        });
  }
}

// --- 3.5 PUBREC with an error ---

CASE("MQTT5-4.3.3-4/pubrec-with-an-error-ends-the-exchange", {.needs = {Capability::qos_2}}) {
  Publish publish;
  Client& client = holding(run, publish);
  client.send(Pubrec{.packet_id = publish.packet_id, .reason_code = 0x83});
  client.expect_nothing();  // no PUBREL
  client.expect_open();
}

// --- 3.6 PUBREL ---

CASES {
  for (const std::uint8_t flags : {0x0, 0x1, 0x3, 0x6, 0xA, 0xF}) {
    add_case("MQTT5-3.6.1-1/flags-" + std::string(1, "0123456789abcdef"[flags]),
             {.statements = {"MQTT311-3.6.1-1"},
              .versions = v3_1_1 | v5_0,
              .needs = {Capability::qos_2},
              .tags = {"malformed"}},
             [flags](Run& run) {
               Client& client = run.connected("client");
               client.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 4, .payload = "m"});
               client.expect<Pubrec>();
               client.send(Encoder(Pubrel{.packet_id = 4}, run.version()).flags(flags));
               check(client.expect_closed({0x81}).packets.empty(), "no PUBCOMP");
             });
  }
}

CASE("MQTT5-3.6.2-1/the-servers-pubrel-has-code-0", {.needs = {Capability::qos_2}}) {
  Publish publish;
  Client& client = holding(run, publish);
  client.send(Pubrec{.packet_id = publish.packet_id});
  check_equal(client.expect<Pubrel>().reason_code, 0, "Reason Code of PUBREL");
}

CASE("MQTT5-3.6.2-1/pubrel-for-an-unknown-pubrec",
     {.statements = {"MQTT5-3.6.2-2", "MQTT5-3.6.2-3"}, .needs = {Capability::qos_2}}) {
  Client& client = run.client();
  constexpr std::uint32_t kBytes = 40;
  client.connect({.properties = {{PropertyId::maximum_packet_size, kBytes}}});
  client.send(Pubrec{.packet_id = 999});
  client.send(Pingreq{});
  client.expect_one_of(
      {sends<Pubrel>("answers PUBREL 0x92",
                     [](const Pubrel& pubrel) {
                       return pubrel.packet_id == 999 && pubrel.reason_code == 0x92 &&
                              encode(pubrel, Version::v5_0).size() <= kBytes;
                     }),
       sends<Pubrel>(
           "answers PUBREL", [](const Pubrel& pubrel) { return pubrel.packet_id == 999; }, false),
       closes("closes the connection", false), sends<Pingresp>("does not answer", nullptr, false)});
}

// --- 3.7 PUBCOMP ---

CASE("MQTT5-3.7.2-1/pubcomp-for-an-unknown-pubrel",
     {.statements = {"MQTT5-3.7.2-2", "MQTT5-3.7.2-3", "MQTT5-4.3.3-11"}, .needs = {Capability::qos_2}}) {
  constexpr std::uint32_t kBytes = 40;
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::maximum_packet_size, kBytes}}});
  client.send(Pubrel{.packet_id = 998});
  const Pubcomp pubcomp = client.expect<Pubcomp>();
  check_equal(pubcomp.packet_id, 998, "packet identifier of PUBCOMP");
  check(pubcomp.reason_code == 0x92 || pubcomp.reason_code == 0x00, "PUBCOMP with 0x92, or 0x00");
  if (pubcomp.reason_code == 0x00) run.non_strict("PUBCOMP 0x00 for an unknown packet identifier");
  check(encode(pubcomp, Version::v5_0).size() <= kBytes, "not larger than Maximum Packet Size");
}

CASE("MQTT311-4.3.3-2/pubcomp-for-an-unknown-pubrel",
     {.statements = {}, .versions = v3_1_1, .needs = {Capability::qos_2}}) {
  Client& client = run.connected("client");
  client.send(Pubrel{.packet_id = 998});
  check_equal(client.expect<Pubcomp>().packet_id, 998, "packet identifier of PUBCOMP");
}

CASE("MQTT5-3.7.2-1/pubcomp-has-code-0", {.needs = {Capability::qos_2}}) {
  Client& client = run.connected("client");
  client.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 4, .payload = "m"});
  client.expect<Pubrec>();
  client.send(Pubrel{.packet_id = 4});
  check_equal(client.expect<Pubcomp>().reason_code, 0, "Reason Code of PUBCOMP");
}

}  // namespace mqttvet::conformance
