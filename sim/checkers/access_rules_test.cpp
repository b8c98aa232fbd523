#include "sim/checkers/access_rules.h"

#include <gtest/gtest.h>

namespace mqttvet::sim {
namespace {

const Who kAnn{"phone", "ann"};
const Who kGuest{"guest", ""};
const Who kUnknown{"x", std::nullopt};

AccessRules rules(const std::vector<std::string>& lines) {
  Plan plan;
  plan.broker.users = {{"ann", "a"}};
  plan.broker.acl = lines;
  return AccessRules(plan);
}

TEST(AccessRules, WithoutRulesEverythingIsAllowed) {
  EXPECT_TRUE(AccessRules(Plan{}).none());
  EXPECT_EQ(AccessRules(Plan{}).may_publish(kUnknown, "t"), Right::allowed);
}

TEST(AccessRules, TheFirstRuleThatFitsDecides_AndWhatNoneFitsIsForbidden) {
  const AccessRules access =
      rules({"deny all publish a/b", "allow user ann all a/#", "allow anonymous subscribe b"});
  EXPECT_EQ(access.may_publish(kAnn, "a/b"), Right::forbidden);
  EXPECT_EQ(access.may_receive(kAnn, "a/b"), Right::allowed);
  EXPECT_EQ(access.may_publish(kAnn, "a"), Right::allowed);
  EXPECT_EQ(access.may_publish(kGuest, "a/c"), Right::forbidden);
  EXPECT_EQ(access.may_receive(kGuest, "b"), Right::allowed);
  EXPECT_EQ(access.may_publish(kUnknown, "a/c"), Right::unknown);
}

TEST(AccessRules, ASubscriptionMustBeCoveredAsAWhole) {
  const AccessRules access = rules({"allow all subscribe a/+", "allow all subscribe b/#", "deny all all #"});
  for (const char* covered : {"a/x", "a/+", "b", "b/#", "b/+/c"})
    EXPECT_EQ(access.may_subscribe(kAnn, covered), Right::allowed) << covered;
  for (const char* wider : {"a/#", "#", "+/x", "a", "a/x/y", "$SYS/#"})
    EXPECT_EQ(access.may_subscribe(kAnn, wider), Right::forbidden) << wider;
}

TEST(AccessRules, PlaceholdersStandForNames_ThatOpenNothingElse) {
  const AccessRules access = rules({"allow all all home/%u/#", "allow all all dev-%c"});
  EXPECT_EQ(access.may_publish(kAnn, "home/ann/door"), Right::allowed);
  EXPECT_EQ(access.may_publish(kAnn, "dev-phone"), Right::allowed);
  EXPECT_EQ(access.may_publish(kAnn, "home/bob/door"), Right::forbidden);
  EXPECT_EQ(access.may_subscribe({"+", "+"}, "home/+/#"), Right::forbidden);
  EXPECT_EQ(access.may_publish(kGuest, "home//door"), Right::forbidden);
}

TEST(AccessRules, ALiteralRuleIsForAFilterAsItIsWritten) {
  const AccessRules access = rules({"deny all subscribe eq #", "allow all all #"});
  EXPECT_EQ(access.may_subscribe(kAnn, "#"), Right::forbidden);
  EXPECT_EQ(access.may_subscribe(kAnn, "a/#"), Right::allowed);
  EXPECT_EQ(access.may_receive(kAnn, "a"), Right::allowed);
}

TEST(AccessRules, OnlyWhatAllListsSayIsCertain) {
  Plan plan;
  plan.broker.acl = std::vector<std::string>{"allow all all a", "allow all all b"};
  Fault reload;
  reload.kind = FaultKind::reload;
  reload.acl = std::vector<std::string>{"allow all all a"};
  plan.faults = {reload};
  const AccessRules access(plan);
  EXPECT_TRUE(access.change());
  EXPECT_EQ(access.may_publish(kGuest, "a"), Right::allowed);
  EXPECT_EQ(access.may_publish(kGuest, "b"), Right::unknown);
  EXPECT_EQ(access.may_publish(kGuest, "c"), Right::forbidden);
}

}  // namespace
}  // namespace mqttvet::sim
