// 4.1 What a restart keeps of the sessions, exactly: a server that says it is durable must not come back with
// half of it.
#include "conformance/harness/case.h"
#include "conformance/mqtt5/qos_exchange.h"

namespace mqttvet::conformance {
namespace {

constexpr int kRounds = 6;

// Restarted as by kill -9; what was acknowledged survives.
CaseInfo survives(std::vector<std::string> statements, Versions versions = v3_1_1 | v5_0) {
  CaseInfo info{.statements = std::move(statements), .versions = versions};
  info.needs = {Capability::persistent_session, Capability::qos_1, Capability::qos_2, Capability::kill,
                Capability::durable};
  info.tags = {"restart"};
  info.alone = true;
  return info;
}

}  // namespace

// Several times: what goes wrong here hangs on a moment.
CASE("MQTT5-4.3.3-6/pubrel-again-and-not-publish-behind-a-kill",
     {survives({"MQTT5-4.4.0-1", "MQTT311-4.4.0-1"})}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 2);
  for (int round = 0; round < kRounds; ++round) {
    run.connected("publisher").publish(run.topic("t"), "m", 2);
    const Publish publish = subscriber.expect_publish(run.topic("t"), "m");
    subscriber.send(Pubrec{.packet_id = publish.packet_id});
    subscriber.expect<Pubrel>();
    run.kill();
    subscriber.connect_persistent();
    check_equal(subscriber.expect_next<Pubrel>().packet_id, publish.packet_id, "packet identifier of PUBREL");
    subscriber.send(Pubcomp{.packet_id = publish.packet_id});
    subscriber.expect_nothing();
  }
}

CASE("MQTT5-4.3.3-10/repeated-behind-a-kill-is-delivered-once", {survives({"MQTT311-4.3.3-2"})}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 1);
  Client& publisher = run.client("publisher");
  publisher.connect_persistent();
  Publish publish{.qos = 2, .topic = run.topic("t"), .packet_id = 7, .payload = "once"};
  publisher.send(publish);
  publisher.expect<Pubrec>();
  run.kill();
  subscriber.connect_persistent();
  publisher.connect_persistent();
  publish.dup = true;
  publisher.send(publish);
  check_equal(publisher.expect<Pubrec>().packet_id, 7, "packet identifier of PUBREC");
  publisher.send(Pubrel{.packet_id = 7});
  publisher.expect<Pubcomp>();
  const Publish delivered = subscriber.receive();
  while (!subscriber.inbox().empty()) {  // the kill may have come before the acknowledgement of a delivery
    const Publish again = subscriber.receive();
    check(again.dup && again.packet_id == delivered.packet_id, "the same delivery, if it comes again");
  }
  subscriber.expect_nothing();
}

CASES {
  for (const std::uint8_t qos : {1, 2}) {
    add_case("MQTT5-4.4.0-1/identifiers-survive-a-kill-at-qos-" + std::to_string(qos),
             survives({"MQTT311-4.4.0-1", "MQTT5-2.2.1-4"}), [qos](Run& run) {
               Client& subscriber = kept_subscriber(run, run.topic("t"), qos);
               Client& publisher = run.connected("publisher");
               publisher.publish(run.topic("t"), "done", qos);
               subscriber.acknowledge(subscriber.expect_publish(run.topic("t"), "done"));
               subscriber.ping();
               publisher.publish(run.topic("t"), "under way", qos);
               const Publish sent = subscriber.expect_publish(run.topic("t"), "under way");
               run.kill();
               subscriber.connect_persistent();
               const Publish again = subscriber.expect_publish(run.topic("t"), "under way");
               check(again.dup, "DUP 1");
               check_equal(again.packet_id, sent.packet_id, "packet identifier of the second sending");
               subscriber.acknowledge(again);
               run.connected("publisher").publish(run.topic("t"), "new", qos);
               subscriber.acknowledge(subscriber.expect_publish(run.topic("t"), "new"));
             });
  }
}

CASE("MQTT5-4.1.0-1/a-subscription-survives-a-kill-right-behind-suback",
     {survives({"MQTT5-3.8.4-1", "MQTT311-4.1.0-1"})}) {
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  for (int round = 0; round < kRounds; ++round) {
    const std::string topic = run.topic(std::to_string(round));
    subscriber.subscribe(topic, 1);
    run.kill();
    check(subscriber.connect_persistent().session_present, "Session Present 1");
    run.connected("publisher").publish(topic, "m", 1);
    subscriber.acknowledge(subscriber.expect_publish(topic, "m"));
  }
}

CASE("MQTT5-4.1.0-1/an-unsubscribed-filter-is-not-back-behind-a-kill",
     {survives({"MQTT5-3.10.4-2", "MQTT311-3.10.4-2"})}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 1);
  subscriber.unsubscribe(run.topic("t"));
  run.kill();
  subscriber.connect_persistent();
  run.connected("publisher").publish(run.topic("t"), "m", 1);
  subscriber.expect_nothing();
}

CASE("MQTT5-4.1.0-2/a-session-of-before-a-kill-expires",
     {.statements = {"MQTT5-3.1.2-23"},
      .needs = {Capability::persistent_session, Capability::kill, Capability::durable},
      .tags = {"restart", "timer"},
      .alone = true}) {
  Client& client = run.client();
  client.connect_persistent(2s);
  client.disconnect();
  run.kill();
  run.sleep(2500ms + run.pace().timer_slack);
  check(!client.connect_persistent(2s).session_present, "Session Present 0");
}

CASE("MQTT5-4.1.0-2/a-session-with-expiry-0-does-not-survive-a-kill", {survives({"MQTT311-4.1.0-2"})}) {
  Client& client = run.connected();
  client.subscribe(run.topic("t"), 1);
  run.kill();
  check(!client.connect_persistent().session_present, "Session Present 0");
  run.connected("publisher").publish(run.topic("t"), "m", 1);
  client.expect_nothing();
}

CASE("MQTT5-3.1.2-4/clean-start-wipes-what-was-stored-before-a-kill", {survives({"MQTT311-3.1.2-6"})}) {
  Client& client = kept_subscriber(run, run.topic("t"), 1, "client");
  run.kill();
  check(!client.connect().session_present, "Session Present 0");
  client.disconnect();
  check(!client.connect_persistent().session_present, "Session Present 0 again");
  run.connected("publisher").publish(run.topic("t"), "m", 1);
  client.expect_nothing();
}

// Nothing acknowledges a DISCONNECT: the server gets a moment, and an orderly restart.
CASE("MQTT5-3.1.2-10/a-discarded-will-is-not-back-behind-a-restart",
     {.statements = {"MQTT311-3.1.2-10"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::persistent_session, Capability::qos_1, Capability::restart, Capability::saved},
      .tags = {"restart"},
      .alone = true}) {
  Client& witness = kept_subscriber(run, run.topic("will"), 1, "witness");
  Client& client = run.client();
  client.connect_persistent(600s, {.will = Will{.qos = 1, .topic = run.topic("will"), .payload = "w"}});
  client.disconnect();
  run.sleep(500ms);
  run.restart();
  witness.connect_persistent();
  witness.expect_nothing();
}

// What a server keeps of retained messages is its own affair, but not an older one than the last.
CASE("MQTT5-3.3.1-5/the-last-retained-message-behind-a-kill",
     {.statements = {"MQTT311-3.3.1-5"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::retain, Capability::qos_1, Capability::kill, Capability::durable},
      .tags = {"restart"},
      .alone = true}) {
  Client& publisher = run.connected("publisher");
  for (const char* payload : {"first", "second"})
    publisher.publish({.qos = 1, .retain = true, .topic = run.topic("t"), .payload = payload});
  run.kill();
  Client& subscriber = run.subscribed(run.topic("t"), 1);
  const auto last = [](const Publish& publish) { return publish.payload == "second"; };
  subscriber.expect_one_of(
      {sends<Publish>("sends the last one", last), stays_silent("has lost it, though it is durable", false)});
}

CASE("MQTT5-3.3.2-6/the-time-before-a-kill-counts",
     {.needs = {Capability::persistent_session, Capability::qos_1, Capability::kill, Capability::durable},
      .tags = {"restart", "timer"},
      .alone = true}) {
  Client& subscriber = kept_subscriber(run, run.topic("t"), 1);
  subscriber.disconnect();
  run.connected("publisher")
      .publish({.qos = 1,
                .topic = run.topic("t"),
                .properties = {{PropertyId::message_expiry_interval, 60}},
                .payload = "m"});
  run.sleep(3s);
  run.kill();
  subscriber.connect_persistent();
  const Publish publish = subscriber.receive();
  const auto left = number(publish.properties, PropertyId::message_expiry_interval);
  check(left && *left <= 58, "a Message Expiry Interval from which the time before the restart is taken off");
}

}  // namespace mqttvet::conformance
