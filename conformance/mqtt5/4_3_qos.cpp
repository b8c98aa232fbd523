// 4.3 Quality of Service levels and protocol flows: the server as sender. As receiver: 4_3_qos_receiver.cpp.
#include <set>

#include "conformance/harness/case.h"
#include "conformance/mqtt5/qos_exchange.h"

namespace mqttvet::conformance {
namespace {

// Subscribed at this QoS, and given one message that is not acknowledged.
Publish given_one(Run& run, Client& subscriber, std::uint8_t qos) {
  run.connected("publisher").publish(run.topic("t"), "m", qos);
  return subscriber.expect_publish(run.topic("t"), "m");
}

}  // namespace

// --- 4.3.1: QoS 0 ---

CASE("MQTT5-4.3.1-1/qos-0-is-delivered-with-qos-0-and-dup-0",
     {.statements = {"MQTT311-4.3.1-1"}, .versions = all_versions}) {
  Client& subscriber = run.subscribed(run.topic("t"), 0);
  Client& publisher = run.connected("publisher");
  publisher.publish(run.topic("t"), "m");
  const Publish publish = subscriber.expect_publish(run.topic("t"), "m");
  check_equal(publish.qos, 0, "QoS");
  check(!publish.dup, "DUP 0");
  subscriber.expect_nothing();
}

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    add_case("MQTT5-4.3.1-1/qos-" + std::to_string(qos) + "-for-a-qos-0-subscription",
             {.statements = {"MQTT311-4.3.1-1"},
              .versions = all_versions,
              .needs = {qos == 1 ? Capability::qos_1 : Capability::qos_2}},
             [qos](Run& run) {
               Client& subscriber = run.subscribed(run.topic("t"), 0);
               const Publish publish = given_one(run, subscriber, qos);
               check_equal(publish.qos, 0, "QoS");
               check(!publish.dup, "DUP 0");
             });
  }
}

// --- The server as sender ---

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    const auto info = qos == 1 ? qos_1 : qos_2;
    const std::string at = "-at-qos-" + std::to_string(qos);
    const std::string v311 = qos == 1 ? "MQTT311-4.3.2-1" : "MQTT311-4.3.3-1";
    CaseInfo several = info({v311, "MQTT5-2.2.1-4", "MQTT311-2.3.1-4"}, false);
    several.needs.push_back(Capability::several_in_flight);
    add_case(std::string(qos == 1 ? "MQTT5-4.3.2-1" : "MQTT5-4.3.3-1") +
                 "/each-message-has-its-own-identifier" + at,
             several, [qos](Run& run) {
               Client& subscriber = run.subscribed(run.topic("t"), qos);
               Client& publisher = run.connected("publisher");
               std::set<std::uint16_t> packet_ids;
               for (int i = 0; i < 8; ++i) publisher.publish(run.topic("t"), std::to_string(i), qos);
               for (int i = 0; i < 8; ++i) {
                 const Publish publish = subscriber.expect<Publish>();
                 check(packet_ids.insert(publish.packet_id).second,
                       "no identifier twice while its message is not acknowledged");
                 // Brokers have windows: make room, but keep the first five under way.
                 if (i >= 5) subscriber.acknowledge(publish);
               }
             });
    add_case(std::string(qos == 1 ? "MQTT5-4.3.2-2" : "MQTT5-4.3.3-2") + "/first-sending-with-dup-0" + at,
             info({v311, "MQTT5-3.3.1-1", "MQTT311-3.3.1-1"}, false), [qos](Run& run) {
               const Publish publish = given_one(run, kept_subscriber(run, run.topic("t"), qos), qos);
               check_equal(publish.qos, qos, "QoS");
               check(!publish.dup, "DUP 0");
             });
    add_case(
        std::string(qos == 1 ? "MQTT5-4.3.2-3" : "MQTT5-4.3.3-3") + "/unacknowledged-until-its-answer" + at,
        info({v311}, true), [qos](Run& run) {
          Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
          const Publish first = given_one(run, subscriber, qos);
          for (int i = 0; i < 2; ++i) {
            subscriber.cut();
            subscriber.connect_persistent();
            const Publish again = subscriber.expect_publish(run.topic("t"), "m");
            check_equal(again.packet_id, first.packet_id, "packet identifier of the second sending");
          }
          subscriber.acknowledge(first);
          subscriber.ping();
          subscriber.cut();
          subscriber.connect_persistent();
          subscriber.expect_nothing();
        });
    add_case(std::string(qos == 1 ? "MQTT5-4.3.2-2" : "MQTT5-4.3.3-2") +
                 "/a-queued-message-is-first-sent-with-dup-0" + at,
             info({v311, "MQTT5-3.3.1-1", "MQTT311-3.3.1-1"}, true), [qos](Run& run) {
               Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
               subscriber.disconnect();
               run.connected("publisher").publish(run.topic("t"), "m", qos);
               subscriber.connect_persistent();
               const Publish publish = subscriber.expect_publish(run.topic("t"), "m");
               check(!publish.dup, "DUP 0");
               subscriber.acknowledge(publish);
             });
  }
}

CASE("MQTT5-4.3.3-4/pubrec-is-answered-with-pubrel", {qos_2({"MQTT311-4.3.3-1"})}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 2);
  const Publish publish = given_one(run, subscriber, 2);
  subscriber.send(Pubrec{.packet_id = publish.packet_id});
  check_equal(subscriber.expect_next<Pubrel>().packet_id, publish.packet_id, "packet identifier of PUBREL");
  subscriber.send(Pubcomp{.packet_id = publish.packet_id});
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-5/pubrel-is-repeated-until-pubcomp", {qos_2({"MQTT311-4.3.3-1", "MQTT5-4.4.0-1"}, true)}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 2);
  const Publish publish = given_one(run, subscriber, 2);
  subscriber.send(Pubrec{.packet_id = publish.packet_id});
  subscriber.expect<Pubrel>();
  for (int i = 0; i < 2; ++i) {
    subscriber.cut();
    subscriber.connect_persistent();
    check_equal(subscriber.expect_next<Pubrel>().packet_id, publish.packet_id, "packet identifier of PUBREL");
  }
  subscriber.send(Pubcomp{.packet_id = publish.packet_id});
  subscriber.ping();
  subscriber.cut();
  subscriber.connect_persistent();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-6/no-publish-again-behind-pubrel", {qos_2({"MQTT311-4.3.3-1"}, true)}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 2);
  const Publish publish = given_one(run, subscriber, 2);
  subscriber.send(Pubrec{.packet_id = publish.packet_id});
  subscriber.expect<Pubrel>();
  subscriber.cut();
  subscriber.connect_persistent();
  subscriber.expect<Pubrel>();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-7/a-message-that-was-sent-does-not-expire",
     {.statements = {"MQTT5-4.4.0-1"},
      .needs = {Capability::qos_2, Capability::persistent_session},
      .tags = {"qos2", "timer"}}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 2);
  run.connected("publisher")
      .publish({.qos = 2,
                .topic = run.topic("t"),
                .properties = {{PropertyId::message_expiry_interval, 1}},
                .payload = "m"});
  const Publish first = subscriber.expect_publish(run.topic("t"), "m");
  subscriber.cut();
  run.sleep(3s);
  subscriber.connect_persistent();
  const Publish again = subscriber.expect_publish(run.topic("t"), "m");
  check_equal(again.packet_id, first.packet_id, "packet identifier of the second sending");
  subscriber.acknowledge(again);
}

CASE("MQTT5-4.3.3-5/a-released-message-does-not-expire",
     {.statements = {"MQTT5-4.3.3-7", "MQTT5-4.4.0-1"},
      .needs = {Capability::qos_2, Capability::persistent_session},
      .tags = {"qos2", "timer"}}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 2);
  run.connected("publisher")
      .publish({.qos = 2,
                .topic = run.topic("t"),
                .properties = {{PropertyId::message_expiry_interval, 1}},
                .payload = "m"});
  const Publish publish = subscriber.expect_publish(run.topic("t"), "m");
  subscriber.send(Pubrec{.packet_id = publish.packet_id});
  subscriber.expect<Pubrel>();
  subscriber.cut();
  run.sleep(3s);
  subscriber.connect_persistent();
  check_equal(subscriber.expect<Pubrel>().packet_id, publish.packet_id, "packet identifier of PUBREL");
}

// --- Acknowledgements of the wrong kind end nothing ---

CASES {
  struct Row {
    const char* name;
    std::uint8_t qos;
    const char* v311;
    Packet (*answer)(std::uint16_t packet_id);
  };
  const Row kRows[] = {
      {"MQTT5-4.3.2-3/a-pubrec-does-not-end-qos-1", 1, "MQTT311-4.3.2-1",
       [](std::uint16_t id) -> Packet { return Pubrec{.packet_id = id}; }},
      {"MQTT5-4.3.2-3/a-pubcomp-does-not-end-qos-1", 1, "MQTT311-4.3.2-1",
       [](std::uint16_t id) -> Packet { return Pubcomp{.packet_id = id}; }},
      {"MQTT5-4.3.3-3/a-puback-does-not-end-qos-2", 2, "MQTT311-4.3.3-1",
       [](std::uint16_t id) -> Packet { return Puback{.packet_id = id}; }},
      {"MQTT5-4.3.3-3/a-pubcomp-without-pubrec-does-not-end-qos-2", 2, "MQTT311-4.3.3-1",
       [](std::uint16_t id) -> Packet { return Pubcomp{.packet_id = id}; }},
  };
  for (const Row& row : kRows) {
    add_case(row.name, (row.qos == 1 ? qos_1 : qos_2)({row.v311}, true), [row](Run& run) {
      Client& subscriber = kept_subscriber(run, run.topic("t"), row.qos);
      const Publish sent = given_one(run, subscriber, row.qos);
      subscriber.send(row.answer(sent.packet_id));
      const std::size_t reaction =
          subscriber.expect_one_of({closes(), stays_silent("ignores it"), sends<Pubrel>("answers it")});
      if (reaction != 0) subscriber.cut();
      subscriber.connect_persistent();
      const Publish again = subscriber.expect_publish(run.topic("t"), "m");
      check_equal(again.packet_id, sent.packet_id, "packet identifier of the second sending");
      subscriber.acknowledge(again);
    });
  }
}

}  // namespace mqttvet::conformance
