// 4.9 Flow control, 4.10 Request / response.
#include <algorithm>
#include <deque>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

// With a Receive Maximum, subscribed at QoS 2.
Client& windowed(Run& run, std::uint32_t receive_maximum) {
  Client& subscriber = run.client("subscriber");
  subscriber.connect({.properties = {{PropertyId::receive_maximum, receive_maximum}}});
  subscriber.subscribe(run.topic("t"), 2);
  return subscriber;
}

void publish_numbers(Run& run, int count, std::uint8_t qos) {
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < count; ++i) publisher.publish(run.topic("t"), std::to_string(i), qos);
}

const std::vector<Capability> kNeeds = {Capability::qos_1, Capability::qos_2};
const std::vector<Capability> kNeedsWindow = {Capability::qos_1, Capability::qos_2,
                                              Capability::several_in_flight};

}  // namespace

// --- The quota towards a subscriber ---

CASES {
  for (const std::uint32_t maximum : {1u, 2u, 65535u}) {
    for (const std::uint8_t qos : {1, 2}) {
      add_case("MQTT5-4.9.0-1/the-first-message-comes-with-receive-maximum-" + std::to_string(maximum) +
                   "-at-qos-" + std::to_string(qos),
               {.needs = kNeeds, .tags = {"flow"}}, [maximum, qos](Run& run) {
                 Client& subscriber = windowed(run, maximum);
                 publish_numbers(run, 3, qos);
                 subscriber.expect_publish(run.topic("t"), "0");
                 if (maximum == 1) subscriber.expect_nothing();
               });
    }
  }
}

CASE("MQTT5-4.9.0-2/both-qos-share-the-quota", {.needs = kNeedsWindow, .tags = {"flow"}}) {
  Client& subscriber = windowed(run, 2);
  Client& publisher = run.connected("publisher");
  for (const std::uint8_t qos : {1, 2, 1, 2}) publisher.publish(run.topic("t"), std::to_string(qos), qos);
  const Publish first = subscriber.expect_publish(run.topic("t"), "1");
  const Publish second = subscriber.expect_publish(run.topic("t"), "2");
  subscriber.expect_nothing();
  subscriber.acknowledge(second);
  subscriber.expect_publish(run.topic("t"), "1");
  subscriber.expect_nothing();
  subscriber.acknowledge(first);
  subscriber.expect_publish(run.topic("t"), "2");
}

// How a place in the window becomes free, or does not.
CASES {
  struct Row {
    const char* slug;
    std::uint8_t qos;
    std::vector<Packet> (*answers)(std::uint16_t packet_id);
    bool frees;
  };
  const Row kRows[] = {
      {"puback", 1, [](std::uint16_t id) { return std::vector<Packet>{Puback{.packet_id = id}}; }, true},
      {"puback-0x80", 1,
       [](std::uint16_t id) { return std::vector<Packet>{Puback{.packet_id = id, .reason_code = 0x80}}; },
       true},
      {"puback-0x97", 1,
       [](std::uint16_t id) { return std::vector<Packet>{Puback{.packet_id = id, .reason_code = 0x97}}; },
       true},
      {"pubrec", 2, [](std::uint16_t id) { return std::vector<Packet>{Pubrec{.packet_id = id}}; }, false},
      {"pubrec-0x80", 2,
       [](std::uint16_t id) { return std::vector<Packet>{Pubrec{.packet_id = id, .reason_code = 0x80}}; },
       true},
      {"pubcomp", 2,
       [](std::uint16_t id) {
         return std::vector<Packet>{Pubrec{.packet_id = id}, Pubcomp{.packet_id = id}};
       },
       true},
      {"pubcomp-0x92", 2,
       [](std::uint16_t id) {
         return std::vector<Packet>{Pubrec{.packet_id = id}, Pubcomp{.packet_id = id, .reason_code = 0x92}};
       },
       true},
  };
  for (const Row& row : kRows) {
    add_case(std::string("MQTT5-4.9-n1/") + row.slug + (row.frees ? "-frees" : "-keeps") + "-its-place",
             {.statements = {"MQTT5-4.9.0-2"}, .needs = kNeeds, .tags = {"flow"}}, [row](Run& run) {
               Client& subscriber = windowed(run, 1);
               publish_numbers(run, 3, row.qos);
               const Publish first = subscriber.expect_publish(run.topic("t"), "0");
               for (const Packet& packet : row.answers(first.packet_id)) {
                 subscriber.send(packet);
                 if (type_of(packet) == PacketType::pubrec && row.answers(1).size() == 2)
                   subscriber.expect<Pubrel>();
               }
               if (row.frees) subscriber.expect_publish(run.topic("t"), "1");
               if (!row.frees) subscriber.expect<Pubrel>();
               subscriber.expect_nothing();
             });
  }
}

CASE("MQTT5-4.9-n1/the-quota-never-exceeds-receive-maximum", {.needs = kNeeds, .tags = {"flow"}}) {
  Client& subscriber = windowed(run, 1);
  publish_numbers(run, 5, 1);
  const Publish first = subscriber.expect_publish(run.topic("t"), "0");
  subscriber.send(Puback{.packet_id = first.packet_id});
  const Publish second = subscriber.expect_publish(run.topic("t"), "1");
  if (second.packet_id != first.packet_id)
    subscriber.send(Puback{.packet_id = first.packet_id});  // once more
  const std::size_t reaction = subscriber.expect_one_of(
      {stays_silent("ignores it"), closes("calls it an error")}, run.pace().quiet_for);
  run.behaviour("closes on an acknowledgement that nobody asked for", reaction == 1);
}

CASE("MQTT5-4.9-n1/each-connection-begins-with-the-whole-quota",
     {.needs = {Capability::qos_1, Capability::qos_2, Capability::several_in_flight,
                Capability::persistent_session},
      .tags = {"flow"}}) {
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent(600s, {.properties = {{PropertyId::receive_maximum, 1}}});
  subscriber.subscribe(run.topic("t"), 1);
  publish_numbers(run, 5, 1);
  subscriber.expect_publish(run.topic("t"), "0");
  subscriber.expect_nothing();
  subscriber.cut();
  subscriber.connect_persistent(600s, {.properties = {{PropertyId::receive_maximum, 3}}});
  for (int i = 0; i < 3; ++i) subscriber.expect_publish(run.topic("t"), std::to_string(i));
  subscriber.expect_nothing();
}

CASE("MQTT5-4.9.0-2/a-smaller-quota-on-the-next-connection",
     {.statements = {"MQTT5-3.3.4-9", "MQTT5-4.4.0-1"},
      .needs = {Capability::qos_1, Capability::qos_2, Capability::several_in_flight,
                Capability::persistent_session},
      .tags = {"flow"}}) {
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent(600s, {.properties = {{PropertyId::receive_maximum, 3}}});
  subscriber.subscribe(run.topic("t"), 1);
  publish_numbers(run, 3, 1);
  for (int i = 0; i < 3; ++i) subscriber.expect_publish(run.topic("t"), std::to_string(i));
  subscriber.cut();
  subscriber.connect_persistent(600s, {.properties = {{PropertyId::receive_maximum, 1}}});
  for (int i = 0; i < 3; ++i) {
    const Publish publish = subscriber.expect<Publish>();
    subscriber.expect_nothing();
    subscriber.acknowledge(publish);
  }
}

CASE("MQTT5-4.9.0-3/everything-else-goes-on-at-quota-zero", {.needs = kNeeds, .tags = {"flow"}}) {
  Client& client = windowed(run, 1);
  publish_numbers(run, 3, 1);
  const Publish held = client.expect_publish(run.topic("t"), "0");
  client.ping();
  client.subscribe(run.topic("u"), 1);
  client.unsubscribe(run.topic("u"));
  client.publish(run.topic("v"), "own", 1);
  client.publish(run.topic("v"), "own", 2);
  client.acknowledge(held);
  client.expect_publish(run.topic("t"), "1");
}

CASE("MQTT5-4.9.0-3/qos-0-at-quota-zero", {.needs = kNeeds, .tags = {"flow"}}) {
  Client& client = windowed(run, 1);
  client.subscribe(run.topic("u"), 0);
  publish_numbers(run, 2, 1);
  const Publish held = client.expect_publish(run.topic("t"), "0");
  run.connected("publisher").publish(run.topic("u"), "qos 0");
  const auto qos_0 = [](const Publish& publish) { return publish.qos == 0; };
  const bool came =
      client.expect_one_of({sends<Publish>("sends it", qos_0), stays_silent()}, run.pace().quiet_for) == 0;
  run.behaviour("QoS 0 messages pass a full window", came);
  client.acknowledge(held);
  client.expect<Publish>();
}

// --- The server's own Receive Maximum ---

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    add_case("MQTT5-4.9.0-1/who-keeps-to-the-servers-receive-maximum-is-served-at-qos-" + std::to_string(qos),
             {.statements = {"MQTT5-3.3.4-8"}, .needs = kNeeds, .tags = {"flow"}}, [qos](Run& run) {
               Client& client = run.client();
               const Connack connack = client.connect();
               const auto maximum = static_cast<std::uint16_t>(
                   std::min(number(connack.properties, PropertyId::receive_maximum).value_or(65535), 40u));
               for (int round = 0; round < 3; ++round) {
                 for (std::uint16_t id = 1; id <= maximum; ++id)
                   client.send(Publish{.qos = qos, .topic = run.topic("t"), .packet_id = id, .payload = "m"});
                 for (std::uint16_t id = 1; id <= maximum; ++id) {
                   if (qos == 1) {
                     client.expect<Puback>();
                   } else {
                     client.send(Pubrel{.packet_id = client.expect<Pubrec>().packet_id});
                     client.expect<Pubcomp>();
                   }
                 }
               }
               client.ping();
             });
  }
}

CASE("MQTT5-4.9.0-1/qos-0-does-not-count", {.needs = kNeeds, .tags = {"flow"}}) {
  Client& client = run.client();
  const Connack connack = client.connect();
  const std::uint32_t maximum = number(connack.properties, PropertyId::receive_maximum).value_or(65535);
  const std::uint16_t count = static_cast<std::uint16_t>(std::min(maximum, 40u));
  for (std::uint16_t id = 1; id <= count; ++id)
    client.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = id, .payload = "m"});
  for (std::uint16_t id = 1; id <= count; ++id) client.expect<Pubrec>();
  for (int i = 0; i < 10; ++i) client.publish(run.topic("t"), "qos 0");
  client.ping();
}

// --- 4.10 ---

CASE("MQTT5-4.10-n1/request-and-response", {.tags = {"request-response"}}) {
  const std::string correlation("\x00\x01\xFF", 3);
  Client& requester = run.subscribed(run.topic("response"), 0, "requester");
  Client& responder = run.subscribed(run.topic("request"), 0, "responder");
  requester.publish({.topic = run.topic("request"),
                     .properties = {{PropertyId::response_topic, run.topic("response")},
                                    {PropertyId::correlation_data, correlation}},
                     .payload = "?"});
  const Publish request = responder.expect_publish(run.topic("request"), "?");
  const std::string response_topic = text(request.properties, PropertyId::response_topic).value_or("");
  check_equal(response_topic, run.topic("response"), "Response Topic of the request");
  responder.publish({.topic = response_topic,
                     .properties = {{PropertyId::correlation_data,
                                     text(request.properties, PropertyId::correlation_data).value_or("")}},
                     .payload = "!"});
  const Publish response = requester.expect_publish(run.topic("response"), "!");
  check(text(response.properties, PropertyId::correlation_data) == correlation,
        "Correlation Data comes back");
}

// --- What opens no place ---

CASE("MQTT5-4.9.0-2/an-acknowledgement-of-nothing-opens-no-place",
     {.statements = {"MQTT5-3.3.4-9"}, .needs = {Capability::qos_1, Capability::qos_2}, .tags = {"flow"}}) {
  Client& subscriber = windowed(run, 1);
  publish_numbers(run, 4, 1);
  const Publish first = subscriber.expect_publish(run.topic("t"), "0");
  for (int i = 0; i < 2 && subscriber.is_open(); ++i) {
    subscriber.send(Puback{.packet_id = static_cast<std::uint16_t>(first.packet_id ^ 0x4000)});
    subscriber.expect_one_of({stays_silent("ignores it"), closes()});
  }
  check(subscriber.inbox().empty(), "no second PUBLISH while the first one is not acknowledged");
  if (!subscriber.is_open()) return;
  subscriber.acknowledge(first);
  subscriber.expect_publish(run.topic("t"), "1");
  subscriber.expect_nothing();
}

CASE("MQTT5-4.9.0-2/acknowledged-twice-opens-one-place",
     {.statements = {"MQTT5-3.3.4-9"}, .needs = {Capability::qos_1, Capability::qos_2}, .tags = {"flow"}}) {
  Client& subscriber = windowed(run, 1);
  publish_numbers(run, 4, 1);
  const Publish first = subscriber.expect_publish(run.topic("t"), "0");
  subscriber.acknowledge(first);
  const Publish second = subscriber.expect_publish(run.topic("t"), "1");
  if (second.packet_id == first.packet_id) run.skip("the target gives the same packet identifier again");
  subscriber.acknowledge(first);
  subscriber.expect_one_of({stays_silent("ignores it"), closes()});
  check(subscriber.inbox().empty(), "no third PUBLISH while the second one is not acknowledged");
}

// --- With few packet identifiers, every one of them is soon used again ---

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    add_case("MQTT5-2.2.1-4/identifiers-wrap-around-those-in-use-at-qos-" + std::to_string(qos),
             {.statements = {"MQTT311-2.3.1-4"},
              .versions = v3_1_1 | v5_0,
              .needs = kNeedsWindow,
              .tags = {"flow"},
              .on = Variant::packet_ids_up_to_8},
             [qos](Run& run) {
               constexpr int kCount = 40;
               Client& subscriber = run.subscribed(run.topic("t"), qos);
               publish_numbers(run, kCount, qos);
               std::deque<Publish> held;  // of each three the middle one is acknowledged
               for (int i = 0; i < kCount; ++i) {
                 if (held.size() == 3) {
                   subscriber.acknowledge(held[1]);
                   held.erase(held.begin() + 1);
                 }
                 const Publish publish = subscriber.expect<Publish>();
                 check(publish.packet_id != 0, "a packet identifier that is not 0");
                 for (const Publish& other : held)
                   check(publish.packet_id != other.packet_id, "an identifier that is not in use");
                 held.push_back(publish);
               }
             });
  }
}

// An identifier is in use until PUBCOMP, not until PUBREC.
CASE("MQTT5-2.2.1-4/an-identifier-between-pubrec-and-pubcomp-is-in-use",
     {.statements = {"MQTT311-2.3.1-4"},
      .versions = v3_1_1 | v5_0,
      .needs = kNeedsWindow,
      .tags = {"flow"},
      .on = Variant::packet_ids_up_to_8}) {
  Client& subscriber = run.subscribed(run.topic("t"), 2);
  publish_numbers(run, 20, 2);
  const Publish first = subscriber.expect_publish(run.topic("t"), "0");
  subscriber.send(Pubrec{.packet_id = first.packet_id});
  subscriber.expect<Pubrel>();
  for (int i = 1; i < 20; ++i) {
    const Publish publish = subscriber.expect<Publish>();
    check(publish.packet_id != first.packet_id, "an identifier that is not in use");
    subscriber.acknowledge(publish);
  }
}

}  // namespace mqttvet::conformance
