// 4.6 Message ordering.
#include <map>

#include "conformance/harness/case.h"
#include "conformance/mqtt5/qos_exchange.h"

namespace mqttvet::conformance {
namespace {

constexpr int kCount = 30;

CaseInfo ordered(std::vector<std::string> statements, Versions versions = v3_1_1 | v5_0) {
  return {.statements = std::move(statements),
          .versions = versions,
          .needs = {Capability::qos_1, Capability::qos_2},
          .tags = {"order"}};
}
CaseInfo ordered_resume(std::vector<std::string> statements, Versions versions = v3_1_1 | v5_0) {
  CaseInfo info = ordered(std::move(statements), versions);
  info.needs.push_back(Capability::persistent_session);
  return info;
}

// Sends them all, then sees the exchanges through: in flight together as far as the server takes them.
void publish_together(Client& publisher, const std::string& topic, const std::string& prefix,
                      std::uint8_t qos, int count) {
  std::vector<std::uint16_t> packet_ids;
  for (int i = 0; i < count; ++i) {
    packet_ids.push_back(qos == 0 ? std::uint16_t{0} : publisher.next_packet_id());
    publisher.send(Publish{
        .qos = qos, .topic = topic, .packet_id = packet_ids.back(), .payload = prefix + std::to_string(i)});
  }
  for (int i = 0; i < count && qos == 1; ++i) publisher.expect<Puback>();
  for (int i = 0; i < count && qos == 2; ++i) {
    publisher.send(Pubrel{.packet_id = publisher.expect<Pubrec>().packet_id});
    publisher.expect<Pubcomp>();
  }
}

// How many may be in flight towards the target.
int in_flight(Run& run) {
  return static_cast<int>(std::min<std::uint32_t>(
      kCount, number(run.target().connack.properties, PropertyId::receive_maximum).value_or(65535)));
}

void expect_in_order(Client& subscriber, const std::string& topic, int from, int to) {
  for (int i = from; i < to; ++i) {
    const Publish publish = subscriber.receive();
    check_equal(publish.topic, topic, "topic of the PUBLISH");
    check_equal(publish.payload, std::to_string(i), "payload of the next message");
  }
}

}  // namespace

// --- From one publisher ---

CASES {
  for (const std::uint8_t qos : {0, 1, 2}) {
    const std::string at = "-at-qos-" + std::to_string(qos);
    const std::vector<std::string> both = {"MQTT311-4.6.0-6", "MQTT5-4.6.0-6", "MQTT311-4.6.0-5"};
    add_case("MQTT5-4.6.0-5/in-order-while-connected" + at, ordered(both, all_versions), [qos](Run& run) {
      Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
      const int count = in_flight(run);
      publish_together(run.connected("publisher"), run.topic("t"), "", qos, count);
      expect_in_order(subscriber, run.topic("t"), 0, count);
      subscriber.expect_nothing();
    });
    add_case("MQTT5-4.6.0-5/in-order-through-a-wildcard" + at, ordered(both), [qos](Run& run) {
      Client& subscriber = kept_subscriber(run, run.topic("#"), qos);
      const int count = in_flight(run);
      publish_together(run.connected("publisher"), run.topic("a/b"), "", qos, count);
      expect_in_order(subscriber, run.topic("a/b"), 0, count);
    });
    add_case("MQTT5-4.6.0-5/each-publisher-in-its-order" + at, ordered(both), [qos](Run& run) {
      Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
      Client& one = run.connected("one");
      Client& two = run.connected("two");
      for (int i = 0; i < 10; ++i) {
        one.publish(run.topic("t"), "one " + std::to_string(i), qos);
        two.publish(run.topic("t"), "two " + std::to_string(i), qos);
      }
      std::map<std::string, int> next;
      for (int i = 0; i < 20; ++i) {
        const std::string payload = subscriber.receive().payload;
        const std::string who = payload.substr(0, 3);
        check_equal(payload, who + " " + std::to_string(next[who]++),
                    "payload of this publisher's next message");
      }
    });
    if (qos == 0) continue;
    add_case("MQTT5-4.6.0-5/queued-messages-in-order" + at, ordered_resume(both, all_versions),
             [qos](Run& run) {
               Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
               subscriber.disconnect();
               const int count = in_flight(run);
               publish_together(run.connected("publisher"), run.topic("t"), "", qos, count);
               subscriber.connect_persistent();
               expect_in_order(subscriber, run.topic("t"), 0, count);
             });
    add_case("MQTT5-4.6.0-5/queued-before-new-ones" + at, ordered_resume(both), [qos](Run& run) {
      Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
      subscriber.cut();
      Client& publisher = run.connected("publisher");
      for (int i = 0; i < 5; ++i) publisher.publish(run.topic("t"), std::to_string(i), qos);
      subscriber.connect_persistent();
      for (int i = 5; i < 10; ++i) publisher.publish(run.topic("t"), std::to_string(i), qos);
      expect_in_order(subscriber, run.topic("t"), 0, 10);
    });
    add_case("MQTT5-4.6.0-5/through-a-window-of-two" + at,
             {.needs = {Capability::qos_1, Capability::qos_2}, .tags = {"order"}}, [qos](Run& run) {
               Client& subscriber = run.client("subscriber");
               subscriber.connect({.properties = {{PropertyId::receive_maximum, 2}}});
               subscriber.subscribe(run.topic("t"), qos);
               Client& publisher = run.connected("publisher");
               for (int i = 0; i < 10; ++i) publisher.publish(run.topic("t"), std::to_string(i), qos);
               expect_in_order(subscriber, run.topic("t"), 0, 10);
             });
    // 3.1.1 says it of the server too (4.6.0-6); 5.0 names only the client in 4.6.0-1.
    const auto resends = [qos](Run& run) {
      Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
      Client& publisher = run.connected("publisher");
      for (int i = 0; i < 6; ++i) publisher.publish(run.topic("t"), std::to_string(i), qos);
      std::vector<Publish> sent;
      for (int i = 0; i < 6; ++i)
        sent.push_back(subscriber.expect_publish(run.topic("t"), std::to_string(i)));
      subscriber.acknowledge(sent[0]);
      subscriber.acknowledge(sent[3]);
      subscriber.ping();
      subscriber.cut();
      subscriber.connect_persistent();
      for (const int i : {1, 2, 4, 5})
        subscriber.acknowledge(subscriber.expect_publish(run.topic("t"), std::to_string(i)));
    };
    CaseInfo of_311 = ordered_resume({"MQTT311-4.6.0-6"}, v3_1_1);
    of_311.needs.push_back(Capability::several_in_flight);
    add_case("MQTT311-4.6.0-1/sent-again-in-order" + at, of_311, resends);
    CaseInfo info = ordered_resume({}, v5_0);
    info.needs.push_back(Capability::several_in_flight);
    info.level = Level::should;
    add_case("MQTT5-4.6.0-5/sent-again-in-order" + at, info, resends);
  }
}

CASE("MQTT5-4.6.0-5/sent-again-before-what-is-new",
     {.statements = {"MQTT311-4.6.0-6"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::qos_1, Capability::several_in_flight, Capability::persistent_session},
      .tags = {"order"}}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 1);
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 3; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  for (int i = 0; i < 3; ++i) subscriber.expect_publish(run.topic("t"), std::to_string(i));
  subscriber.cut();
  run.sleep(run.pace().quiet_for);
  for (int i = 3; i < 6; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  subscriber.connect_persistent();
  expect_in_order(subscriber, run.topic("t"), 0, 6);
}

// --- Acknowledgements ---

// Whether the rule for clients binds a server that receives can be argued: 4.6.0-6 speaks of each subscriber.
CASE("MQTT311-4.6.0-2/pubacks-in-the-order-of-the-publishes",
     {.level = Level::should, .needs = {Capability::qos_1}, .tags = {"order"}}) {
  Client& publisher = run.connected("publisher");
  for (std::uint16_t id = 1; id <= 15; ++id)
    publisher.send(Publish{.qos = 1, .topic = run.topic("t"), .packet_id = id, .payload = "m"});
  for (std::uint16_t id = 1; id <= 15; ++id)
    check_equal(publisher.expect<Puback>().packet_id, id, "packet identifier of the next PUBACK");
}

CASE("MQTT311-4.6.0-3/pubrecs-in-the-order-of-the-publishes",
     {.level = Level::should, .needs = {Capability::qos_2}, .tags = {"order"}}) {
  Client& publisher = run.connected("publisher");
  for (std::uint16_t id = 1; id <= 15; ++id)
    publisher.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = id, .payload = "m"});
  for (std::uint16_t id = 1; id <= 15; ++id)
    check_equal(publisher.expect<Pubrec>().packet_id, id, "packet identifier of the next PUBREC");
}

CASE("MQTT311-4.6.0-4/pubrels-in-the-order-of-the-pubrecs",
     {.statements = {"MQTT311-4.6.0-6"},
      .needs = {Capability::qos_2, Capability::several_in_flight},
      .tags = {"order"}}) {
  Client& subscriber = run.subscribed(run.topic("t"), 2);
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 5; ++i) publisher.publish(run.topic("t"), std::to_string(i), 2);
  std::vector<Publish> sent;
  for (int i = 0; i < 5; ++i) sent.push_back(subscriber.expect<Publish>());
  for (const std::size_t i : {3, 0, 4, 1, 2}) subscriber.send(Pubrec{.packet_id = sent[i].packet_id});
  for (const std::size_t i : {3, 0, 4, 1, 2})
    check_equal(subscriber.expect<Pubrel>().packet_id, sent[i].packet_id,
                "packet identifier of the next PUBREL");
}

// How the order of the PUBRECs is kept when PUBRELs are sent again is not spelled out.
CASE("MQTT311-4.6.0-4/pubrels-are-sent-again-in-their-order",
     {.statements = {"MQTT5-4.4.0-1", "MQTT311-4.4.0-1"},
      .versions = v3_1_1 | v5_0,
      .level = Level::should,
      .needs = {Capability::qos_2, Capability::persistent_session, Capability::several_in_flight},
      .tags = {"order"}}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 2);
  Client& publisher = run.connected("publisher");
  std::vector<std::uint16_t> packet_ids;
  for (int i = 0; i < 5; ++i) {
    publisher.publish(run.topic("t"), std::to_string(i), 2);
    packet_ids.push_back(subscriber.expect<Publish>().packet_id);
    subscriber.send(Pubrec{.packet_id = packet_ids.back()});
    subscriber.expect<Pubrel>();
  }
  subscriber.cut();
  subscriber.connect_persistent();
  for (const std::uint16_t packet_id : packet_ids)
    check_equal(subscriber.expect<Pubrel>().packet_id, packet_id, "packet identifier of the next PUBREL");
}

}  // namespace mqttvet::conformance
