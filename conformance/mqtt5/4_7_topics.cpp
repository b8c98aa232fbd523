// 4.7 Topic Names and Topic Filters.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

// One subscription, one message. Both names stand below a level of the run's own.
struct Match {
  const char* slug;
  const char* topic_filter;
  const char* topic_name;
  bool matches;
};

void expect_match(Run& run, const Match& row) {
  const std::string topic = run.topic(row.topic_name);
  Client& subscriber = run.subscribed(run.topic(row.topic_filter), 0);
  Client& publisher = run.connected("publisher");
  publisher.publish(topic, "m");
  if (row.matches) {
    subscriber.expect_publish(topic, "m");
  } else {
    publisher.ping();
  }
  subscriber.expect_nothing();
}

}  // namespace

// --- 4.7.1: wildcards ---

CASES {
  const Match kHash[] = {
      {"hash-matches-the-parent", "a/#", "a", true},
      {"hash-matches-a-child", "a/#", "a/b", true},
      {"hash-matches-many-levels", "a/#", "a/b/c/d", true},
      {"hash-matches-an-empty-level", "a/#", "a/", true},
      {"hash-does-not-match-a-sibling", "a/#", "ab", false},
      {"hash-does-not-match-a-longer-name", "a/#", "ab/c", false},
      {"plus-and-hash-match-the-parent", "+/#", "a", true},
      {"plus-level-hash", "+/b/#", "a/b", true},
      {"plus-level-hash-with-another-level", "+/b/#", "a/c/b", false},
  };
  const Match kPlus[] = {
      {"plus-matches-one-level", "+", "a", true},
      {"plus-matches-an-empty-level", "+", "", true},
      {"plus-does-not-match-two-levels", "+", "a/b", false},
      {"plus-does-not-match-the-parent", "a/+", "a", false},
      {"plus-matches-an-empty-last-level", "a/+", "a/", true},
      {"plus-in-the-middle", "a/+/c", "a/b/c", true},
      {"plus-matches-an-empty-level-in-the-middle", "a/+/c", "a//c", true},
      {"plus-is-not-left-out", "a/+/c", "a/c", false},
      {"plus-is-not-two-levels-in-the-middle", "a/+/c", "a/b/b/c", false},
      {"two-plus-match-an-empty-first-level", "+/+", "/a", true},
      {"two-plus-do-not-match-one-level", "+/+", "a", false},
      {"plus-behind-an-empty-level", "/+", "/a", true},
      {"plus-behind-an-empty-level-wants-it", "/+", "a", false},
  };
  const auto add = [](const char* v5, const char* v311, const Match& row) {
    add_case(std::string(v5) + "/" + row.slug,
             {.statements = {v311},
              .versions = all_versions,
              .needs = {Capability::wildcard_subscription},
              .tags = {"matching"}},
             [row](Run& run) { expect_match(run, row); });
  };
  for (const Match& row : kHash) add("MQTT5-4.7.1-1", "MQTT311-4.7.1-2", row);
  for (const Match& row : kPlus) add("MQTT5-4.7.1-2", "MQTT311-4.7.1-3", row);
}

CASES {
  struct Row {
    bool hash;
    const char* slug;
    const char* topic_filter;
  };
  const Row kRows[] = {
      {true, "hash-behind-a-letter", "a#"},       {true, "hash-before-a-level", "a/#/b"},
      {true, "hash-before-a-separator", "a/#/"},  {true, "two-hashes", "##"},
      {true, "hash-before-a-letter", "a/#b"},     {true, "hash-behind-plus", "+#"},
      {false, "plus-behind-a-letter", "a+"},      {false, "plus-before-a-letter", "a/+b"},
      {false, "plus-between-letters", "a/b+c/d"}, {false, "two-plus", "++"},
  };
  for (const Row& row : kRows) {
    add_case(std::string(row.hash ? "MQTT5-4.7.1-1" : "MQTT5-4.7.1-2") + "/refuses-" + row.slug,
             {.statements = {row.hash ? "MQTT311-4.7.1-2" : "MQTT311-4.7.1-3"},
              .versions = v3_1_1 | v5_0,
              .tags = {"malformed"}},
             [row](Run& run) {
               Client& client = run.connected();
               client.send(Subscribe{.packet_id = 1,
                                     .subscriptions = {{.topic_filter = run.topic(row.topic_filter)}}});
               client.expect_one_of({closes(), sends<Suback>("refuses the filter", [](const Suback& suback) {
                                       return suback.reason_codes.at(0) >= 0x80;
                                     })});
             });
  }
}

// --- 4.7.2: topics that begin with $ ---

namespace {

// Publishes to a topic that begins with $, which a server may refuse in any way.
void publish_to_dollar(Run& run, const std::string& topic, bool retain) {
  Client& publisher = run.connected("publisher");
  publisher.send(Publish{.retain = retain, .topic = topic, .payload = "dollar"});
  publisher.send(Pingreq{});
  publisher.expect_one_of({sends<Pingresp>("takes it, or drops it"), closes("refuses it")});
}

}  // namespace

CASE("MQTT5-4.7.2-1/plus-does-not-match-a-first-level-with-dollar",
     {.statements = {"MQTT311-4.7.2-1"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::wildcard_subscription},
      .tags = {"matching"}}) {
  const std::string rest = "/" + run.topic("t");  // of this run alone, whatever stands before it
  Client& subscriber = run.subscribed("+" + rest, 0);
  publish_to_dollar(run, "$mqttvet" + rest, false);
  subscriber.expect_nothing();
  Client& other = run.connected("other");
  other.publish("mqttvet" + rest, "plain");
  subscriber.expect_publish("mqttvet" + rest, "plain");
}

CASE("MQTT5-4.7.2-1/hash-does-not-match-a-first-level-with-dollar",
     {.statements = {"MQTT311-4.7.2-1"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::wildcard_subscription},
      .tags = {"matching"},
      .alone = true}) {
  Client& subscriber = run.subscribed("#", 0);
  publish_to_dollar(run, "$mqttvet/" + run.topic("t"), false);
  Client& other = run.connected("other");
  const std::string last = run.topic("last");
  other.publish(last, "plain");
  while (true) {
    const Publish publish = subscriber.receive();
    check(!publish.topic.starts_with('$'), "no message of a topic that begins with $");
    if (publish.topic == last) break;
  }
}

CASE("MQTT5-4.7.2-1/retained-with-dollar-does-not-match-plus",
     {.statements = {"MQTT311-4.7.2-1"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::wildcard_subscription, Capability::retain},
      .tags = {"matching", "retain"}}) {
  const std::string rest = "/" + run.topic("t");
  publish_to_dollar(run, "$mqttvet" + rest, true);
  Client& other = run.connected("other");
  other.publish({.qos = 0, .retain = true, .topic = "mqttvet" + rest, .payload = "plain"});
  other.ping();
  Client& subscriber = run.subscribed("+" + rest, 0);
  subscriber.expect_publish("mqttvet" + rest, "plain");
  subscriber.expect_nothing();
}

CASE("MQTT5-4.7.2-1/shared-plus-does-not-match-dollar",
     {.needs = {Capability::wildcard_subscription, Capability::shared_subscription},
      .tags = {"matching", "shared"}}) {
  const std::string rest = "/" + run.topic("t");
  Client& subscriber = run.subscribed("$share/" + run.unique("group") + "/+" + rest, 0);
  publish_to_dollar(run, "$mqttvet" + rest, false);
  subscriber.expect_nothing();
  Client& other = run.connected("other");
  other.publish("mqttvet" + rest, "plain");
  subscriber.expect_publish("mqttvet" + rest, "plain");
}

CASE("MQTT5-4.7.2-1/dollar-behind-the-first-level-is-a-letter-like-others",
     {.statements = {"MQTT311-4.7.2-1"},
      .versions = v3_1_1 | v5_0,
      .needs = {Capability::wildcard_subscription},
      .tags = {"matching"}}) {
  expect_match(run, {"", "+/b", "$a/b", true});
}

CASE("MQTT5-4.7.2-n1/clients-talk-on-dollar-topics",
     {.statements = {"MQTT311-4.7.2-n1"}, .versions = v3_1_1 | v5_0}) {
  const std::string topic = "$mqttvet/" + run.topic("t");
  Client& subscriber = run.connected("subscriber");
  subscriber.send(Subscribe{.packet_id = 1, .subscriptions = {{.topic_filter = topic}}});
  const std::size_t reaction = subscriber.expect_one_of(
      {sends<Suback>("grants it", [](const Suback& suback) { return suback.reason_codes.at(0) < 0x80; }),
       sends<Suback>("refuses it"), closes()});
  publish_to_dollar(run, topic, false);
  const bool delivered = reaction == 0 && subscriber.expect_one_of(
                                              {sends<Publish>("delivers it"), stays_silent(), closes()}) == 0;
  run.behaviour("clients can talk to each other on $ topics", delivered);
}

// --- 4.7.3: semantics and usage ---

CASES {
  const Match kRows[] = {
      {"case", "a/b", "a/B", false},
      {"trailing-separator", "a/b", "a/b/", false},
      {"trailing-separator-in-the-filter", "a/b/", "a/b", false},
      {"leading-separator", "a/b", "/a/b", false},
      {"two-separators", "a/b", "a//b", false},
      {"space", "a b", "ab", false},
      {"leading-space", " a", "a", false},
      {"composed-and-decomposed", "\xC3\xA9", "e\xCC\x81", false},
      {"percent-sign", "a%2Fb", "a/b", false},
      {"dot-level", "a/./b", "a/b", false},
      {"two-dots-level", "a/../b", "b", false},
      {"backslash", "a\\b", "a/b", false},
      {"asterisk", "a*", "ab", false},
      {"question-mark", "a?", "ab", false},
      {"prefix", "a", "a/b", false},
      {"byte-order-mark", "a",
       "\xEF\xBB\xBF"
       "a",
       false},
  };
  for (const Match& row : kRows) {
    add_case(std::string("MQTT5-4.7.3-4/distinct-") + row.slug,
             {.statements = {"MQTT311-4.7.3-4", "MQTT5-4.7.3-n1", "MQTT311-4.7.3-n1"},
              .versions = all_versions,
              .tags = {"matching"}},
             [row](Run& run) {
               expect_match(run, row);
               expect_match(run, {"", row.topic_filter, row.topic_filter, true});
             });
  }
}

CASES {
  const std::pair<const char*, const char*> kNames[] = {
      {"spaces", " a  b "},
      {"only-separators", "///"},
      {"four-byte-characters", "\xF0\x9F\x98\x80/\xF0\x9F\x98\x80"},
      {"decomposed", "e\xCC\x81"},
      {"byte-order-mark",
       "\xEF\xBB\xBF"
       "a"},
      {"punctuation", "a!\"$%&'()*,-.:;<=>?@[\\]^_`{|}~"},
      {"dollar-share-behind-the-first-level", "$share/g/a"},
  };
  for (const auto& [slug, name] : kNames) {
    add_case(std::string("MQTT5-4.7.3-4/intact-") + slug,
             {.statements = {"MQTT311-4.7.3-4", "MQTT5-4.7.3-n1", "MQTT311-4.7.3-n1"},
              .versions = all_versions,
              .tags = {"matching"}},
             [name = name](Run& run) {
               expect_match(run, {"", name, name, true});
             });
  }
}

CASE("MQTT5-4.7.3-n1/a-single-separator-is-a-topic",
     {.statements = {"MQTT311-4.7.3-n1"}, .versions = v3_1_1 | v5_0, .level = Level::should, .alone = true}) {
  Client& client = run.subscribed("/", 0, "client");
  client.publish("/", "m");
  client.expect_publish("/", "m");
}

CASE("MQTT5-4.7.3-n1/a-hundred-levels",
     {.statements = {"MQTT311-4.7.3-n1"}, .versions = v3_1_1 | v5_0, .level = Level::should}) {
  std::string levels;
  for (int i = 0; i < 97; ++i) levels += "a/";
  expect_match(run, {"", levels.c_str(), levels.c_str(), true});
}

// The standard knows no limit but the length; servers do.
CASE("MQTT5-4.7.3-n1/ten-thousand-levels", {.statements = {"MQTT311-4.7.3-n1"}, .versions = v3_1_1 | v5_0}) {
  std::string levels;
  for (int i = 0; i < 10'000; ++i) levels += "a/";
  Client& client = run.connected();
  client.send(Subscribe{.packet_id = 1, .subscriptions = {{run.topic(levels)}}});
  const auto granted = [](const Suback& suback) { return suback.reason_codes.at(0) < 0x80; };
  const bool taken =
      client.expect_one_of({sends<Suback>("grants it", granted), sends<Suback>("refuses it"), closes()}) == 0;
  run.behaviour("takes topic filters of 10,000 levels", taken);
  if (!taken) return;
  client.send(Publish{.topic = run.topic(levels), .payload = "m"});
  client.expect_one_of({sends<Publish>("delivers it"), closes("refuses it")});
}

CASE("MQTT5-4.7.3-3/the-longest-topic", {.statements = {"MQTT311-4.7.3-3"}, .versions = v3_1_1 | v5_0}) {
  std::string topic = run.topic("");
  topic.resize(65535, 'a');
  Client& client = run.connected();
  client.send(Subscribe{.packet_id = 1, .subscriptions = {{.topic_filter = topic}}});
  const auto granted = [](const Suback& suback) { return suback.reason_codes.at(0) < 0x80; };
  if (client.expect_one_of({sends<Suback>("grants it", granted), sends<Suback>("refuses it"), closes()}) != 0)
    return run.behaviour("takes topics of 65535 bytes", false);
  client.send(Publish{.qos = 0, .topic = topic, .payload = "m"});
  const auto intact = [&](const Publish& publish) {
    return publish.topic == topic && publish.payload == "m";
  };
  const std::size_t reaction =
      client.expect_one_of({sends<Publish>("delivers it as it was", intact), closes("refuses it")});
  run.behaviour("takes topics of 65535 bytes", reaction == 0);
}

// What a client may neither publish to nor subscribe to.
CASES {
  const std::pair<const char*, std::string> kBad[] = {{"empty", ""},
                                                      {"null-character", std::string("a\0b", 3)}};
  for (const auto& [slug, bad] : kBad) {
    const bool empty = bad.empty();
    const CaseInfo info{.statements = {empty ? "MQTT311-4.7.3-1" : "MQTT311-4.7.3-2"},
                        .versions = v3_1_1 | v5_0,
                        .tags = {"malformed"}};
    const std::string statement = empty ? "MQTT5-4.7.3-1/" : "MQTT5-4.7.3-2/";
    const std::vector<std::uint8_t> codes = empty ? std::vector<std::uint8_t>{0x82, 0x81, 0x90, 0x8F}
                                                  : std::vector<std::uint8_t>{0x81, 0x82, 0x90, 0x8F};
    add_case(statement + slug + "-in-publish", info, [bad = bad, codes](Run& run) {
      Client& client = run.connected();
      client.send(Publish{.topic = bad, .payload = "m"});
      client.expect_closed(codes);
    });
    // A wrong filter may also be refused, in 5.0 and with the code of SUBACK in 3.1.1.
    add_case(statement + slug + "-in-subscribe", info, [bad = bad](Run& run) {
      Client& client = run.connected();
      client.send(Subscribe{.packet_id = 1, .subscriptions = {{.topic_filter = bad}}});
      client.expect_one_of({closes(), sends<Suback>("refuses the filter", [](const Suback& suback) {
                              return suback.reason_codes.at(0) >= 0x80;
                            })});
    });
    add_case(statement + slug + "-in-unsubscribe", info, [bad = bad](Run& run) {
      Client& client = run.connected();
      client.send(Unsubscribe{.packet_id = 1, .topic_filters = {bad}});
      client.expect_one_of({closes(), sends<Unsuback>("refuses the filter", [](const Unsuback& unsuback) {
                              return !unsuback.reason_codes.empty() && unsuback.reason_codes[0] >= 0x80;
                            })});
    });
  }
}

// --- Retained messages are matched as others are ---

CASES {
  const Match kRows[] = {
      {"hash-matches-the-parent", "a/#", "a", true},
      {"hash-matches-a-child", "a/#", "a/b", true},
      {"hash-matches-many-levels", "a/#", "a/b/c/d", true},
      {"hash-does-not-match-a-longer-name", "a/#", "ab/c", false},
      {"plus-and-hash-match-the-parent", "+/#", "a", true},
      {"plus-matches-an-empty-level", "a/+", "a/", true},
      {"plus-does-not-match-the-parent", "a/+", "a", false},
      {"plus-in-the-middle", "a/+/c", "a/b/c", true},
      {"plus-is-not-two-levels", "a/+/c", "a/b/b/c", false},
      {"the-case-counts", "a/b", "a/B", false},
  };
  for (const Match& row : kRows) {
    add_case(std::string("MQTT5-3.3.1-9/retained-") + row.slug,
             {.statements = {"MQTT311-3.3.1-6", "MQTT5-4.7.1-1", "MQTT311-4.7.1-2"},
              .versions = all_versions,
              .needs = {Capability::wildcard_subscription, Capability::retain},
              .tags = {"matching", "retain"}},
             [row](Run& run) {
               const std::string topic = run.topic(row.topic_name);
               Client& publisher = run.connected("publisher");
               publisher.publish({.retain = true, .topic = topic, .payload = "kept"});
               publisher.ping();
               Client& subscriber = run.subscribed(run.topic(row.topic_filter), 0);
               if (row.matches) check(subscriber.expect_publish(topic, "kept").retain, "RETAIN 1");
               subscriber.expect_nothing();
             });
  }
}

}  // namespace mqttvet::conformance
