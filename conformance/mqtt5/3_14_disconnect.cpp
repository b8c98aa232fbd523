// 3.14 DISCONNECT: disconnect notification.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

Will will_of(Run& run) {
  return {.qos = 1, .topic = run.topic("will"), .payload = "will"};
}

// Listens to that will.
Client& witness_of(Run& run) {
  Client& witness = run.subscribed(run.topic("will"), 0, "witness");
  return witness;
}

// Makes the server end the connection of `client`: somebody else takes its identifier.
void take_over(Run& run, const Client& client) {
  Client& successor = run.client("successor");
  successor.set_client_id(client.client_id());
  successor.connect();
}

}  // namespace

// --- 3.14.0: who may send it, and when ---

CASES {
  const std::pair<const char*, Packet> kFirst[] = {
      {"pingreq", Pingreq{}},
      {"disconnect", Disconnect{}},
      {"publish", Publish{.topic = "t", .payload = "m"}},
      {"subscribe", Subscribe{.packet_id = 1, .subscriptions = {{"t"}}}},
      {"auth", Auth{}},
  };
  for (const auto& [slug, packet] : kFirst) {
    std::vector<std::string> further = {"MQTT5-3.1.0-1"};
    add_case(std::string("MQTT5-3.14.0-1/first-packet-") + slug, {.statements = further}, [packet](Run& run) {
      Client& client = run.client();
      client.open();
      client.send(packet);
      const Closing closing = client.expect_closed();
      check(!closing.reason_code && closing.packets.empty(), "nothing is sent before CONNECT");
    });
  }
}

// --- 3.14.1: the fixed header ---

CASES {
  for (const std::uint8_t flags : {0x1, 0x2, 0x4, 0x8, 0xF}) {
    add_case("MQTT5-3.14.1-1/flags-" + std::string(1, "0123456789abcdef"[flags]),
             {.statements = {"MQTT311-3.14.1-1"}, .versions = v3_1_1 | v5_0, .tags = {"malformed"}},
             [flags](Run& run) {
               Client& witness = witness_of(run);
               Client& client = run.client();
               client.connect({.will = will_of(run)});
               client.send(Encoder(Disconnect{}, run.version()).flags(flags));
               client.expect_closed({0x81});
               if (run.is_v5()) return (void)witness.expect_publish(run.topic("will"), "will");
               // 3.1.1 does not say whether this counts as a DISCONNECT.
               const std::size_t reaction =
                   witness.expect_one_of({sends<Publish>("publishes the will"), stays_silent("discards it")});
               run.behaviour("publishes the will after a malformed DISCONNECT (3.1.1)", reaction == 0);
             });
  }
}

// --- 3.14.2: the variable header ---

CASES {
  const std::pair<const char*, const char*> kForms[] = {
      {"empty", "E0 00"}, {"code-only", "E0 01 00"}, {"complete", "E0 02 00 00"}};
  for (const auto& [slug, hex] : kForms) {
    add_case(std::string("MQTT5-3.14.2-n1/") + slug + "-is-a-normal-disconnection",
             {.statements = {"MQTT5-3.14.4-3"}}, [hex](Run& run) {
               Client& witness = witness_of(run);
               Client& client = run.client();
               client.connect({.will = will_of(run)});
               client.send_hex(hex);
               client.half_close();
               witness.expect_nothing();
             });
  }
  for (const std::uint8_t code : {0x8E, 0x89, 0x9D}) {
    add_case("MQTT5-3.14.2-1/client-sends-the-servers-code-" + std::string(code == 0x8E   ? "8e"
                                                                           : code == 0x89 ? "89"
                                                                                          : "9d"),
             {}, [code](Run& run) {
               Client& client = run.connected();
               client.send(Disconnect{.reason_code = code});
               client.expect_closed({0x81, 0x82});
             });
  }
  for (const std::uint8_t code : {0x01, 0x03, 0x05, 0x7F}) {
    add_case("MQTT5-3.14.2-1/unknown-code-" + std::to_string(code), {.tags = {"malformed"}},
             [code](Run& run) {
               Client& client = run.connected();
               client.send(Encoder(Disconnect{}, run.version(), Encoder::Form::complete)
                               .replace(Field::reason_code, std::string(1, static_cast<char>(code))));
               client.expect_closed({0x81, 0x82});
             });
  }
}

CASE("MQTT5-3.14.2-2/the-servers-disconnect-has-no-session-expiry",
     {.statements = {"MQTT5-3.14.4-2", "MQTT5-3.14.2-1"}}) {
  Client& client = run.connected();
  take_over(run, client);
  client.expect_one_of({sends<Disconnect>("says DISCONNECT 0x8E without a Session Expiry Interval",
                                          [](const Disconnect& disconnect) {
                                            return disconnect.reason_code == 0x8E &&
                                                   !find(disconnect.properties,
                                                         PropertyId::session_expiry_interval);
                                          }),
                        closes("closes without a DISCONNECT", false)});
  client.expect_closed();
}

CASE("MQTT5-3.14.2-3/disconnect-fits-the-clients-maximum-packet-size", {.statements = {"MQTT5-3.14.2-4"}}) {
  constexpr std::uint32_t kBytes = 16;
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::maximum_packet_size, kBytes}}});
  client.send(Subscribe{.packet_id = 1});  // no filter: an error worth a Reason String
  const std::size_t reaction =
      client.expect_one_of({sends<Disconnect>("says DISCONNECT within Maximum Packet Size",
                                              [](const Disconnect& disconnect) {
                                                return encode(disconnect, Version::v5_0).size() <= kBytes;
                                              }),
                            closes("closes without a DISCONNECT")});
  if (reaction == 0) client.expect_closed();
}

CASE("MQTT5-3.14.2.2.2-n1/session-expiry-after-0-in-connect-is-a-protocol-error", {}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect({.will = will_of(run)});
  client.send(Disconnect{.properties = {{PropertyId::session_expiry_interval, 30}}});
  client.expect_closed({0x82});
  witness.expect_publish(run.topic("will"), "will");
}

CASE("MQTT5-3.14.2.2.2-n2/session-expiry-in-disconnect-replaces-that-of-connect",
     {.needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& shortened = run.client("shortened");
  Client& same = run.client("same");
  shortened.connect_persistent(300s);
  same.connect_persistent(300s);
  shortened.disconnect(0, {{PropertyId::session_expiry_interval, 1}});
  same.disconnect();
  run.sleep(1s + run.pace().timer_slack);
  check(!shortened.connect_persistent().session_present, "Session Present 0 after the new interval");
  check(same.connect_persistent().session_present, "Session Present 1: that of CONNECT holds");
}

CASE("MQTT5-3.14.2.2.2-n2/session-expiry-is-lengthened",
     {.needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& client = run.client();
  client.connect_persistent(1s);
  client.disconnect(0, {{PropertyId::session_expiry_interval, 300}});
  run.sleep(1s + run.pace().timer_slack);
  if (!client.connect_persistent().session_present)
    run.inconclusive(
        "the session is gone: a server may allow less than was asked for, and can't say so here");
}

CASE("MQTT5-3.14.2.2.2-n2/session-expiry-0-ends-the-session-at-once",
     {.needs = {Capability::persistent_session}}) {
  Client& client = run.client();
  client.connect_persistent(300s);
  client.send(Disconnect{.properties = {{PropertyId::session_expiry_interval, 0}}});
  client.half_close();
  client.expect_closed();
  check(!client.connect_persistent().session_present, "Session Present 0");
}

// --- 3.14.4: what it does ---

CASE("MQTT5-3.14.4-1/what-follows-a-disconnect-has-no-effect",
     {.statements = {"MQTT311-3.14.4-2"}, .versions = all_versions, .level = Level::should}) {
  const std::string topic = run.topic("t");
  Client& witness = run.subscribed(topic, 0, "witness");
  Client& client = run.connected();
  client.send_bytes(encode(Disconnect{}, run.version()) +
                    encode(Publish{.topic = topic, .payload = "after the end"}, run.version()));
  witness.expect_nothing();
}

CASE("MQTT5-3.14.4-2/the-server-closes-behind-its-disconnect", {.statements = {"MQTT5-3.14.4-1"}}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 0, "client");
  take_over(run, client);
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "for nobody", 1);
  check(client.expect_closed({0x8E}).packets.empty(), "nothing else is sent to the old connection");
}

CASES {
  struct Row {
    std::uint8_t code;
    bool published;
  };
  for (const Row row :
       {Row{0x00, false}, Row{0x04, true}, Row{0x80, true}, Row{0x81, true}, Row{0x93, true}}) {
    const char* digits = "0123456789abcdef";
    const std::string code = {digits[row.code >> 4], digits[row.code & 15]};
    add_case(row.published ? "MQTT5-3.1.2-8/disconnect-" + code + "-publishes-the-will"
                           : "MQTT5-3.14.4-3/code-" + code + "-discards-the-will",
             {.statements = {row.published ? "MQTT5-3.14.4-3" : "MQTT5-3.1.2-10"}}, [row](Run& run) {
               Client& witness = witness_of(run);
               Client& client = run.client();
               client.connect({.will = will_of(run)});
               client.disconnect(row.code);
               if (row.published) {
                 witness.expect_publish(run.topic("will"), "will");
               } else {
                 witness.expect_nothing();
               }
             });
  }
}

CASE("MQTT311-3.14.4-3/disconnect-discards-the-will",
     {.statements = {"MQTT311-3.1.2-10"}, .versions = v3_1_1}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect({.will = will_of(run)});
  client.disconnect();
  witness.expect_nothing();
}

CASE("MQTT5-3.14.4-3/a-discarded-will-does-not-come-back-with-the-session",
     {.needs = {Capability::persistent_session}, .tags = {"timer"}}) {
  Client& witness = witness_of(run);
  Client& client = run.client();
  client.connect_persistent(1s, {.will = will_of(run)});
  client.disconnect();
  run.sleep(1s + run.pace().timer_slack);
  witness.expect_nothing();
}

CASE("MQTT5-3.14.4-n1/the-server-closes-when-the-client-does-not",
     {.versions = v5_0, .level = Level::should}) {
  Client& client = run.connected();
  client.send(Disconnect{});
  client.expect_closed();
}

CASE("MQTT311-3.14.4-n1/the-server-closes-when-the-client-does-not", {.level = Level::should}) {
  Client& client = run.connected();
  client.send(Disconnect{});
  client.expect_closed();
}

}  // namespace mqttvet::conformance
