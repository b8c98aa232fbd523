// 4.3 Quality of Service levels and protocol flows: the server as receiver. As sender: 4_3_qos.cpp.
#include "conformance/harness/case.h"
#include "conformance/mqtt5/qos_exchange.h"

namespace mqttvet::conformance {
namespace {

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

Pubcomp release(Client& publisher, std::uint16_t packet_id) {
  publisher.send(Pubrel{.packet_id = packet_id});
  const Pubcomp pubcomp = publisher.expect<Pubcomp>();
  check_equal(pubcomp.packet_id, packet_id, "packet identifier of PUBCOMP");
  return pubcomp;
}

// Cut, and on to the same session.
void come_back(Client& publisher) {
  publisher.cut();
  publisher.connect_persistent();
}

}  // namespace

// --- The server as receiver: QoS 1 ---

CASE("MQTT5-4.3.2-4/puback-with-the-same-identifier", {qos_1({"MQTT311-4.3.2-2"})}) {
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  Client& publisher = run.connected("publisher");
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
               Client& subscriber = run.subscribed(run.topic("t"), 1);
               Client& publisher = run.connected("publisher");
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
               Client& subscriber = run.subscribed(run.topic("t"), 2);
               Client& publisher = run.connected("publisher");
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
      info.needs.push_back(power ? Capability::durable : Capability::saved);
      info.needs.push_back(power ? Capability::kill : Capability::restart);
      info.alone = true;
      add_case(std::string(qos == 1 ? "MQTT5-4.3.2-4" : "MQTT5-4.3.3-8") +
                   "/what-was-acknowledged-survives-a-" + (power ? "kill" : "restart"),
               info, [qos, power](Run& run) {
                 Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
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
  Client& publisher = run.connected("publisher");
  for (const std::uint16_t packet_id : {1, 255, 256, 65535}) {
    begun(run, publisher, packet_id);
    release(publisher, packet_id);
  }
}

CASE("MQTT5-4.3.3-12/the-identifier-of-a-message-that-nobody-got", {qos_2({"MQTT311-4.3.3-2"})}) {
  Client& publisher = run.connected("publisher");
  begun(run, publisher, 7);
  release(publisher, 7);
  Client& subscriber = run.subscribed(run.topic("t"), 2);
  begun(run, publisher, 7);
  release(publisher, 7);
  subscriber.receive();
}

CASE("MQTT5-4.3.3-8/several-exchanges-at-once", {qos_2({"MQTT311-4.3.3-2"})}) {
  Client& subscriber = run.subscribed(run.topic("t"), 0);
  Client& publisher = run.connected("publisher");
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
  Client& subscriber = run.subscribed(topic, 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  Publish publish{.qos = 2, .topic = topic, .packet_id = 7, .payload = "once"};
  publisher.send(publish);
  publisher.expect<Pubrec>();
  come_back(publisher);
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
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  Client& publisher = run.connected("publisher");
  Publish publish = begun(run, publisher, 7);
  publish.dup = true;
  publisher.send(publish);
  check_equal(publisher.expect<Pubrec>().packet_id, 7, "packet identifier of PUBREC");
  publisher.send(publish);
  const auto again = publisher.expect_one_of(
      {sends<Pubrec>("acknowledges it again", [](const Pubrec& pubrec) { return pubrec.packet_id == 7; }),
       closes("closes the connection at the second repetition", false)});
  if (again != 0) return;  // N25
  release(publisher, 7);
  subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-10/other-exchanges-between-the-repetitions", {qos_2({"MQTT311-4.3.3-2"}, true)}) {
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  Publish publish = begun(run, publisher, 7);
  begun(run, publisher, 8);
  release(publisher, 8);
  come_back(publisher);
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
  Client& subscriber = run.subscribed(run.topic("t"), 1);
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
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  begun(run, publisher, 7);
  come_back(publisher);
  check_equal(release(publisher, 7).reason_code, 0, "Reason Code of PUBCOMP");
  subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-11/pubrel-again-behind-a-lost-pubcomp", {qos_2({"MQTT311-4.3.3-2"}, true)}) {
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  begun(run, publisher, 7);
  release(publisher, 7);
  come_back(publisher);
  release(publisher, 7);
  subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-13/the-exchange-goes-on-when-the-message-has-expired",
     {.needs = {Capability::qos_2}, .tags = {"qos2", "timer"}}) {
  Client& publisher = run.connected("publisher");
  begun(run, publisher, 7, {{PropertyId::message_expiry_interval, 1}});
  run.sleep(2500ms);
  check_equal(release(publisher, 7).reason_code, 0, "Reason Code of PUBCOMP");
}

CASE("MQTT5-4.3.3-9/the-identifier-is-free-behind-a-pubrec-with-an-error",
     {.needs = {Capability::qos_2}, .tags = {"qos2"}, .on = Variant::checks_payload_format}) {
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  Client& publisher = run.connected("publisher");
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
  Client& subscriber = run.subscribed(run.topic("t"), 2);
  Client& publisher = run.connected("publisher");
  for (std::uint16_t packet_id = 1; packet_id <= 5; ++packet_id) begun(run, publisher, packet_id);
  for (std::uint16_t packet_id = 1; packet_id <= 5; ++packet_id) release(publisher, packet_id);
  for (int i = 0; i < 5; ++i) subscriber.receive();
}

CASES {
  const auto stray = [](Packet packet) {
    return [packet](Run& run) {
      Client& client = run.connected("client");
      Client& bystander = run.connected("bystander");
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
    Client& client = run.connected("client");
    client.send(Pubrec{.packet_id = 99});
    client.send(Pingreq{});
    const std::size_t reaction = client.expect_one_of({sends<Pingresp>("answers or ignores it"), closes()});
    run.behaviour("closes on an acknowledgement that nobody asked for", reaction == 1);
    run.connected("bystander").ping();
  });
  add_case("MQTT311-4.3.3-n1/pubcomp-that-nobody-asked-for", info, stray(Pubcomp{.packet_id = 99}));
}

}  // namespace mqttvet::conformance
