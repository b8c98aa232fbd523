// 2 the format of packets: fixed header (2.1), Packet Identifier (2.2.1), properties (2.2.2), Reason Code
// (2.4).
#include <set>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

}  // namespace

// --- 2.1.3: flags of what the server sends. The judge refuses wrong ones in every case; here they are named.
// ---

CASE("MQTT5-2.1.3-1/flags-of-the-servers-packets", {.statements = {"MQTT311-2.2.2-1"},
                                                    .versions = kBoth,
                                                    .needs = {Capability::qos_1, Capability::qos_2}}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 2, "client");
  for (const std::uint8_t qos : {0, 1, 2}) {
    client.publish(topic, "m", qos);
    client.receive();
  }
  client.unsubscribe(topic);
  client.ping();
  std::set<int> types;
  for (const TranscriptEntry& entry : run.transcript()) {
    if (entry.kind != TranscriptEntry::Kind::received) continue;
    const int type = static_cast<unsigned char>(entry.bytes[0]) >> 4;
    const int flags = entry.bytes[0] & 0x0F;
    types.insert(type);
    if (type == static_cast<int>(PacketType::publish)) {
      check((flags & ~0b0110) == 0, "no DUP and no RETAIN in a first sending");
    } else {
      check_equal(flags, type == static_cast<int>(PacketType::pubrel) ? 2 : 0, "flags of the fixed header");
    }
  }
  check(types == std::set{2, 3, 4, 5, 6, 7, 9, 11, 13},
        "every type of packet a server sends to such a client");
}

// --- 2.2.1: Packet Identifier ---

CASE("MQTT5-2.2.1-2/qos-0-has-none",
     {.statements = {"MQTT311-2.3.1-5", "MQTT5-2.2.2-1"}, .versions = kBoth}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, run.target().has(Capability::qos_1) ? 1 : 0, "client");
  client.publish(topic, "payload");
  client.expect_publish(topic, "payload");
  const std::string& bytes = run.transcript().back().bytes;
  const std::size_t header = 2 + 2 + topic.size();
  check_equal(bytes.size(), header + (run.is_v5() ? 1 : 0) + 7, "size of the PUBLISH");
  if (run.is_v5())
    check_equal(static_cast<unsigned char>(bytes[header]), 0, "Property Length behind the topic name");
}

CASES {
  struct Row {
    const char* slug;
    Packet packet;
    std::vector<Capability> needs;
  };
  const Row kRows[] = {
      {"subscribe", Subscribe{.packet_id = 0, .subscriptions = {{"t"}}}, {}},
      {"unsubscribe", Unsubscribe{.packet_id = 0, .topic_filters = {"t"}}, {}},
      {"publish-at-qos-1", Publish{.qos = 1, .topic = "t", .packet_id = 0}, {Capability::qos_1}},
      {"publish-at-qos-2", Publish{.qos = 2, .topic = "t", .packet_id = 0}, {Capability::qos_2}},
  };
  for (const Row& row : kRows) {
    add_case(
        std::string("MQTT5-2.2.1-3/identifier-0-in-") + row.slug,
        {.statements = {"MQTT311-2.3.1-1"}, .versions = kBoth, .needs = row.needs, .tags = {"malformed"}},
        [packet = row.packet](Run& run) {
          Client& client = run.connected();
          client.send(packet);
          check(client.expect_closed({0x82, 0x81}).packets.empty(), "no answer");
        });
  }
}

CASE("MQTT5-2.2.1-4/unacknowledged-messages-have-different-identifiers",
     {.statements = {"MQTT311-2.3.1-4", "MQTT311-2.3.1-1"},
      .versions = kBoth,
      .needs = {Capability::qos_1, Capability::qos_2, Capability::several_in_flight}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  Client& publisher = run.client("publisher");
  client.connect();
  publisher.connect();
  client.subscribe(topic, 2);
  std::set<std::uint16_t> identifiers;
  for (int i = 0; i < 8; ++i) {
    publisher.publish(topic, std::to_string(i), static_cast<std::uint8_t>(1 + i % 2));
    const Publish publish = client.expect<Publish>();
    check(publish.packet_id != 0, "a packet identifier above 0");
    check(identifiers.insert(publish.packet_id).second, "one that no other message has");
  }
}

CASE("MQTT5-2.2.1-4/a-freed-identifier-only", {.statements = {"MQTT311-2.3.1-4"},
                                               .versions = kBoth,
                                               .needs = {Capability::qos_1, Capability::several_in_flight}}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 1, "client");
  client.publish(topic, "held", 1);
  const Publish held = client.expect_publish(topic, "held");
  for (int i = 0; i < 300; ++i) {
    client.publish(topic, std::to_string(i), 1);
    check(client.receive().packet_id != held.packet_id, "not the identifier of the message that is held");
  }
  client.acknowledge(held);
}

CASE("MQTT5-2.2.1-4/all-65535-identifiers",
     {.needs = {Capability::qos_1, Capability::several_in_flight}, .tags = {"slow"}}) {
  constexpr int kInFlight = 8;
  const std::string topic = run.topic("t");
  Client& client = run.client();
  Client& publisher = run.client("publisher");
  client.connect();
  publisher.connect();
  client.subscribe(topic, 1);
  publisher.publish(topic, "held", 1);
  const Publish held = client.expect_publish(topic, "held");
  for (int i = 0; i < 65535 + 10; ++i) {
    if (i >= kInFlight) publisher.expect<Puback>();
    publisher.send(
        Publish{.qos = 1, .topic = topic, .packet_id = static_cast<std::uint16_t>(1 + i % kInFlight)});
    const std::uint16_t packet_id = client.expect<Publish>().packet_id;
    check(packet_id != 0 && packet_id != held.packet_id, "neither 0 nor the identifier of what is held");
    client.send(Puback{.packet_id = packet_id});
  }
}

CASE("MQTT5-2.2.1-5/acknowledgements-carry-the-identifier",
     {.statements = {"MQTT311-2.3.1-6"},
      .versions = kBoth,
      .needs = {Capability::qos_1, Capability::qos_2}}) {
  const std::string topic = run.topic("t");
  Client& client = run.connected();
  const std::vector<std::uint16_t> identifiers = {65535, 1, 256, 255, 4660};
  for (const std::uint16_t id : identifiers) {
    const auto qos = static_cast<std::uint8_t>(id % 2 == 1 ? 1 : 2);
    client.send(Publish{.qos = qos, .topic = topic, .packet_id = id, .payload = "m"});
  }
  std::set<std::uint16_t> acknowledged;
  for (const std::uint16_t id : identifiers) {
    const std::uint16_t answered =
        id % 2 == 1 ? client.expect<Puback>().packet_id : client.expect<Pubrec>().packet_id;
    check(acknowledged.insert(answered).second, "each identifier once");
    check((answered % 2 == 1) == (id % 2 == 1), "PUBACK for QoS 1, PUBREC for QoS 2");
  }
  check(acknowledged == std::set<std::uint16_t>(identifiers.begin(), identifiers.end()),
        "those that were sent");
  for (const std::uint16_t id : {256, 4660}) {
    client.send(Pubrel{.packet_id = id});
    check_equal(client.expect<Pubcomp>().packet_id, id, "packet identifier of PUBCOMP");
  }
}

CASE("MQTT5-2.2.1-6/requests-are-answered-under-their-identifiers",
     {.statements = {"MQTT311-2.3.1-7"}, .versions = kBoth}) {
  Client& client = run.connected();
  for (const std::uint16_t id : {7, 65535, 256})
    client.send(Subscribe{.packet_id = id, .subscriptions = {{run.topic(std::to_string(id))}}});
  for (const std::uint16_t id : {9, 1})
    client.send(Unsubscribe{.packet_id = id, .topic_filters = {run.topic("t")}});
  std::set<std::uint16_t> subscribed;
  std::set<std::uint16_t> unsubscribed;
  for (int i = 0; i < 3; ++i) subscribed.insert(client.expect<Suback>().packet_id);
  for (int i = 0; i < 2; ++i) unsubscribed.insert(client.expect<Unsuback>().packet_id);
  check(subscribed == std::set<std::uint16_t>{7, 256, 65535}, "a SUBACK for each SUBSCRIBE");
  check(unsubscribed == std::set<std::uint16_t>{1, 9}, "an UNSUBACK for each UNSUBSCRIBE");
}

CASE("MQTT5-2.2.1-n1/an-identifier-in-use", {.statements = {"MQTT5-2.2.1-3"}, .needs = {Capability::qos_2}}) {
  Client& client = run.connected();
  client.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 5, .payload = "m"});
  client.expect<Pubrec>();
  client.send(Subscribe{.packet_id = 5, .subscriptions = {{run.topic("s")}}});
  const std::size_t reaction = client.expect_one_of(
      {sends<Suback>("says packet identifier in use",
                     [](const Suback& suback) { return suback.reason_codes.at(0) == 0x91; }),
       sends<Suback>("grants"), closes()});
  run.behaviour("refuses a SUBSCRIBE with the packet identifier of an unfinished PUBLISH", reaction != 1);
}

CASE("MQTT5-2.2.1-n1/an-identifier-is-free-after-pubcomp", {.needs = {Capability::qos_2}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  Client& witness = run.client("witness");
  client.connect();
  witness.connect();
  witness.subscribe(topic);
  for (const char* payload : {"first", "second", "third"}) {
    client.send(Publish{.qos = 2, .topic = topic, .packet_id = 5, .payload = payload});
    check(client.expect<Pubrec>().reason_code < 0x80, "PUBREC with success");
    client.send(Pubrel{.packet_id = 5});
    check_equal(client.expect<Pubcomp>().reason_code, 0, "code of PUBCOMP");
    witness.expect_publish(topic, payload);
  }
}

CASE("MQTT5-2.2.1-n1/each-side-has-its-identifiers",
     {.statements = {"MQTT5-2.2.1-5", "MQTT311-2.3.1-6"}, .versions = kBoth, .needs = {Capability::qos_2}}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 2, "client");
  client.publish(topic, "from the server", 2);
  const Publish publish = client.expect_publish(topic, "from the server");
  client.send(Publish{.qos = 2, .topic = run.topic("u"), .packet_id = publish.packet_id, .payload = "m"});
  check_equal(client.expect<Pubrec>().packet_id, publish.packet_id, "packet identifier of PUBREC");
  client.acknowledge(publish);
  client.send(Pubrel{.packet_id = publish.packet_id});
  check_equal(client.expect<Pubcomp>().packet_id, publish.packet_id, "packet identifier of PUBCOMP");
}

// --- 2.2.2: properties of what the server sends ---

CASE("MQTT5-2.2.2-1/property-length-0", {}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 0, "client");
  client.publish(topic, "m");
  client.expect_publish(topic, "m");
  client.unsubscribe(topic);
  for (const TranscriptEntry& entry : run.transcript()) {
    if (entry.kind != TranscriptEntry::Kind::received) continue;
    const int type = static_cast<unsigned char>(entry.bytes[0]) >> 4;
    // 20 rl, flags, code; 90 and B0 rl, packet identifier: then Property Length.
    if (type == 2 || type == 9 || type == 11) check(entry.bytes.size() >= 5, "a Property Length");
  }
}

CASE("MQTT5-2.2.1-4/new-messages-behind-a-resume-have-identifiers-of-their-own",
     {.statements = {"MQTT311-2.3.1-4"},
      .versions = kBoth,
      .needs = {Capability::qos_1, Capability::persistent_session, Capability::several_in_flight}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  subscriber.subscribe(topic, 1);
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 3; ++i) publisher.publish(topic, "before", 1);
  for (int i = 0; i < 3; ++i) subscriber.expect<Publish>();
  subscriber.cut();
  subscriber.connect_persistent();
  std::vector<std::uint16_t> in_use;
  for (int i = 0; i < 3; ++i) in_use.push_back(subscriber.expect_publish(topic, "before").packet_id);
  for (int i = 0; i < 3; ++i) {
    publisher.publish(topic, "behind", 1);
    const std::uint16_t packet_id = subscriber.expect_publish(topic, "behind").packet_id;
    for (const std::uint16_t other : in_use) check(packet_id != other, "an identifier that is not in use");
    in_use.push_back(packet_id);
  }
}

}  // namespace mqttvet::conformance
