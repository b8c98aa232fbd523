// 3.10 UNSUBSCRIBE: unsubscribe request; and 3.11 UNSUBACK, its answer.
#include <algorithm>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

Unsubscribe one_filter(const std::string& topic_filter, std::uint16_t packet_id = 1) {
  return {.packet_id = packet_id, .topic_filters = {topic_filter}};
}

constexpr std::uint8_t kSuccess = 0x00;
constexpr std::uint8_t kNoSubscriptionExisted = 0x11;

}  // namespace

CASES {
  for (const std::uint8_t flags : {0x0, 0x1, 0x3, 0xA, 0xF}) {
    add_case("MQTT5-3.10.1-1/flags-" + std::string(1, "0123456789abcdef"[flags]),
             {.statements = {"MQTT311-3.10.1-1"},
              .versions = v3_1_1 | v5_0,
              .needs = {Capability::persistent_session},
              .tags = {"malformed"}},
             [flags](Run& run) {
               const std::string topic = run.topic("t");
               Client& client = run.client();
               client.connect_persistent();
               client.subscribe(topic, 0);
               client.send(Encoder(one_filter(topic), run.version()).flags(flags));
               check(client.expect_closed({0x81}).packets.empty(), "no UNSUBACK");
               const Connack connack = client.connect_persistent();
               if (!connack.session_present) return;  // it may end a session for an error
               client.publish(topic, "still subscribed");
               client.expect_publish(topic, "still subscribed");
             });
  }
  const std::pair<const char*, std::string> kFilters[] = {
      {"surrogate", "\xED\xBF\xBF"}, {"overlong", "\xC0\x80"}, {"null-character", std::string(1, '\0')}};
  for (const auto& [slug, bad] : kFilters) {
    add_case(std::string("MQTT5-3.10.3-1/filter-with-") + slug,
             {.statements = {"MQTT311-3.10.3-1"}, .versions = v3_1_1 | v5_0, .tags = {"malformed", "utf-8"}},
             [bad](Run& run) {
               Client& client = run.connected();
               client.send(one_filter(run.topic("a" + bad)));
               check(client.expect_closed({0x81, 0x8F}).packets.empty(), "no UNSUBACK");
             });
  }
}

CASE("MQTT5-3.10.3-2/no-filter-is-a-protocol-error",
     {.statements = {"MQTT311-3.10.3-2"}, .versions = v3_1_1 | v5_0, .tags = {"malformed"}}) {
  Client& client = run.connected();
  client.send(Unsubscribe{.packet_id = 1});
  check(client.expect_closed({0x82, 0x81}).packets.empty(), "no UNSUBACK");
}

CASE("MQTT5-3.10.4-1/filters-are-compared-byte-by-byte", {.statements = {"MQTT311-3.10.4-1"},
                                                          .versions = all_versions,
                                                          .needs = {Capability::wildcard_subscription}}) {
  const std::string filter = run.topic("a/+");
  Client& client = run.subscribed(filter, 0, "client");
  for (const char* other : {"a/b", "A/+", "a/#", "a/+/", "a", "+/+"}) client.unsubscribe(run.topic(other));
  client.publish(run.topic("a/b"), "still");
  client.expect_publish(run.topic("a/b"), "still");
  client.unsubscribe(filter);
  client.publish(run.topic("a/b"), "not any more", 1);
  client.expect_nothing();
}

CASE("MQTT5-3.10.4-1/the-subscription-of-another-client-stays",
     {.statements = {"MQTT311-3.10.4-1"}, .versions = all_versions}) {
  const std::string topic = run.topic("t");
  Client& one = run.client("one");
  Client& other = run.client("other");
  one.connect();
  other.connect();
  one.subscribe(topic);
  other.subscribe(topic);
  one.unsubscribe(topic);
  one.publish(topic, "m");
  other.expect_publish(topic, "m");
  one.expect_nothing();
}

CASE("MQTT5-3.10.4-1/a-shared-filter-is-more-than-its-end",
     {.needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  const std::string topic = run.topic("t");
  const std::string shared = "$share/" + run.unique("group") + "/" + topic;
  Client& client = run.subscribed(shared, 0, "client");
  client.unsubscribe(topic);
  client.publish(topic, "still");
  client.expect_publish(topic, "still");
  client.unsubscribe(shared);
  client.publish(topic, "not any more", 1);
  client.expect_nothing();
}

CASE("MQTT5-3.10.4-2/nothing-new-after-unsubscribe",
     {.statements = {"MQTT311-3.10.4-2"}, .versions = all_versions}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  Client& publisher = run.client("publisher");
  client.connect();
  publisher.connect();
  client.subscribe(topic, 0);
  publisher.publish(topic, "before", 1);
  client.expect_publish(topic, "before");
  client.unsubscribe(topic);
  publisher.publish(topic, "after", 1);
  client.expect_nothing();
}

CASE("MQTT5-3.10.4-2/an-overlapping-subscription-goes-on", {.statements = {"MQTT311-3.10.4-2"},
                                                            .versions = all_versions,
                                                            .needs = {Capability::wildcard_subscription}}) {
  const std::string topic = run.topic("a/b");
  Client& client = run.subscribed(topic, 0, "client");
  client.subscribe(run.topic("a/#"));
  client.unsubscribe(topic);
  client.publish(topic, "m");
  client.expect_publish(topic, "m");
  client.expect_nothing();
}

CASE("MQTT5-3.10.4-2/unsubscribed-stays-so-after-resume",
     {.statements = {"MQTT311-3.10.4-2", "MQTT5-4.1.0-1"},
      .versions = all_versions,
      .needs = {Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(topic, 1);
  client.unsubscribe(topic);
  client.cut();
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "offline", 1);
  client.connect_persistent();
  publisher.publish(topic, "online", 1);
  client.expect_nothing();
}

CASE("MQTT5-3.10.4-3/qos-2-in-progress-is-completed", {.statements = {"MQTT311-3.10.4-3"},
                                                       .versions = all_versions,
                                                       .needs = {Capability::qos_2},
                                                       .tags = {"qos2"}}) {
  const std::string topic = run.topic("t");
  Client& client = run.subscribed(topic, 2, "client");
  client.publish(topic, "m", 2);
  const Publish publish = client.expect_publish(topic, "m");
  client.unsubscribe(topic);
  client.acknowledge(publish);
  client.expect_nothing();
}

CASE("MQTT5-3.10.4-3/qos-1-in-progress-is-sent-again-on-resume",
     {.statements = {"MQTT311-3.10.4-3", "MQTT5-4.4.0-1", "MQTT311-4.4.0-1"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::qos_1, Capability::persistent_session}}) {
  const std::string topic = run.topic("t");
  Client& client = run.client();
  client.connect_persistent();
  client.subscribe(topic, 1);
  client.publish(topic, "m", 1);
  const Publish first = client.expect_publish(topic, "m");
  client.unsubscribe(topic);
  client.cut();
  check(client.connect_persistent().session_present, "Session Present 1");
  const Publish again = client.expect_publish(topic, "m");
  check(again.dup, "DUP 1 on the second sending");
  check_equal(again.packet_id, first.packet_id, "packet identifier of the second sending");
  client.acknowledge(again);
}

CASE("MQTT5-3.10.4-4/unsuback-has-the-packet-identifier",
     {.statements = {"MQTT5-3.10.4-5", "MQTT311-3.10.4-4"}, .versions = all_versions}) {
  Client& client = run.subscribed(run.topic("t"), 0, "client");
  for (const std::uint16_t packet_id : {1, 256, 65535}) {
    client.send(one_filter(run.topic("t"), packet_id));
    check_equal(client.expect<Unsuback>().packet_id, packet_id, "packet identifier of UNSUBACK");
  }
}

CASE("MQTT5-3.10.4-5/an-unknown-filter-is-answered",
     {.statements = {"MQTT311-3.10.4-5"}, .versions = all_versions}) {
  Client& client = run.connected();
  client.send(one_filter(run.topic("never-subscribed"), 77));
  const Unsuback unsuback = client.expect<Unsuback>();
  check_equal(unsuback.packet_id, 77, "packet identifier of UNSUBACK");
  if (!run.is_v5()) return;
  check_equal(unsuback.reason_codes.size(), 1, "number of codes in UNSUBACK");
  if (unsuback.reason_codes[0] != kNoSubscriptionExisted)
    run.non_strict("no 0x11 for a filter that nobody subscribed to");
}

CASE("MQTT5-3.10.4-6/several-filters-act-in-sequence",
     {.statements = {"MQTT311-3.10.4-6"}, .versions = all_versions}) {
  Client& client = run.connected();
  client.subscribe(Subscribe{.subscriptions = {{run.topic("a")}, {run.topic("b")}, {run.topic("c")}}});
  client.send(
      Unsubscribe{.packet_id = 9,
                  .topic_filters = {run.topic("a"), run.topic("unknown"), run.topic("c"), run.topic("a")}});
  check_equal(client.expect<Unsuback>().packet_id, 9, "packet identifier of UNSUBACK");
  client.expect_nothing();  // one UNSUBACK
  for (const char* topic : {"a", "b", "c"}) client.publish(run.topic(topic), topic);
  client.expect_publish(run.topic("b"), "b");
  client.expect_nothing();
}

CASE("MQTT5-3.10.4-n2/one-member-leaves-a-shared-subscription",
     {.needs = {Capability::shared_subscription}, .tags = {"shared"}}) {
  const std::string topic = run.topic("t");
  const std::string shared = "$share/" + run.unique("group") + "/" + topic;
  Client& leaves = run.client("leaves");
  Client& stays = run.client("stays");
  leaves.connect();
  stays.connect();
  leaves.subscribe(shared, 1);
  stays.subscribe(shared, 1);
  leaves.unsubscribe(shared);
  for (int i = 0; i < 4; ++i) {
    stays.publish(topic, std::to_string(i), 1);
    check_equal(stays.receive().payload, std::to_string(i), "payload of the PUBLISH");
  }
  leaves.expect_nothing();
}

// --- 3.11 UNSUBACK ---

CASE("MQTT5-3.11.3-1/codes-follow-the-order-of-the-filters", {}) {
  Client& client = run.connected();
  client.subscribe(Subscribe{.subscriptions = {{run.topic("a")}, {run.topic("b")}}});
  client.send(
      Unsubscribe{.packet_id = 4, .topic_filters = {run.topic("a"), run.topic("unknown"), run.topic("b")}});
  const Unsuback unsuback = client.expect<Unsuback>();
  check_equal(unsuback.reason_codes.size(), 3, "number of codes in UNSUBACK");
  check_equal(unsuback.reason_codes[0], kSuccess, "code of the first filter");
  check_equal(unsuback.reason_codes[2], kSuccess, "code of the third filter");
  if (unsuback.reason_codes[1] != kNoSubscriptionExisted)
    run.non_strict("no 0x11 for a filter that nobody subscribed to");
}

CASE("MQTT5-3.11.3-2/codes-are-those-of-the-table", {}) {
  const std::vector<std::uint8_t> table = {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91};
  Client& client = run.connected();
  for (const std::string& filter : {run.topic("t"), std::string("$SYS/x"), "$share/g/" + run.topic("t")}) {
    client.send(one_filter(filter));
    for (const std::uint8_t code : client.expect<Unsuback>().reason_codes)
      check(std::ranges::count(table, code) == 1, "the code is one of UNSUBACK's");
  }
}

CASE("MQTT5-3.11.2-1/unsuback-fits-the-clients-maximum-packet-size", {.statements = {"MQTT5-3.11.2-2"}}) {
  constexpr std::uint32_t kBytes = 20;
  Client& client = run.client();
  client.connect({.properties = {{PropertyId::maximum_packet_size, kBytes}}});
  client.send(one_filter(run.topic("never-subscribed")));
  check(encode(client.expect<Unsuback>(), Version::v5_0).size() <= kBytes,
        "UNSUBACK is not larger than Maximum Packet Size");
}

}  // namespace mqttvet::conformance
