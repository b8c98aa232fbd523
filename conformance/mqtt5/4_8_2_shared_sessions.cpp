// 4.8.2 Shared Subscriptions: members that leave, fail and come back.
#include <algorithm>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

// Two members of one group, one message, and which of them was given it.
struct Group {
  std::string topic;
  std::string filter;
  Client* chosen = nullptr;
  Client* other = nullptr;
  Client* publisher = nullptr;
  Publish publish{};
};

Group give_one_message(Run& run, std::chrono::seconds expiry, std::uint8_t qos,
                       const char* topic_filter = "t") {
  Group group{.topic = run.topic("t"),
              .filter = "$share/" + run.unique("group") + "/" + run.topic(topic_filter)};
  Client& a = run.client("a");
  Client& b = run.client("b");
  for (Client* member : {&a, &b}) {
    member->connect_persistent(expiry);
    member->subscribe(group.filter, qos);
  }
  group.publisher = &run.client("publisher");
  group.publisher->connect();
  group.publisher->publish(group.topic, "m", qos);
  const Time until = run.now() + run.pace().answer_within;
  while (a.inbox().empty() && b.inbox().empty()) {
    check(run.now() < until, "the message comes to one of the members");
    run.wait(until);
  }
  group.chosen = a.inbox().empty() ? &b : &a;
  group.other = a.inbox().empty() ? &a : &b;
  group.publish = group.chosen->expect_publish(group.topic, "m");
  return group;
}

CaseInfo shared_session(std::vector<std::string> further = {}, Level level = Level::must) {
  return {.statements = std::move(further),
          .level = level,
          .needs = {Capability::shared_subscription, Capability::persistent_session, Capability::qos_1,
                    Capability::qos_2},
          .tags = {"shared", "resume"}};
}

// How a member's session can end in the middle of an exchange.
struct End {
  const char* slug;
  std::chrono::seconds expiry;  // while it lived
  void (*end)(Client& member);
};
constexpr std::chrono::seconds kLong{600};
const End kEnds[] = {
    {"cut", std::chrono::seconds(0), [](Client& member) { member.cut(); }},
    {"disconnect", std::chrono::seconds(0), [](Client& member) { member.disconnect(); }},
    {"disconnect-with-expiry-0", kLong,
     [](Client& member) {
       member.disconnect(0, {{PropertyId::session_expiry_interval, 0}});
     }},
    {"clean-start", kLong,
     [](Client& member) {
       member.cut();
       member.connect();
     }},
    {"expiry", std::chrono::seconds(1), [](Client& member) { member.cut(); }},
};

}  // namespace

// --- QoS 2 that was begun with a member ends with it ---

CASE("MQTT5-4.8.2-4/qos-2-before-pubrec-goes-on-with-its-member", {shared_session({"MQTT5-4.4.0-1"})}) {
  Group group = give_one_message(run, kLong, 2);
  group.chosen->cut();
  group.other->expect_nothing();
  group.chosen->connect_persistent();
  const Publish again = group.chosen->expect_publish(group.topic, "m");
  check(again.dup, "DUP 1 on the second sending");
  check_equal(again.packet_id, group.publish.packet_id, "packet identifier of the second sending");
  group.chosen->acknowledge(again);
  group.other->expect_nothing();
}

CASE("MQTT5-4.8.2-4/qos-2-behind-pubrec-goes-on-with-its-member", {shared_session({"MQTT5-4.4.0-1"})}) {
  Group group = give_one_message(run, kLong, 2);
  group.chosen->send(Pubrec{.packet_id = group.publish.packet_id});
  group.chosen->expect<Pubrel>();
  group.chosen->cut();
  group.other->expect_nothing();
  group.chosen->connect_persistent();
  check_equal(group.chosen->expect_next<Pubrel>().packet_id, group.publish.packet_id,
              "packet identifier of the second PUBREL");
  group.chosen->send(Pubcomp{.packet_id = group.publish.packet_id});
  group.chosen->expect_nothing();
  group.other->expect_nothing();
}

CASES {
  for (const End& end : kEnds) {
    add_case(std::string("MQTT5-4.8.2-5/qos-2-ends-with-its-members-session-by-") + end.slug,
             shared_session(), [end](Run& run) {
               Group group = give_one_message(run, end.expiry, 2);
               end.end(*group.chosen);
               run.sleep(end.expiry == std::chrono::seconds(1) ? 3s : 0s);
               group.other->expect_nothing();
               group.publisher->publish(group.topic, "next", 2);  // whoever is left has this one
               group.other->expect_publish(group.topic, "next");
             });
    add_case(std::string("MQTT5-4.8.2-n3/qos-1-goes-to-another-when-the-session-ends-by-") + end.slug,
             shared_session({}, Level::should), [end](Run& run) {
               Group group = give_one_message(run, end.expiry, 1);
               end.end(*group.chosen);
               group.other->expect_publish(group.topic, "m", run.pace().answer_within + end.expiry % kLong);
             });
  }
}

// --- QoS 1 ---

CASE("MQTT5-4.8.2-n3/qos-1-comes-to-the-member-that-is-back-or-to-another",
     {shared_session({"MQTT5-4.3.2-3", "MQTT5-4.5.0-1"})}) {
  Group group = give_one_message(run, kLong, 1);
  group.chosen->cut();
  run.sleep(run.pace().quiet_for);
  const bool moved = !group.other->inbox().empty();
  group.chosen->connect_persistent();
  Client& member = moved ? *group.other : *group.chosen;
  member.acknowledge(member.expect_publish(group.topic, "m"));
  run.behaviour("a shared QoS 1 message moves on when its member disconnects", moved);
}

CASE("MQTT5-4.8.2-n3/qos-1-of-a-group-with-a-wildcard-goes-to-another", {shared_session({}, Level::should)}) {
  Group group = give_one_message(run, kLong, 1, "+");
  group.chosen->disconnect(0, {{PropertyId::session_expiry_interval, 0}});
  group.other->expect_publish(group.topic, "m");
}

// --- Refused by the member ---

CASES {
  for (const std::uint8_t code : {0x80, 0x83, 0x87, 0x90, 0x97, 0x99}) {
    for (const std::uint8_t qos : {1, 2}) {
      const std::string digits = {"0123456789abcdef"[code >> 4], "0123456789abcdef"[code & 15]};
      add_case(
          std::string("MQTT5-4.8.2-6/") + (qos == 1 ? "puback-" : "pubrec-") + digits + "-ends-the-message",
          shared_session({"MQTT5-4.4.0-2"}), [code, qos](Run& run) {
            Group group = give_one_message(run, kLong, qos);
            if (qos == 1)
              group.chosen->send(Puback{.packet_id = group.publish.packet_id, .reason_code = code});
            else
              group.chosen->send(Pubrec{.packet_id = group.publish.packet_id, .reason_code = code});
            group.other->expect_nothing();
            group.chosen->ping();
            group.chosen->cut();
            group.chosen->connect_persistent();
            group.chosen->expect_nothing();
            check(group.other->inbox().empty(), "no other member is given the message");
          });
    }
  }
}

// --- Members that are away ---

CASE("MQTT5-4.8.2-n2/messages-wait-while-every-member-is-away", {shared_session({"MQTT5-4.5.0-1"})}) {
  const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
  Client& a = run.client("a");
  Client& b = run.client("b");
  for (Client* member : {&a, &b}) {
    member->connect_persistent();
    member->subscribe(filter, 1);
    member->disconnect();
  }
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 6; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  std::vector<std::string> payloads;
  for (Client* member : {&a, &b}) member->connect_persistent();
  run.sleep(run.pace().quiet_for);
  for (Client* member : {&a, &b})
    while (!member->inbox().empty()) payloads.push_back(member->receive().payload);
  std::ranges::sort(payloads);
  check(payloads == std::vector<std::string>{"0", "1", "2", "3", "4", "5"}, "each message comes once");
}

CASE("MQTT5-4.8.2-n2/nothing-is-lost-while-one-member-is-away", {shared_session({"MQTT5-4.5.0-1"})}) {
  const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
  Client& away = run.client("away");
  Client& here = run.client("here");
  for (Client* member : {&away, &here}) {
    member->connect_persistent();
    member->subscribe(filter, 1);
  }
  away.disconnect();
  run.sleep(run.pace().quiet_for);
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 6; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  run.sleep(run.pace().quiet_for);
  std::vector<std::string> payloads;
  while (!here.inbox().empty()) payloads.push_back(here.receive().payload);
  run.behaviour("a group's messages go to members that are connected", payloads.size() == 6);
  away.connect_persistent();
  run.sleep(run.pace().quiet_for);
  while (!away.inbox().empty()) payloads.push_back(away.receive().payload);
  std::ranges::sort(payloads);
  check(payloads == std::vector<std::string>{"0", "1", "2", "3", "4", "5"}, "each message comes once");
}

CASE("MQTT5-4.8.2-n2/a-resumed-session-is-still-a-member", {shared_session({"MQTT5-3.1.2-5"})}) {
  Client& member = run.client("member");
  member.connect_persistent();
  member.subscribe("$share/" + run.unique("group") + "/" + run.topic("t"), 1);
  member.cut();
  member.connect_persistent();
  Client& publisher = run.connected("publisher");
  publisher.publish(run.topic("t"), "m", 1);
  member.receive();
  member.expect_nothing();
}

CASE("MQTT5-4.8.2-n2/who-takes-over-a-session-is-one-member", {shared_session({"MQTT5-3.1.4-3"})}) {
  const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
  Client& member = run.client("member");
  member.connect_persistent();
  member.subscribe(filter, 1);
  Client& successor = run.client("successor");
  successor.set_client_id(member.client_id());
  check(successor.connect_persistent().session_present, "Session Present 1");
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 3; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  for (int i = 0; i < 3; ++i) successor.receive();
  successor.expect_nothing();
}

CASE("MQTT5-4.8.2-n2/clean-start-leaves-the-group", {shared_session({"MQTT5-3.1.2-4"})}) {
  const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
  Client& stays = run.client("stays");
  Client& leaves = run.client("leaves");
  for (Client* member : {&stays, &leaves}) {
    member->connect_persistent();
    member->subscribe(filter, 1);
  }
  leaves.disconnect();
  leaves.connect();  // Clean Start 1
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 4; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  for (int i = 0; i < 4; ++i) stays.receive();
  leaves.expect_nothing();
}

CASE("MQTT5-4.8.2-n2/what-waits-ends-with-the-last-member", {shared_session()}) {
  const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
  Client& last = run.client("last");
  last.connect({.properties = {{PropertyId::receive_maximum, 1}}});
  last.subscribe(filter, 1);
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 3; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  last.expect_publish(run.topic("t"), "0");  // and not acknowledged
  last.unsubscribe(filter);
  Client& first = run.subscribed(filter, 1, "first");
  first.expect_nothing();
  publisher.publish(run.topic("t"), "new", 1);
  first.expect_publish(run.topic("t"), "new");
}

CASE("MQTT5-4.8.2-n2/a-session-that-ends-takes-the-subscription-with-it",
     {shared_session({"MQTT5-4.1.0-2"})}) {
  const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
  Client& last = run.client("last");
  last.connect_persistent();
  last.subscribe(filter, 1);
  last.disconnect();
  Client& publisher = run.connected("publisher");
  publisher.publish(run.topic("t"), "old", 1);
  last.connect();  // Clean Start 1: the session is over
  Client& first = run.subscribed(filter, 1, "first");
  first.expect_nothing();
  last.expect_nothing();
}

// --- The window of each member ---

CASE("MQTT5-4.9.0-2/a-full-window-of-one-member-does-not-stop-the-other",
     {shared_session({"MQTT5-3.3.4-9"})}) {
  const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
  Client& narrow = run.client("narrow");
  narrow.connect({.properties = {{PropertyId::receive_maximum, 1}}});
  narrow.subscribe(filter, 1);
  Client& wide = run.subscribed(filter, 1, "wide");
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < 8; ++i) publisher.publish(run.topic("t"), std::to_string(i), 1);
  run.sleep(run.pace().quiet_for);
  check(narrow.inbox().size() <= 1, "not more than Receive Maximum is under way to the narrow member");
  std::vector<std::string> payloads;
  for (Client* member : {&wide, &narrow}) {
    for (Time until = run.now() + run.pace().quiet_for; run.now() < until;) {
      if (member->inbox().empty()) {
        run.wait(until);
        continue;
      }
      payloads.push_back(member->receive().payload);
      until = run.now() + run.pace().quiet_for;
    }
  }
  std::ranges::sort(payloads);
  check(payloads.size() == 8 && std::ranges::adjacent_find(payloads) == payloads.end(),
        "each message comes to exactly one member");
}

}  // namespace mqttvet::conformance
