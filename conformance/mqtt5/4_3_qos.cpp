// 4.3 Quality of Service levels and protocol flows.
#include <set>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

constexpr Versions kBoth = v3_1_1 | v5_0;

CaseInfo qos_1(std::vector<std::string> statements, bool resumes = false) {
  CaseInfo info{.statements = std::move(statements), .versions = kBoth, .needs = {Capability::qos_1}};
  info.tags = {"qos1"};
  if (resumes) info.needs.push_back(Capability::persistent_session);
  return info;
}
CaseInfo qos_2(std::vector<std::string> statements, bool resumes = false) {
  CaseInfo info{.statements = std::move(statements), .versions = kBoth, .needs = {Capability::qos_2}};
  info.tags = {"qos2"};
  if (resumes) info.needs.push_back(Capability::persistent_session);
  return info;
}

Client& connected(Run& run, const char* name) {
  Client& client = run.client(name);
  client.connect();
  return client;
}

Client& subscribed(Run& run, std::uint8_t qos) {
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  subscriber.subscribe(run.topic("t"), qos);
  return subscriber;
}

// Subscribed at this QoS, and given one message that is not acknowledged.
Publish given_one(Run& run, Client& subscriber, std::uint8_t qos) {
  connected(run, "publisher").publish(run.topic("t"), "m", qos);
  return subscriber.expect_publish(run.topic("t"), "m");
}

// A QoS 2 message, sent and not released.
Publish begun(Run& run, Client& publisher, std::uint16_t packet_id, Properties properties = {}) {
  Publish publish{.qos = 2,
                  .topic = run.topic("t"),
                  .packet_id = packet_id,
                  .properties = std::move(properties),
                  .payload = "m"};
  publisher.send(publish);
  const Pubrec pubrec = publisher.expect<Pubrec>();
  check_equal(pubrec.packet_id, packet_id, "packet identifier of PUBREC");
  check(pubrec.reason_code < 0x80, "the message is accepted");
  return publish;
}

void release(Client& publisher, std::uint16_t packet_id) {
  publisher.send(Pubrel{.packet_id = packet_id});
  check_equal(publisher.expect<Pubcomp>().packet_id, packet_id, "packet identifier of PUBCOMP");
}

}  // namespace

// --- 4.3.1: QoS 0 ---

CASE("MQTT5-4.3.1-1/qos-0-is-delivered-with-qos-0-and-dup-0",
     {.statements = {"MQTT311-4.3.1-1"}, .versions = all_versions}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 0);
  Client& publisher = connected(run, "publisher");
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
               Client& subscriber = connected(run, "subscriber");
               subscriber.subscribe(run.topic("t"), 0);
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
    add_case(std::string(qos == 1 ? "MQTT5-4.3.2-1" : "MQTT5-4.3.3-1") +
                 "/each-message-has-its-own-identifier" + at,
             info({v311, "MQTT5-2.2.1-4", "MQTT311-2.3.1-4"}, false), [qos](Run& run) {
               Client& subscriber = connected(run, "subscriber");
               subscriber.subscribe(run.topic("t"), qos);
               Client& publisher = connected(run, "publisher");
               std::set<std::uint16_t> packet_ids;
               for (int i = 0; i < 10; ++i) publisher.publish(run.topic("t"), std::to_string(i), qos);
               for (int i = 0; i < 10; ++i) {
                 const Publish publish = subscriber.expect<Publish>();
                 check(packet_ids.insert(publish.packet_id).second,
                       "no identifier twice while its message is not acknowledged");
                 // Brokers have windows: make room, but keep the first five under way.
                 if (i >= 5) subscriber.acknowledge(publish);
               }
             });
    add_case(std::string(qos == 1 ? "MQTT5-4.3.2-2" : "MQTT5-4.3.3-2") + "/first-sending-with-dup-0" + at,
             info({v311, "MQTT5-3.3.1-1", "MQTT311-3.3.1-1"}, false), [qos](Run& run) {
               const Publish publish = given_one(run, subscribed(run, qos), qos);
               check_equal(publish.qos, qos, "QoS");
               check(!publish.dup, "DUP 0");
             });
    add_case(
        std::string(qos == 1 ? "MQTT5-4.3.2-3" : "MQTT5-4.3.3-3") + "/unacknowledged-until-its-answer" + at,
        info({v311}, true), [qos](Run& run) {
          Client& subscriber = subscribed(run, qos);
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
               Client& subscriber = subscribed(run, qos);
               subscriber.disconnect();
               connected(run, "publisher").publish(run.topic("t"), "m", qos);
               subscriber.connect_persistent();
               const Publish publish = subscriber.expect_publish(run.topic("t"), "m");
               check(!publish.dup, "DUP 0");
               subscriber.acknowledge(publish);
             });
  }
}

CASE("MQTT5-4.3.3-4/pubrec-is-answered-with-pubrel", {qos_2({"MQTT311-4.3.3-1"})}) {
  Client& subscriber = subscribed(run, 2);
  const Publish publish = given_one(run, subscriber, 2);
  subscriber.send(Pubrec{.packet_id = publish.packet_id});
  check_equal(subscriber.expect_next<Pubrel>().packet_id, publish.packet_id, "packet identifier of PUBREL");
  subscriber.send(Pubcomp{.packet_id = publish.packet_id});
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-5/pubrel-is-repeated-until-pubcomp", {qos_2({"MQTT311-4.3.3-1", "MQTT5-4.4.0-1"}, true)}) {
  Client& subscriber = subscribed(run, 2);
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
  Client& subscriber = subscribed(run, 2);
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
  Client& subscriber = subscribed(run, 2);
  connected(run, "publisher")
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

// --- The server as receiver: QoS 1 ---

CASE("MQTT5-4.3.2-4/puback-with-the-same-identifier", {qos_1({"MQTT311-4.3.2-2"})}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 1);
  Client& publisher = connected(run, "publisher");
  for (const std::uint16_t packet_id : {1, 255, 256, 65535}) {
    publisher.send(Publish{
        .qos = 1, .topic = run.topic("t"), .packet_id = packet_id, .payload = std::to_string(packet_id)});
    check_equal(publisher.expect<Puback>().packet_id, packet_id, "packet identifier of PUBACK");
    subscriber.acknowledge(subscriber.expect_publish(run.topic("t"), std::to_string(packet_id)));
  }
}

CASES {
  for (const bool dup : {false, true}) {
    add_case(std::string("MQTT5-4.3.2-5/the-identifier-again-behind-puback-with-dup-") + (dup ? "1" : "0"),
             qos_1({"MQTT311-4.3.2-2"}), [dup](Run& run) {
               Client& subscriber = connected(run, "subscriber");
               subscriber.subscribe(run.topic("t"), 1);
               Client& publisher = connected(run, "publisher");
               Publish publish{.qos = 1, .topic = run.topic("t"), .packet_id = 5, .payload = "m"};
               for (int i = 0; i < 2; ++i) {
                 publisher.send(publish);
                 publisher.expect<Puback>();
                 subscriber.receive();
                 publish.dup = dup;
               }
             });
    add_case(std::string("MQTT5-4.3.3-12/the-identifier-again-behind-pubcomp-with-dup-") + (dup ? "1" : "0"),
             qos_2({"MQTT311-4.3.3-2"}), [dup](Run& run) {
               Client& subscriber = connected(run, "subscriber");
               subscriber.subscribe(run.topic("t"), 2);
               Client& publisher = connected(run, "publisher");
               Publish publish{.qos = 2, .topic = run.topic("t"), .packet_id = 5, .payload = "m"};
               for (int i = 0; i < 2; ++i) {
                 publisher.send(publish);
                 publisher.expect<Pubrec>();
                 release(publisher, 5);
                 subscriber.receive();
                 publish.dup = dup;
               }
             });
  }
}

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    for (const bool power : {false, true}) {
      CaseInfo info = (qos == 1 ? qos_1 : qos_2)({qos == 1 ? "MQTT311-4.3.2-2" : "MQTT311-4.3.3-2"}, true);
      info.needs.push_back(Capability::durable);
      info.needs.push_back(power ? Capability::kill : Capability::restart);
      info.alone = true;
      add_case(std::string(qos == 1 ? "MQTT5-4.3.2-4" : "MQTT5-4.3.3-8") +
                   "/what-was-acknowledged-survives-a-" + (power ? "kill" : "restart"),
               info, [qos, power](Run& run) {
                 Client& subscriber = subscribed(run, qos);
                 subscriber.disconnect();
                 Client& publisher = run.client("publisher");
                 publisher.connect_persistent();
                 publisher.publish(run.topic("t"), "m", qos);
                 if (power)
                   run.kill();
                 else
                   run.restart();
                 check(subscriber.connect_persistent().session_present, "Session Present 1");
                 subscriber.acknowledge(subscriber.expect_publish(run.topic("t"), "m"));
               });
    }
  }
}

// --- The server as receiver: QoS 2 ---

CASE("MQTT5-4.3.3-8/pubrec-with-the-same-identifier", {qos_2({"MQTT311-4.3.3-2"})}) {
  Client& publisher = connected(run, "publisher");
  for (const std::uint16_t packet_id : {1, 255, 256, 65535}) {
    begun(run, publisher, packet_id);
    release(publisher, packet_id);
  }
}

CASE("MQTT5-4.3.3-8/several-exchanges-at-once", {qos_2({"MQTT311-4.3.3-2"})}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 0);
  Client& publisher = connected(run, "publisher");
  for (const std::uint16_t packet_id : {3, 1, 2}) begun(run, publisher, packet_id);
  for (const std::uint16_t packet_id : {2, 3, 1}) release(publisher, packet_id);
  for (int i = 0; i < 3; ++i) subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-10/repeated-publish-is-delivered-once", {.statements = {"MQTT311-4.3.3-2"},
                                                           .versions = all_versions,
                                                           .needs = {Capability::qos_2},
                                                           .tags = {"qos2"}}) {
  const std::string topic = run.topic("t");
  Client& subscriber = run.client("subscriber");
  subscriber.connect();
  subscriber.subscribe(topic, 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  Publish publish{.qos = 2, .topic = topic, .packet_id = 7, .payload = "once"};
  publisher.send(publish);
  publisher.expect<Pubrec>();
  publisher.cut();
  publisher.connect_persistent();
  publish.dup = true;
  publisher.send(publish);
  check_equal(publisher.expect<Pubrec>().packet_id, 7, "packet identifier of PUBREC");
  publisher.send(Pubrel{.packet_id = 7});
  publisher.expect<Pubcomp>();
  subscriber.receive();
  subscriber.expect_nothing();
}

// In 5.0 a client must not repeat it on the same connection; a server that answers at all has to deliver it
// once.
CASE("MQTT311-4.3.3-2/repeated-on-the-same-connection-is-delivered-once",
     {.versions = v3, .needs = {Capability::qos_2}, .tags = {"qos2"}}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 1);
  Client& publisher = connected(run, "publisher");
  Publish publish = begun(run, publisher, 7);
  publish.dup = true;
  for (int i = 0; i < 2; ++i) {
    publisher.send(publish);
    check_equal(publisher.expect<Pubrec>().packet_id, 7, "packet identifier of PUBREC");
  }
  release(publisher, 7);
  subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-10/other-exchanges-between-the-repetitions", {qos_2({"MQTT311-4.3.3-2"}, true)}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  Publish publish = begun(run, publisher, 7);
  begun(run, publisher, 8);
  release(publisher, 8);
  publisher.cut();
  publisher.connect_persistent();
  begun(run, publisher, 9);
  release(publisher, 9);
  publish.dup = true;
  publisher.send(publish);
  check_equal(publisher.expect<Pubrec>().packet_id, 7, "packet identifier of PUBREC");
  release(publisher, 7);
  for (int i = 0; i < 3; ++i) subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-10/clean-start-makes-it-a-new-message", {qos_2({"MQTT311-4.3.3-2"}, true)}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  begun(run, publisher, 7);
  release(publisher, 7);
  subscriber.receive();
  begun(run, publisher, 7);
  publisher.cut();
  publisher.connect();  // Clean Start 1: nothing of the exchange is left
  publisher.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 7, .payload = "new"});
  publisher.expect<Pubrec>();
  release(publisher, 7);
  while (subscriber.receive().payload != "new") {  // the one that was left may have been delivered or not
  }
}

CASE("MQTT5-4.3.3-11/pubrel-on-a-later-connection", {qos_2({"MQTT311-4.3.3-2"}, true)}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  begun(run, publisher, 7);
  publisher.cut();
  publisher.connect_persistent();
  publisher.send(Pubrel{.packet_id = 7});
  const Pubcomp pubcomp = publisher.expect<Pubcomp>();
  check_equal(pubcomp.packet_id, 7, "packet identifier of PUBCOMP");
  check_equal(pubcomp.reason_code, 0, "Reason Code of PUBCOMP");
  subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-11/pubrel-again-behind-a-lost-pubcomp", {qos_2({"MQTT311-4.3.3-2"}, true)}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  begun(run, publisher, 7);
  release(publisher, 7);
  publisher.cut();
  publisher.connect_persistent();
  release(publisher, 7);
  subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-13/the-exchange-goes-on-when-the-message-has-expired",
     {.needs = {Capability::qos_2}, .tags = {"qos2", "timer"}}) {
  Client& publisher = connected(run, "publisher");
  begun(run, publisher, 7, {{PropertyId::message_expiry_interval, 1}});
  run.sleep(2500ms);
  publisher.send(Pubrel{.packet_id = 7});
  const Pubcomp pubcomp = publisher.expect<Pubcomp>();
  check_equal(pubcomp.packet_id, 7, "packet identifier of PUBCOMP");
  check_equal(pubcomp.reason_code, 0, "Reason Code of PUBCOMP");
}

CASE("MQTT5-4.3.3-9/the-identifier-is-free-behind-a-pubrec-with-an-error",
     {.needs = {Capability::qos_2}, .tags = {"qos2"}}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 1);
  Client& publisher = connected(run, "publisher");
  // A payload that is not the UTF-8 it says it is: a server may check, and then says 0x99.
  publisher.send(Publish{.qos = 2,
                         .topic = run.topic("refused"),
                         .packet_id = 9,
                         .properties = {{PropertyId::payload_format_indicator, 1}},
                         .payload = "\xFF"});
  const auto refused = [](const Pubrec& pubrec) { return pubrec.reason_code >= 0x80; };
  if (publisher.expect_one_of({sends<Pubrec>("refuses it", refused), sends<Pubrec>("takes it"), closes()}) !=
      0)
    run.skip("the target refuses no message that we know of");
  begun(run, publisher, 9);
  release(publisher, 9);
  subscriber.receive();
}

CASE("MQTT5-4.3.3-n1/who-is-told-0-has-its-message-delivered", {.needs = {Capability::qos_2}}) {
  Client& subscriber = connected(run, "subscriber");
  subscriber.subscribe(run.topic("t"), 2);
  Client& publisher = connected(run, "publisher");
  for (std::uint16_t packet_id = 1; packet_id <= 5; ++packet_id) begun(run, publisher, packet_id);
  for (std::uint16_t packet_id = 1; packet_id <= 5; ++packet_id) release(publisher, packet_id);
  for (int i = 0; i < 5; ++i) subscriber.receive();
}

CASES {
  const auto stray = [](Packet packet) {
    return [packet](Run& run) {
      Client& client = connected(run, "client");
      Client& bystander = connected(run, "bystander");
      client.send(packet);
      client.send(Pingreq{});
      const std::size_t reaction = client.expect_one_of({sends<Pingresp>("ignores it"), closes()});
      run.behaviour("closes on an acknowledgement that nobody asked for", reaction == 1);
      bystander.ping();
    };
  };
  const CaseInfo info{.versions = v3_1_1};
  add_case("MQTT311-4.3.3-n1/puback-that-nobody-asked-for", info, stray(Puback{.packet_id = 99}));
  add_case("MQTT311-4.3.3-n1/pubrec-that-nobody-asked-for", info, [](Run& run) {
    Client& client = connected(run, "client");
    client.send(Pubrec{.packet_id = 99});
    client.send(Pingreq{});
    const std::size_t reaction = client.expect_one_of({sends<Pingresp>("answers or ignores it"), closes()});
    run.behaviour("closes on an acknowledgement that nobody asked for", reaction == 1);
    connected(run, "bystander").ping();
  });
  add_case("MQTT311-4.3.3-n1/pubcomp-that-nobody-asked-for", info, stray(Pubcomp{.packet_id = 99}));
}

}  // namespace mqttvet::conformance
