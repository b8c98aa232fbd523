// 4.8.2 Shared Subscriptions: their filters, and who gets what while everybody is there.
#include <algorithm>
#include <set>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

CaseInfo shared(std::vector<std::string> further = {}, Level level = Level::must) {
  return {.statements = std::move(further),
          .level = level,
          .needs = {Capability::shared_subscription},
          .tags = {"shared"}};
}

Client& member_of(Run& run, const std::string& group, const std::string& topic, std::uint8_t qos) {
  Client& member = run.subscribed("$share/" + group + "/" + topic, qos, "member");
  return member;
}

// Publishes "0" to "n-1", each with its acknowledgement.
void publish_numbers(Run& run, const std::string& topic, int count, std::uint8_t qos) {
  Client& publisher = run.connected("publisher");
  for (int i = 0; i < count; ++i) publisher.publish(topic, std::to_string(i), qos);
  publisher.ping();
}

// What came to all of them until nothing more comes, acknowledged.
std::multiset<std::string> all_payloads(Run& run, const std::vector<Client*>& clients) {
  std::multiset<std::string> payloads;
  for (Time quiet_since = run.now(); run.now() - quiet_since < run.pace().quiet_for;) {
    for (Client* client : clients) {
      while (!client->inbox().empty()) {
        payloads.insert(client->receive().payload);
        quiet_since = run.now();
      }
    }
    run.wait(quiet_since + run.pace().quiet_for);
  }
  return payloads;
}

std::multiset<std::string> numbers(int count, int copies = 1) {
  std::multiset<std::string> numbers;
  for (int i = 0; i < count * copies; ++i) numbers.insert(std::to_string(i % count));
  return numbers;
}

const Reaction kRefuses = sends<Suback>(
    "refuses the filter", [](const Suback& suback) { return suback.reason_codes.at(0) >= 0x80; });

}  // namespace

// --- What a shared filter looks like ---

CASES {
  struct Row {
    const char* statement;
    const char* slug;
    const char* before;  // of the run's own topic
  };
  const Row kRows[] = {
      {"MQTT5-4.8.2-1", "an-empty-share-name", "$share//"},
      {"MQTT5-4.8.2-2", "plus-in-the-share-name", "$share/g+/"},
      {"MQTT5-4.8.2-2", "plus-as-share-name", "$share/+/"},
      {"MQTT5-4.8.2-2", "hash-in-the-share-name", "$share/g#/"},
  };
  for (const Row& row : kRows) {
    add_case(std::string(row.statement) + "/refuses-" + row.slug, shared(), [before = row.before](Run& run) {
      Client& client = run.connected();
      client.send(Subscribe{.packet_id = 1, .subscriptions = {{before + run.topic("t")}}});
      client.expect_one_of({closes(), kRefuses});
    });
  }
  for (const bool separator : {false, true}) {
    add_case(
        std::string("MQTT5-4.8.2-2/refuses-a-share-name-") + (separator ? "and-separator-" : "") + "alone",
        shared(), [separator](Run& run) {
          Client& client = run.connected();
          const std::string filter = "$share/" + run.unique("group") + (separator ? "/" : "");
          client.send(Subscribe{.packet_id = 1, .subscriptions = {{filter}}});
          client.expect_one_of({closes(), kRefuses});
        });
  }
}

CASES {
  struct Row {
    const char* slug;
    const char* topic_filter;
    const char* topic_name;
    const char* other;  // does not match
  };
  const Row kRows[] = {{"plain", "a", "a", "b"},
                       {"hash", "a/#", "a/b/c", "b"},
                       {"plus", "+/b", "a/b", "a/c"},
                       {"empty-levels", "/a/", "/a/", "a"}};
  for (const Row& row : kRows) {
    add_case(std::string("MQTT5-4.8.2-2/what-follows-the-share-name-matches-") + row.slug,
             shared({"MQTT5-4.8.2-1"}), [row](Run& run) {
               Client& member = member_of(run, run.unique("group"), run.topic(row.topic_filter), 0);
               publish_numbers(run, run.topic(row.other), 1, 0);
               member.expect_nothing();
               publish_numbers(run, run.topic(row.topic_name), 1, 0);
               member.expect_publish(run.topic(row.topic_name), "0");
             });
  }
}

CASE("MQTT5-4.8.2-2/share-names-are-case-sensitive",
     {.needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  const std::string group = run.unique("group");
  Client& lower = member_of(run, group + "a", run.topic("t"), 1);
  Client& upper = member_of(run, group + "A", run.topic("t"), 1);
  publish_numbers(run, run.topic("t"), 2, 1);
  check(all_payloads(run, {&lower}) == numbers(2), "the first group has a copy of each message");
  check(all_payloads(run, {&upper}) == numbers(2), "the second group has a copy of each message");
}

// --- QoS ---

CASES {
  for (const std::uint8_t granted : {0, 1, 2}) {
    for (const std::uint8_t published : {0, 1, 2}) {
      add_case("MQTT5-4.8.2-3/granted-" + std::to_string(granted) + "-published-" + std::to_string(published),
               {.statements = {"MQTT5-3.8.4-8"},
                .needs = {Capability::shared_subscription, Capability::qos_1, Capability::qos_2},
                .tags = {"shared"}},
               [granted, published](Run& run) {
                 Client& member = member_of(run, run.unique("group"), run.topic("t"), granted);
                 publish_numbers(run, run.topic("t"), 1, published);
                 check_equal(member.receive().qos, std::min(granted, published), "QoS of the delivery");
                 member.expect_nothing();
               });
    }
  }
}

CASE("MQTT5-4.8.2-3/each-member-has-its-own-qos",
     {.needs = {Capability::shared_subscription, Capability::qos_2}, .tags = {"shared"}}) {
  const std::string group = run.unique("group");
  std::vector<Client*> members;
  for (const std::uint8_t qos : {0, 1, 2}) members.push_back(&member_of(run, group, run.topic("t"), qos));
  publish_numbers(run, run.topic("t"), 12, 2);
  for (std::size_t qos = 0; qos < members.size(); ++qos) {
    for (const Packet& packet : members[qos]->inbox())
      check_equal(std::get<Publish>(packet).qos, qos, "QoS of a delivery to this member");
  }
  check(all_payloads(run, members) == numbers(12), "each message comes to exactly one member");
}

// --- Exactly one member ---

CASES {
  for (const std::uint8_t qos : {0, 1, 2}) {
    const std::string at = "-at-qos-" + std::to_string(qos);
    add_case("MQTT5-4.8.2-n1/each-message-to-exactly-one-member" + at, shared({"MQTT5-4.5.0-1"}),
             [qos](Run& run) {
               const std::string group = run.unique("group");
               std::vector<Client*> members;
               for (int i = 0; i < 3; ++i) members.push_back(&member_of(run, group, run.topic("t"), qos));
               publish_numbers(run, run.topic("t"), 20, qos);
               check(all_payloads(run, members) == numbers(20), "each message comes to exactly one member");
             });
    add_case("MQTT5-4.8.2-n1/each-group-has-its-copy" + at, shared({"MQTT5-4.5.0-1"}), [qos](Run& run) {
      Client& one = member_of(run, run.unique("group"), run.topic("t"), qos);
      const std::string group = run.unique("group");
      Client& two = member_of(run, group, run.topic("t"), qos);
      Client& three = member_of(run, group, run.topic("t"), qos);
      Client& ordinary = run.subscribed(run.topic("t"), qos, "ordinary");
      publish_numbers(run, run.topic("t"), 6, qos);
      check(all_payloads(run, {&one}) == numbers(6), "the first group has one copy of each message");
      check(all_payloads(run, {&two, &three}) == numbers(6), "the second group has one copy of each message");
      check(all_payloads(run, {&ordinary}) == numbers(6), "who does not share has every message");
    });
  }
}

CASE("MQTT5-4.8.2-n1/another-filter-is-another-shared-subscription",
     {.needs = {Capability::shared_subscription, Capability::wildcard_subscription}, .tags = {"shared"}}) {
  const std::string group = run.unique("group");
  Client& exact = member_of(run, group, run.topic("t"), 1);
  Client& wild = member_of(run, group, run.topic("+"), 1);
  publish_numbers(run, run.topic("t"), 4, 1);
  check(all_payloads(run, {&exact}) == numbers(4), "a copy for the shared subscription to the topic");
  check(all_payloads(run, {&wild}) == numbers(4), "a copy for that with a wildcard");
}

CASE("MQTT5-4.8.2-n1/who-leaves-gets-nothing-more",
     {.statements = {"MQTT5-4.8.2-n4"}, .needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  const std::string group = run.unique("group");
  Client& stays = member_of(run, group, run.topic("t"), 1);
  Client& leaves = member_of(run, group, run.topic("t"), 1);
  Client& vanishes = member_of(run, group, run.topic("t"), 1);
  leaves.unsubscribe("$share/" + group + "/" + run.topic("t"));
  vanishes.disconnect();
  run.sleep(run.pace().quiet_for);  // for its end to arrive
  publish_numbers(run, run.topic("t"), 6, 1);
  check(all_payloads(run, {&stays}) == numbers(6), "who stays has every message");
  leaves.expect_nothing();
}

CASE("MQTT5-4.8.2-n4/subscribing-again-adds-nothing",
     {.statements = {"MQTT5-3.8.4-3"}, .needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  const std::string group = run.unique("group");
  const std::string filter = "$share/" + group + "/" + run.topic("t");
  Client& member = member_of(run, group, run.topic("t"), 1);
  member.subscribe(filter, 1);
  publish_numbers(run, run.topic("t"), 3, 1);
  check(all_payloads(run, {&member}) == numbers(3), "each message comes once");
  member.unsubscribe(filter);
  publish_numbers(run, run.topic("t"), 3, 1);
  member.expect_nothing();
}

CASE("MQTT5-4.8.2-n4/unsubscribing-from-the-filter-alone-leaves-the-group-as-it-was",
     {.statements = {"MQTT5-3.10.4-1"}, .needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  Client& member = member_of(run, run.unique("group"), run.topic("t"), 1);
  member.unsubscribe(run.topic("t"));
  publish_numbers(run, run.topic("t"), 2, 1);
  check(all_payloads(run, {&member}) == numbers(2), "the shared subscription is still there");
}

CASE("MQTT5-4.8.2-n5/a-copy-for-the-group-beside-the-ordinary-one",
     {.level = Level::should, .needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  Client& client = member_of(run, run.unique("group"), run.topic("t"), 1);
  client.subscribe(run.topic("t"), 1);
  publish_numbers(run, run.topic("t"), 2, 1);
  check(all_payloads(run, {&client}) == numbers(2, 2), "one copy as subscriber, and one as the only member");
}

CASE("MQTT5-4.8.2-n5/the-ordinary-copy-comes-beside-the-groups",
     {.needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  const std::string group = run.unique("group");
  Client& both = member_of(run, group, run.topic("t"), 1);
  both.subscribe(run.topic("t"), 1);
  Client& other = member_of(run, group, run.topic("t"), 1);
  publish_numbers(run, run.topic("t"), 4, 1);
  const std::multiset<std::string> to_both = all_payloads(run, {&both});
  for (int i = 0; i < 4; ++i)
    check(to_both.contains(std::to_string(i)), "who subscribed without sharing has every message");
  run.behaviour("a message may reach a client as subscriber and as member of a group", to_both.size() > 4);
  other.ping();
}

// --- What else a delivery carries ---

CASE("MQTT5-3.3.4-3/shared-subscription-identifier",
     {.needs = {Capability::shared_subscription, Capability::subscription_identifier}, .tags = {"shared"}}) {
  const std::string filter = "$share/" + run.unique("group") + "/" + run.topic("t");
  Client& member = run.connected("member");
  member.subscribe(Subscribe{.properties = {{PropertyId::subscription_identifier, 77}},
                             .subscriptions = {{.topic_filter = filter, .qos = 1}}});
  publish_numbers(run, run.topic("t"), 1, 1);
  const Publish publish = member.receive();
  check(subscription_identifiers(publish.properties) == std::vector<std::uint32_t>{77},
        "the PUBLISH carries the Subscription Identifier of the shared subscription");
}

CASES {
  for (const bool as_published : {false, true}) {
    add_case(std::string(as_published ? "MQTT5-3.3.1-13" : "MQTT5-3.3.1-12") +
                 "/shared-retain-as-published-" + (as_published ? "1" : "0"),
             {.needs = {Capability::shared_subscription, Capability::retain}, .tags = {"shared"}},
             [as_published](Run& run) {
               const std::string topic = run.topic("t");
               Client& member = run.connected("member");
               member.subscribe(
                   Subscribe{.subscriptions = {{.topic_filter = "$share/" + run.unique("group") + "/" + topic,
                                                .qos = 1,
                                                .retain_as_published = as_published}}});
               Client& publisher = run.connected("publisher");
               publisher.publish({.qos = 1, .retain = true, .topic = topic, .payload = "m"});
               check_equal(member.receive().retain, as_published, "RETAIN of the delivery");
             });
  }
}

CASE("MQTT5-4.6.0-5/the-only-member-of-a-group-is-served-in-order",
     {.level = Level::should, .needs = {Capability::shared_subscription}, .tags = {"shared", "order"}}) {
  Client& member = member_of(run, run.unique("group"), run.topic("t"), 1);
  publish_numbers(run, run.topic("t"), 20, 1);
  for (int i = 0; i < 20; ++i)
    check_equal(member.receive().payload, std::to_string(i), "payload of the next message");
}

}  // namespace mqttvet::conformance
