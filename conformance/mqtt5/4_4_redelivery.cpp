// 4.4 Message delivery retry, 4.5 Message receipt. The generated matrix has every place to cut an exchange;
// here is what it means.
#include <algorithm>

#include "conformance/harness/case.h"
#include "conformance/mqtt5/qos_exchange.h"

namespace mqttvet::conformance {
namespace {

CaseInfo resumed(std::vector<std::string> statements, Versions versions = v3_1_1 | v5_0) {
  return {.statements = std::move(statements),
          .versions = versions,
          .needs = {Capability::persistent_session, Capability::qos_1, Capability::qos_2},
          .tags = {"resume"}};
}
CaseInfo resumed_with_several(std::vector<std::string> statements) {
  CaseInfo info = resumed(std::move(statements));
  info.needs.push_back(Capability::several_in_flight);
  return info;
}

}  // namespace

// --- 4.4: on a resume, and only then ---

CASE("MQTT5-4.4.0-1/everything-unfinished-is-sent-again", {resumed_with_several({"MQTT311-4.4.0-1"})}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 2);
  Client& publisher = run.connected("publisher");
  publisher.publish(run.topic("t"), "qos 1", 1);
  publisher.publish(run.topic("t"), "before PUBREC", 2);
  publisher.publish(run.topic("t"), "behind PUBREC", 2);
  const Publish first = subscriber.expect_publish(run.topic("t"), "qos 1");
  const Publish second = subscriber.expect_publish(run.topic("t"), "before PUBREC");
  const Publish third = subscriber.expect_publish(run.topic("t"), "behind PUBREC");
  subscriber.send(Pubrec{.packet_id = third.packet_id});
  subscriber.expect<Pubrel>();
  subscriber.cut();
  subscriber.connect_persistent();
  for (const Publish& sent : {first, second}) {
    const Publish again = subscriber.expect_publish(run.topic("t"), sent.payload);
    check_equal(again.packet_id, sent.packet_id, "packet identifier of the second sending");
    check(again.dup, "DUP 1");
  }
  check_equal(subscriber.expect<Pubrel>().packet_id, third.packet_id,
              "packet identifier of the second PUBREL");
  subscriber.expect_nothing();
}

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    const std::string at = "-at-qos-" + std::to_string(qos);
    add_case("MQTT5-4.4.0-1/nothing-is-sent-again-on-a-live-connection" + at, resumed({}, v5_0),
             [qos](Run& run) {
               Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
               run.connected("publisher").publish(run.topic("t"), "m", qos);
               subscriber.expect_publish(run.topic("t"), "m");
               // A timer of a minute shows only where a minute costs nothing.
               subscriber.expect_nothing(run.pace().quiet_for < 1s ? Duration(5s) : Duration(70s));
               subscriber.ping();
             });
    add_case("MQTT5-4.4.0-1/the-same-message-on-every-resume" + at, resumed({"MQTT311-4.4.0-1"}),
             [qos](Run& run) {
               Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
               run.connected("publisher").publish(run.topic("t"), "m", qos);
               const Publish first = subscriber.expect_publish(run.topic("t"), "m");
               for (int i = 0; i < 3; ++i) {
                 subscriber.cut();
                 subscriber.connect_persistent();
                 const Publish again = subscriber.expect_publish(run.topic("t"), "m");
                 check(again.dup, "DUP 1");
                 check_equal(again.qos, qos, "QoS");
                 check_equal(again.packet_id, first.packet_id, "packet identifier");
               }
               subscriber.acknowledge(first);
               subscriber.expect_nothing();
             });
    add_case("MQTT5-4.4.0-1/what-is-acknowledged-behind-a-lost-answer" + at, resumed({"MQTT311-4.4.0-1"}),
             [qos](Run& run) {
               Client& subscriber = run.subscribed(run.topic("t"), 0);
               Client& publisher = run.client("publisher");
               publisher.connect_persistent();
               Publish publish{.qos = qos, .topic = run.topic("t"), .packet_id = 9, .payload = "m"};
               publisher.send(publish);
               publisher.cut();  // the answer goes nowhere
               publisher.connect_persistent();
               publish.dup = true;
               publisher.send(publish);
               if (qos == 1) {
                 check_equal(publisher.expect<Puback>().packet_id, 9, "packet identifier of PUBACK");
               } else {
                 check_equal(publisher.expect<Pubrec>().packet_id, 9, "packet identifier of PUBREC");
                 publisher.send(Pubrel{.packet_id = 9});
                 publisher.expect<Pubcomp>();
               }
               subscriber.receive();
               if (qos == 2) subscriber.expect_nothing();
             });
    add_case("MQTT5-4.4.0-1/unsubscribing-does-not-end-what-is-under-way" + at,
             resumed({"MQTT311-4.4.0-1", "MQTT5-3.10.4-3", "MQTT311-3.10.4-3"}), [qos](Run& run) {
               Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
               run.connected("publisher").publish(run.topic("t"), "m", qos);
               const Publish first = subscriber.expect_publish(run.topic("t"), "m");
               subscriber.unsubscribe(run.topic("t"));
               subscriber.cut();
               subscriber.connect_persistent();
               const Publish again = subscriber.expect_publish(run.topic("t"), "m");
               check_equal(again.packet_id, first.packet_id, "packet identifier");
               subscriber.acknowledge(again);
             });
    add_case(std::string("MQTT5-4.4.0-2/") + (qos == 1 ? "puback" : "pubrec") + "-with-an-error-ends-it",
             resumed({}, v5_0), [qos](Run& run) {
               Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
               run.connected("publisher").publish(run.topic("t"), "m", qos);
               const Publish publish = subscriber.expect_publish(run.topic("t"), "m");
               if (qos == 1)
                 subscriber.send(Puback{.packet_id = publish.packet_id, .reason_code = 0x83});
               else
                 subscriber.send(Pubrec{.packet_id = publish.packet_id, .reason_code = 0x83});
               subscriber.ping();
               subscriber.cut();
               check(subscriber.connect_persistent().session_present, "Session Present 1");
               subscriber.expect_nothing();
             });
  }
}

CASE("MQTT311-4.4-n1/sent-again-on-a-live-connection",
     {.statements = {"MQTT31-4.2-n1"}, .versions = v3, .needs = {Capability::qos_1}}) {
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  run.connected("publisher").publish(run.topic("t"), "m", 1);
  const Publish first = subscriber.expect_publish(run.topic("t"), "m");
  const Duration during = run.pace().quiet_for < 1s ? Duration(5s) : Duration(70s);
  const auto again = [&](const Publish& publish) {
    return publish.dup && publish.packet_id == first.packet_id && publish.payload == "m";
  };
  const bool sent =
      subscriber.expect_one_of({sends<Publish>("sends it again", again), stays_silent()}, during) == 0;
  run.behaviour("sends again on a live connection", sent);
}

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    CaseInfo info = resumed({"MQTT311-4.4.0-1"});
    info.needs.push_back(Capability::restart);
    info.needs.push_back(Capability::saved);
    info.alone = true;
    add_case("MQTT5-4.4.0-1/what-is-under-way-survives-a-restart-at-qos-" + std::to_string(qos), info,
             [qos](Run& run) {
               Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
               Client& publisher = run.client("publisher");
               publisher.connect_persistent();
               publisher.publish(run.topic("t"), "m", qos);
               const Publish first = subscriber.expect_publish(run.topic("t"), "m");
               run.restart();
               subscriber.connect_persistent();
               const Publish again = subscriber.expect_publish(run.topic("t"), "m");
               check_equal(again.packet_id, first.packet_id, "packet identifier of the second sending");
               check(again.dup, "DUP 1");
               subscriber.acknowledge(again);
             });
  }
}

// --- 4.5: every matching session ---

CASE("MQTT5-4.5.0-1/every-matching-session-has-the-message", {resumed({"MQTT311-4.5.0-1"})}) {
  Client& exact = kept_subscriber(run, run.topic("a/b"), 1, "exact");
  Client& plus = kept_subscriber(run, run.topic("+/b"), 1, "plus");
  Client& hash = kept_subscriber(run, run.topic("#"), 2, "hash");
  Client& away = kept_subscriber(run, run.topic("a/#"), 1, "away");
  Client& other = kept_subscriber(run, run.topic("b/#"), 1, "other");
  away.disconnect();
  run.connected("publisher").publish(run.topic("a/b"), "m", 1);
  away.connect_persistent();
  for (Client* client : {&exact, &plus, &hash, &away})
    client->acknowledge(client->expect_publish(run.topic("a/b"), "m"));
  other.expect_nothing();
}

CASE("MQTT5-4.5.0-1/what-has-expired-does-not-hold-back-what-follows",
     {.statements = {"MQTT5-3.3.2-5"},
      .needs = {Capability::qos_1, Capability::persistent_session},
      .tags = {"timer"}}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 1);
  subscriber.disconnect();
  Client& publisher = run.connected("publisher");
  publisher.publish({.qos = 1,
                     .topic = run.topic("t"),
                     .properties = {{PropertyId::message_expiry_interval, 1}},
                     .payload = "expires"});
  publisher.publish(run.topic("t"), "stays", 1);
  run.sleep(3s);
  subscriber.connect_persistent();
  while (subscriber.receive().payload != "stays") {  // how soon a server looks is its own matter
  }
}

CASE("MQTT5-4.5.0-1/twenty-subscribers",
     {.statements = {"MQTT311-4.5.0-1"}, .versions = all_versions, .needs = {Capability::qos_1}}) {
  std::vector<Client*> subscribers;
  for (int i = 0; i < 20; ++i) {
    subscribers.push_back(&run.connected("subscriber"));
    subscribers.back()->subscribe(run.topic("t"), 1);
  }
  run.connected("publisher").publish(run.topic("t"), "m", 1);
  for (Client* subscriber : subscribers)
    subscriber->acknowledge(subscriber->expect_publish(run.topic("t"), "m"));
}

CASE("MQTT5-4.5.0-1/the-publisher-too",
     {.statements = {"MQTT311-4.5.0-1"}, .versions = all_versions, .needs = {Capability::qos_1}}) {
  Client& client = run.subscribed(run.topic("t"), 1, "client");
  client.publish(run.topic("t"), "m", 1);
  client.acknowledge(client.expect_publish(run.topic("t"), "m"));
}

CASE("MQTT5-4.5.0-1/each-filter-of-one-subscribe",
     {.statements = {"MQTT311-4.5.0-1"}, .versions = all_versions, .needs = {Capability::qos_1}}) {
  Client& client = run.connected("client");
  Subscribe subscribe;
  for (int i = 0; i < 10; ++i) subscribe.subscriptions.push_back({run.topic(std::to_string(i)), 1});
  client.subscribe(subscribe);
  Client& publisher = run.connected("publisher");
  for (int i = 9; i >= 0; --i) {
    publisher.publish(run.topic(std::to_string(i)), "m", 1);
    client.acknowledge(client.expect_publish(run.topic(std::to_string(i)), "m"));
  }
}

}  // namespace mqttvet::conformance
