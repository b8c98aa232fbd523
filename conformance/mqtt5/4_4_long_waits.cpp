// 4.3 to 4.5: half-done exchanges have no time limit while the session lives; what waits has none but the one
// that was configured.
#include "conformance/harness/case.h"
#include "conformance/mqtt5/qos_exchange.h"

namespace mqttvet::conformance {
namespace {

constexpr auto kLong = 600s;

CaseInfo after_a_long_wait(std::vector<std::string> statements) {
  CaseInfo info = qos_2(std::move(statements), true);
  info.needs.push_back(Capability::time_jumps);
  info.tags.push_back("timer");
  return info;
}

// A publisher that has PUBREC for packet identifier 7, and nothing after it.
Client& publisher_amid_qos_2(Run& run) {
  Client& publisher = run.client("publisher");
  publisher.connect_persistent(3600s);
  publisher.send(Publish{.qos = 2, .topic = run.topic("t"), .packet_id = 7, .payload = "m"});
  check(publisher.expect<Pubrec>().reason_code < 0x80, "the message is accepted");
  return publisher;
}

void come_back(Client& client) {
  client.cut();
  check(client.connect_persistent(3600s).session_present, "Session Present 1");
}

}  // namespace

CASE("MQTT5-4.3.3-10/repeated-ten-minutes-later-is-delivered-once",
     {after_a_long_wait({"MQTT311-4.3.3-2"})}) {
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  Client& publisher = publisher_amid_qos_2(run);
  run.sleep(kLong);
  come_back(publisher);
  publisher.send(Publish{.dup = true, .qos = 2, .topic = run.topic("t"), .packet_id = 7, .payload = "m"});
  publisher.expect<Pubrec>();
  publisher.send(Pubrel{.packet_id = 7});
  publisher.expect<Pubcomp>();
  subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-11/released-ten-minutes-later-is-delivered", {after_a_long_wait({"MQTT311-4.3.3-2"})}) {
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  Client& publisher = publisher_amid_qos_2(run);
  run.sleep(kLong);
  publisher.send(Pubrel{.packet_id = 7});
  const Pubcomp pubcomp = publisher.expect<Pubcomp>();
  check_equal(pubcomp.reason_code, 0, "Reason Code of PUBCOMP");
  subscriber.receive();
  subscriber.expect_nothing();
}

CASE("MQTT5-4.3.3-5/pubrel-is-repeated-ten-minutes-later", {after_a_long_wait({"MQTT311-4.4.0-1"})}) {
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent(3600s);
  subscriber.subscribe(run.topic("t"), 2);
  run.connected("publisher").publish(run.topic("t"), "m", 2);
  const Publish publish = subscriber.expect_publish(run.topic("t"), "m");
  subscriber.send(Pubrec{.packet_id = publish.packet_id});
  subscriber.expect<Pubrel>();
  run.sleep(kLong);
  subscriber.forget_inbox();  // 3.1.1 permits repetitions on a live connection
  come_back(subscriber);
  check_equal(subscriber.expect<Pubrel>().packet_id, publish.packet_id, "packet identifier of PUBREL");
}

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    CaseInfo info = after_a_long_wait({"MQTT311-4.4.0-1"});
    add_case("MQTT5-4.4.0-1/unacknowledged-for-ten-minutes-at-qos-" + std::to_string(qos), info,
             [qos](Run& run) {
               Client& subscriber = run.client("subscriber");
               subscriber.connect_persistent(3600s);
               subscriber.subscribe(run.topic("t"), qos);
               run.connected("publisher").publish(run.topic("t"), "m", qos);
               const Publish first = subscriber.expect_publish(run.topic("t"), "m");
               run.sleep(kLong);
               if (run.is_v5())
                 check(subscriber.inbox().empty(), "nothing is sent again on a live connection");
               subscriber.forget_inbox();
               come_back(subscriber);
               const Publish again = subscriber.expect_publish(run.topic("t"), "m");
               check_equal(again.packet_id, first.packet_id, "packet identifier of the second sending");
               check(again.dup, "DUP 1");
             });
  }
}

CASE("MQTT5-4.1.0-1/a-resumed-session-does-not-expire", {.statements = {"MQTT5-3.1.2-23"},
                                                         .needs = {Capability::persistent_session},
                                                         .tags = {"timer", "session"}}) {
  Client& client = run.client();
  client.connect_persistent(2s);
  client.subscribe(run.topic("t"), 0);
  client.cut();
  run.sleep(1s);
  if (!client.connect_persistent(2s).session_present) run.inconclusive("the session ended early");
  run.sleep(3s);
  run.connected("publisher").publish(run.topic("t"), "m", 0);
  client.expect_publish(run.topic("t"), "m");
  client.cut();
  check(client.connect_persistent(2s).session_present, "Session Present 1");
}

// Where the configuration says 0 and means: no limit.
CASE("MQTT5-4.5.0-1/a-queue-without-a-limit", {.statements = {"MQTT311-4.5.0-1"},
                                               .versions = v3_1_1 | v5_0,
                                               .needs = {Capability::persistent_session, Capability::qos_1},
                                               .tags = {"session"},
                                               .on = Variant::no_queue_limit}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 1);
  subscriber.disconnect();
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 50; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  subscriber.connect_persistent();
  for (int i = 0; i < 50; ++i)
    subscriber.acknowledge(subscriber.expect_publish(run.topic("t"), std::to_string(i)));
}

}  // namespace mqttvet::conformance
