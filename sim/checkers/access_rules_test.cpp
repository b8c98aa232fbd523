#include "sim/checkers/access_rules.h"

#include <gtest/gtest.h>

namespace mqttvet::sim {
namespace {

const Who kAnn{"phone", "ann"};
const Who kGuest{"guest", ""};
const Who kUnknown{"x", std::nullopt};

AccessRules rules(const std::vector<std::string>& lines) {
  History history;
  history.plan.broker.users = {{"ann", "a"}};
  history.plan.broker.acl = lines;
  return AccessRules(history);
}

TEST(AccessRules, WithoutRulesEverythingIsAllowed) {
  EXPECT_TRUE(AccessRules(History{}).none());
  EXPECT_EQ(AccessRules(History{}).may_publish(kUnknown, "t", {}), Right::allowed);
}

TEST(AccessRules, TheFirstRuleThatFitsDecides_AndWhatNoneFitsIsForbidden) {
  const AccessRules access =
      rules({"deny all publish a/b", "allow user ann all a/#", "allow anonymous subscribe b"});
  EXPECT_EQ(access.may_publish(kAnn, "a/b", {}), Right::forbidden);
  EXPECT_EQ(access.may_receive(kAnn, "a/b", {}), Right::allowed);
  EXPECT_EQ(access.may_publish(kAnn, "a", {}), Right::allowed);
  EXPECT_EQ(access.may_publish(kGuest, "a/c", {}), Right::forbidden);
  EXPECT_EQ(access.may_receive(kGuest, "b", {}), Right::allowed);
  EXPECT_EQ(access.may_publish(kUnknown, "a/c", {}), Right::unknown);
}

TEST(AccessRules, ASubscriptionMustBeCoveredAsAWhole) {
  const AccessRules access = rules({"allow all subscribe a/+", "allow all subscribe b/#", "deny all all #"});
  for (const char* covered : {"a/x", "a/+", "b", "b/#", "b/+/c"})
    EXPECT_EQ(access.may_subscribe(kAnn, covered, {}), Right::allowed) << covered;
  for (const char* wider : {"a/#", "#", "+/x", "a", "a/x/y", "$SYS/#"})
    EXPECT_EQ(access.may_subscribe(kAnn, wider, {}), Right::forbidden) << wider;
}

TEST(AccessRules, PlaceholdersStandForNames_ThatOpenNothingElse) {
  const AccessRules access = rules({"allow all all home/%u/#", "allow all all dev-%c"});
  EXPECT_EQ(access.may_publish(kAnn, "home/ann/door", {}), Right::allowed);
  EXPECT_EQ(access.may_publish(kAnn, "dev-phone", {}), Right::allowed);
  EXPECT_EQ(access.may_publish(kAnn, "home/bob/door", {}), Right::forbidden);
  EXPECT_EQ(access.may_subscribe({"+", "+"}, "home/+/#", {}), Right::forbidden);
  EXPECT_EQ(access.may_publish(kGuest, "home//door", {}), Right::forbidden);
}

TEST(AccessRules, ALiteralRuleIsForAFilterAsItIsWritten) {
  const AccessRules access = rules({"deny all subscribe eq #", "allow all all #"});
  EXPECT_EQ(access.may_subscribe(kAnn, "#", {}), Right::forbidden);
  EXPECT_EQ(access.may_subscribe(kAnn, "a/#", {}), Right::allowed);
  EXPECT_EQ(access.may_receive(kAnn, "a", {}), Right::allowed);
}

TEST(AccessRules, OnlyWhatAllListsInForceSayIsCertain) {
  History history;
  history.plan.broker.acl = std::vector<std::string>{"allow all all a", "allow all all b"};
  Fault reload;
  reload.id = 7;
  reload.kind = FaultKind::reload;
  reload.acl = std::vector<std::string>{"allow all all a"};
  history.plan.faults = {reload};
  history.events.resize(10);
  history.events[5].kind = HistoryEvent::Kind::reloaded;
  history.events[5].fault = 7;
  const AccessRules access(history);
  EXPECT_TRUE(access.changes({4, 5}));
  EXPECT_FALSE(access.changes({5, 9}));
  EXPECT_EQ(access.may_publish(kGuest, "a", {}), Right::allowed);
  EXPECT_EQ(access.may_publish(kGuest, "b", {0, 4}), Right::allowed);
  EXPECT_EQ(access.may_publish(kGuest, "b", {4, 5}), Right::unknown);
  EXPECT_EQ(access.may_publish(kGuest, "b", {5, 9}), Right::forbidden);
  EXPECT_EQ(access.may_publish(kGuest, "c", {}), Right::forbidden);
}

TEST(AccessRules, WhoMayComeIsWhoseUserNameAndPasswordAreRight) {
  History history;
  history.plan.broker.users = {{"ann", "a"}, {"empty", ""}};
  const AccessRules access(history);
  const auto may_connect = [&](std::optional<std::string> user_name, std::optional<std::string> password) {
    wire::Connect connect;
    connect.user_name = std::move(user_name);
    connect.password = std::move(password);
    return access.may_connect(connect, {});
  };
  EXPECT_EQ(may_connect("ann", "a"), Right::allowed);
  EXPECT_EQ(may_connect("ann", "b"), Right::forbidden);
  EXPECT_EQ(may_connect("ann", std::nullopt), Right::forbidden);
  EXPECT_EQ(may_connect("empty", std::nullopt), Right::forbidden);
  EXPECT_EQ(may_connect("bob", "a"), Right::forbidden);
  EXPECT_EQ(may_connect(std::nullopt, std::nullopt), Right::forbidden);
}

}  // namespace
}  // namespace mqttvet::sim
