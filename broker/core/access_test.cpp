// The access control list, rule by rule, and what a broker makes of it.
#include "broker/core/access.h"

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "broker/codec/topic.h"
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

using Who = AccessRule::Who;
using What = AccessRule::What;

constexpr Identity kAnn{"phone", "ann"};
constexpr Identity kGuest{"guest", ""};

AccessRule allow(What what, const std::string& topic_filter, Who who = Who::all,
                 const std::string& name = {}) {
  return {
      .allow = true, .who = who, .name = name, .what = what, .topic_filter = topic_filter, .literal = false};
}
AccessRule deny(What what, const std::string& topic_filter) {
  return {.allow = false,
          .who = Who::all,
          .name = {},
          .what = what,
          .topic_filter = topic_filter,
          .literal = false};
}
Access lists(std::vector<AccessRule> rules) {
  return Access(std::move(rules), false);
}

TEST(Access, WithoutRules_EverybodyMayDoEverything) {
  const Access access(std::nullopt, false);
  EXPECT_TRUE(access.may_publish(kGuest, "a"));
  EXPECT_TRUE(access.may_subscribe(kGuest, "#"));
}

TEST(Access, WhatNoRuleFits_IsDecidedByThePolicy) {
  EXPECT_FALSE(Access(std::vector<AccessRule>{}, false).may_publish(kAnn, "a"));
  EXPECT_TRUE(Access(std::vector<AccessRule>{}, true).may_publish(kAnn, "a"));
}

TEST(Access, FirstRuleThatFitsDecides) {
  const Access access = lists({deny(What::publish, "a/b"), allow(What::all, "a/#"), deny(What::all, "#")});
  EXPECT_FALSE(access.may_publish(kAnn, "a/b"));
  EXPECT_TRUE(access.may_receive(kAnn, "a/b"));
  EXPECT_TRUE(access.may_publish(kAnn, "a/c"));
  EXPECT_FALSE(access.may_publish(kAnn, "b"));
}

TEST(Access, RuleIsForThoseItNames) {
  const Access access =
      lists({allow(What::all, "u", Who::user, "ann"), allow(What::all, "c", Who::client, "phone"),
             allow(What::all, "g", Who::anonymous)});
  EXPECT_TRUE(access.may_publish(kAnn, "u"));
  EXPECT_TRUE(access.may_publish(kAnn, "c"));
  EXPECT_FALSE(access.may_publish(kAnn, "g"));
  EXPECT_TRUE(access.may_publish(kGuest, "g"));
  EXPECT_FALSE(access.may_publish(kGuest, "u"));
}

TEST(Access, Subscription_MustBeCoveredAsAWhole) {
  const Access access = lists({allow(What::subscribe, "a/+"), allow(What::subscribe, "b/#")});
  for (const char* covered : {"a/x", "a/+", "b", "b/#", "b/+", "b/c/+/d"})
    EXPECT_TRUE(access.may_subscribe(kAnn, covered)) << covered;
  for (const char* wider : {"a/#", "#", "+/x", "+", "a/+/x", "a", "c"})
    EXPECT_FALSE(access.may_subscribe(kAnn, wider)) << wider;
}

TEST(Access, WildcardsAtTheFront_DoNotReachTopicsWithADollar) {
  const Access access = lists({allow(What::all, "#")});
  EXPECT_FALSE(access.may_subscribe(kAnn, "$SYS/#"));
  EXPECT_FALSE(access.may_receive(kAnn, "$SYS/x"));
  EXPECT_TRUE(access.may_subscribe(kAnn, "#"));
}

TEST(Access, LiteralRule_FitsWhatIsWritten) {
  AccessRule all = deny(What::subscribe, "#");
  all.literal = true;
  const Access access = lists({all, allow(What::all, "#")});
  EXPECT_FALSE(access.may_subscribe(kAnn, "#"));
  EXPECT_TRUE(access.may_subscribe(kAnn, "a/#"));
  EXPECT_TRUE(access.may_receive(kAnn, "a/b"));  // nothing against the topics
  all.allow = true;
  const Access only_that = lists({all});
  EXPECT_TRUE(only_that.may_subscribe(kAnn, "#"));
  EXPECT_FALSE(only_that.may_subscribe(kAnn, "a"));
  EXPECT_TRUE(only_that.may_receive(kAnn, "a"));
}

TEST(Access, PlaceholdersStandForTheirNames) {
  const Access access = lists({allow(What::all, "home/%u/#"), allow(What::all, "dev-%c/%u")});
  EXPECT_TRUE(access.may_publish(kAnn, "home/ann/door"));
  EXPECT_TRUE(access.may_publish(kAnn, "dev-phone/ann"));
  EXPECT_FALSE(access.may_publish(kAnn, "home/bob/door"));
  EXPECT_FALSE(access.may_publish(kAnn, "home/annie/door"));
  EXPECT_FALSE(access.may_publish(kAnn, "home/%u/door"));
  EXPECT_FALSE(access.may_publish(kGuest, "home//door"));
}

TEST(Access, NameWithWildcardOrSlash_OpensNothing) {
  const Access access = lists({allow(What::all, "home/%u/#"), allow(What::all, "dev/%c")});
  for (const char* name : {"+", "#", "ann/door", "/", "a+"}) {
    const Identity who{name, name};
    for (const std::string& topic : {std::string("home/+/#"), "home/" + std::string(name) + "/#",
                                     "dev/" + std::string(name), std::string("home/ann/door")})
      EXPECT_FALSE(access.may_subscribe(who, topic)) << name << " " << topic;
  }
}

// Without placeholders a rule fits exactly the topic names that its topic filter matches.
RC_GTEST_PROP(Access, FitsTopicNames_AsFiltersMatch, ()) {
  const auto level = rc::gen::element<std::string>("a", "b", "+", "", "$x");
  const auto join = [](const std::vector<std::string>& levels) {
    std::string text;
    for (const std::string& one : levels) text += (text.empty() && &one == &levels[0] ? "" : "/") + one;
    return text;
  };
  std::string filter = join(*rc::gen::container<std::vector<std::string>>(level));
  if (*rc::gen::arbitrary<bool>()) filter += filter.empty() ? "#" : "/#";
  std::string name = join(*rc::gen::container<std::vector<std::string>>(level));
  std::replace(name.begin(), name.end(), '+', 'c');
  RC_PRE(codec::is_valid_topic_filter(filter) && codec::is_valid_topic_name(name));
  RC_ASSERT(lists({allow(What::all, filter)}).may_publish(kAnn, name) == codec::matches(filter, name));
}

// A subscription that is allowed brings no message that is not.
RC_GTEST_PROP(Access, AllowedSubscription_OfOneRule_CoversWhatItMatches, ()) {
  const auto topic = [](bool wild) {
    const auto level =
        wild ? rc::gen::element<std::string>("a", "b", "+") : rc::gen::element<std::string>("a", "b");
    std::string text = *level;
    const int more = *rc::gen::inRange(0, 3);
    for (int i = 0; i < more; ++i) text += "/" + *level;
    return wild && *rc::gen::arbitrary<bool>() ? text + "/#" : text;
  };
  const std::string rule = topic(true);
  const std::string filter = topic(true);
  const std::string name = topic(false);
  const Access access = lists({allow(What::all, rule)});
  if (!access.may_subscribe(kAnn, filter) || !codec::matches(filter, name)) return;
  RC_ASSERT(access.may_receive(kAnn, name));
}

// --- In the broker -----------------------------------------------------------------------------------------

Config with_rules(std::vector<AccessRule> rules) {
  Config config;
  config.access_lists.rules = std::move(rules);
  return config;
}

TEST(AccessInTheBroker, ForbiddenPublish_IsDropped_AndToldToA5Client) {
  TestBroker world(with_rules({deny(What::publish, "secret"), allow(What::all, "#")}));
  Client reader = world.connect("r");
  reader.send(subscribe(1, "#", 2));
  reader.received();
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(publish("secret", "0", {.properties = ""}));
  v5.send(publish("secret", "1", {.qos = 1, .packet_id = 1, .properties = ""}));
  v5.send(publish("secret", "2", {.qos = 2, .packet_id = 2, .properties = ""}));
  const auto answers = v5.received();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].substr(0, 14), "PUBACK 1 rc=87");
  EXPECT_EQ(answers[1].substr(0, 14), "PUBREC 2 rc=87");
  Client v4 = world.connect("v4");
  v4.send(publish("secret", "1", {.qos = 1, .packet_id = 1}));
  EXPECT_THAT(v4.received(), ElementsAre("PUBACK 1"));
  EXPECT_THAT(reader.received(), IsEmpty());
  EXPECT_EQ(world.counters().dropped_not_authorized, 4u);
}

TEST(AccessInTheBroker, ForbiddenSubscription_IsRefused_FilterByFilter) {
  TestBroker world(with_rules({allow(What::all, "a/#")}));
  Client v5 = world.connect("v5", {.version = 5});
  v5.send(subscribe(1, "a/+", 1, "") + subscribe(2, "#", 1, ""));
  const auto answers = v5.received();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0], "SUBACK 1 [01]");
  EXPECT_THAT(answers[1], ::testing::EndsWith("[87]"));
  Client v4 = world.connect("v4");
  v4.send(subscribe(1, "#", 1));
  EXPECT_THAT(v4.received(), ElementsAre("SUBACK 1 [80]"));
}

TEST(AccessInTheBroker, ForbiddenWill_IsRefusedWithItsConnect) {
  TestBroker world(with_rules({deny(What::publish, "secret"), allow(What::all, "#")}));
  Client v5 = world.open(true);
  v5.send(connect("w", {.version = 5, .will_topic = "secret"}));
  EXPECT_EQ(v5.received().at(0).substr(0, 18), "CONNACK sp=0 rc=87");
  Client v4 = world.open();
  v4.send(connect("w", {.will_topic = "secret"}));
  EXPECT_THAT(v4.received(), ElementsAre("CONNACK sp=0 rc=05"));
}

TEST(AccessInTheBroker, WideSubscription_DoesNotLeakWhatIsForbidden_RetainedOrNot) {
  TestBroker world(with_rules({deny(What::subscribe, "a/secret"), allow(What::all, "#")}));
  Client writer = world.connect("w");
  writer.send(publish("a/secret", "kept", {.retain = true}));
  Client reader = world.connect("r");
  reader.send(subscribe(1, "a/#", 1));
  writer.send(publish("a/secret", "new", {.qos = 1, .packet_id = 1}) + publish("a/open", "x"));
  EXPECT_THAT(reader.received(), ElementsAre("SUBACK 1 [01]", "PUBLISH a/open 'x' q0"));
}

TEST(AccessInTheBroker, RightThatIsWithdrawn_HoldsForWhatWaits) {
  TestBroker world(with_rules({allow(What::all, "#")}));
  Client reader = world.connect("r");
  reader.send(subscribe(1, "#", 1)).received();
  reader.cut();
  Client writer = world.connect("w");
  writer.send(publish("a", "1", {.qos = 1, .packet_id = 1}) + publish("b", "2", {.qos = 1, .packet_id = 2}));
  world.step(Reload{{.users = {}, .rules = std::vector{deny(What::subscribe, "a"), allow(What::all, "#")}}});
  reader = world.connect("r");
  EXPECT_THAT(reader.received(), ElementsAre("PUBLISH b '2' q1 id=1"));
  EXPECT_EQ(world.resources().queued_messages, 0u);
}

TEST(AccessInTheBroker, SharedMessage_GoesToAMemberThatMayHaveIt) {
  TestBroker world(
      with_rules({allow(What::all, "#", Who::client, "b"), allow(What::all, "#", Who::client, "w"),
                  deny(What::subscribe, "t/secret"), allow(What::all, "#")}));
  Client a = world.connect("a", {.version = 5});
  Client b = world.connect("b", {.version = 5});
  a.send(subscribe(1, "$share/g/t/#", 1, "")).received();
  b.send(subscribe(1, "$share/g/t/#", 1, "")).received();
  Client writer = world.connect("w");
  for (std::uint16_t id = 1; id <= 3; ++id)
    writer.send(publish("t/secret", "x", {.qos = 1, .packet_id = id}));
  EXPECT_THAT(a.received(), IsEmpty());
  EXPECT_EQ(b.received().size(), 3u);
}

}  // namespace
}  // namespace mqttvet::core::testing
