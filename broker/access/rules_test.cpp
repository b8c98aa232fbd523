// The ACL file.
#include "broker/access/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace mqttvet::access {
namespace {

using core::AccessRule;
using Who = AccessRule::Who;
using What = AccessRule::What;
using ::testing::ElementsAre;

std::vector<AccessRule> rules_of(std::string_view text) {
  auto rules = parse_rules(text);
  if (const auto* error = std::get_if<FileError>(&rules)) ADD_FAILURE() << to_text(*error, "acl");
  return std::get<std::vector<AccessRule>>(rules);
}
std::string error_of(std::string_view text) {
  const auto rules = parse_rules(text);
  const auto* error = std::get_if<FileError>(&rules);
  return error == nullptr ? "" : to_text(*error, "acl");
}

TEST(AclFile, ReadsRulesInTheirOrder) {
  EXPECT_THAT(rules_of("# who may do what\n"
                       "\n"
                       "allow user ann publish home/%u/#   # her home\r\n"
                       "deny\tclient \"my phone\" all \"a b\"\n"
                       "allow anonymous subscribe +\n"
                       "deny all subscribe eq #\n"
                       "deny all all #"),
              ElementsAre(AccessRule{true, Who::user, "ann", What::publish, "home/%u/#", false},
                          AccessRule{false, Who::client, "my phone", What::all, "a b", false},
                          AccessRule{true, Who::anonymous, "", What::subscribe, "+", false},
                          AccessRule{false, Who::all, "", What::subscribe, "#", true},
                          AccessRule{false, Who::all, "", What::all, "#", false}));
}

TEST(AclFile, SaysWhereItIsWrong) {
  EXPECT_EQ(error_of("\npermit all all #"), "acl:2:1: expected allow or deny, found 'permit'");
  EXPECT_EQ(error_of("allow everybody all #"),
            "acl:1:7: expected user NAME, client ID, all or anonymous, found 'everybody'");
  EXPECT_EQ(error_of("allow user ann write #"),
            "acl:1:16: expected publish, subscribe or all, found 'write'");
  EXPECT_EQ(error_of("allow all all"), "acl:1:14: expected a topic filter, found nothing");
  EXPECT_EQ(error_of("allow all all a#"), "acl:1:15: 'a#' is not a topic filter");
  EXPECT_EQ(error_of("allow all all a b"), "acl:1:17: expected the end of the line");
  EXPECT_EQ(error_of("allow user \"ann"), "acl:1:12: the closing \" is missing");
  EXPECT_EQ(error_of("allow user"), "acl:1:11: expected a user name, found nothing");
}

RC_GTEST_PROP(AclFile, ComesBackAsItWas, ()) {
  const auto name = rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::element<char>('a', ' ', '"', '\\', '#', '\t', '%', 'u', 'e', 'q')));
  AccessRule rule;
  rule.allow = *rc::gen::arbitrary<bool>();
  rule.who = *rc::gen::element(Who::all, Who::anonymous, Who::user, Who::client);
  if (rule.who == Who::user || rule.who == Who::client) rule.name = *name;
  rule.what = *rc::gen::element(What::publish, What::subscribe, What::all);
  rule.topic_filter = *rc::gen::element<std::string>("#", "+", "a/#", "a b", "eq", "%u/%c", "\"", "a\\");
  rule.literal = *rc::gen::arbitrary<bool>();
  RC_ASSERT(rules_of(to_text(rule)) == std::vector<AccessRule>{rule});
}

RC_GTEST_PROP(AclFile, TrustsNoByte, ()) {
  const auto word = rc::gen::element<std::string>("allow", "deny", "user", "all", "eq", "#", "\"", " ", "\n",
                                                  "a", "\\", "publish", std::string(1, '\0'));
  std::string text;
  for (const std::string& one : *rc::gen::container<std::vector<std::string>>(word)) text += one + " ";
  parse_rules(text);
}

}  // namespace
}  // namespace mqttvet::access
