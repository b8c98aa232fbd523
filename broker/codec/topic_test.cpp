#include "broker/codec/topic.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace mqttvet::codec {
namespace {

TEST(TopicName, HasACharacterAndNoWildcard) {
  for (const char* name : {"a", "/", "//", "a/b", "/a/", "a b", "$SYS/x", "$share/g/t"}) {
    EXPECT_TRUE(is_valid_topic_name(name)) << name;
  }
  for (const char* name : {"", "#", "+", "a/#", "a/+/b", "a+", "b#c"}) {
    EXPECT_FALSE(is_valid_topic_name(name)) << name;
  }
}

TEST(TopicFilter, HasHashAloneInTheLastLevel) {
  for (const char* filter : {"#", "/#", "a/#", "a//#", "+/#", "$SYS/#"}) {
    EXPECT_TRUE(is_valid_topic_filter(filter)) << filter;
  }
  for (const char* filter : {"", "a#", "#a", "##", "#/", "#/a", "a/#/b", "a/b#", "a/#/", "+#"}) {
    EXPECT_FALSE(is_valid_topic_filter(filter)) << filter;
  }
}

TEST(TopicFilter, HasPlusAloneInItsLevel) {
  for (const char* filter : {"+", "+/+", "/+", "+/", "a/+/c", "+/a/+"}) {
    EXPECT_TRUE(is_valid_topic_filter(filter)) << filter;
  }
  for (const char* filter : {"a+", "+a", "++", "a/b+/c", "a/+b", "+/++"}) {
    EXPECT_FALSE(is_valid_topic_filter(filter)) << filter;
  }
}

TEST(SharedFilter, IsSplitIntoGroupAndFilter) {
  const auto shared = parse_shared("$share/group/a/+/#");
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->group, "group");
  EXPECT_EQ(shared->filter, "a/+/#");

  const auto leading_slash = parse_shared("$share/g//t");
  ASSERT_TRUE(leading_slash);
  EXPECT_EQ(leading_slash->filter, "/t");
}

TEST(SharedFilter, NeedsAGroupAndAFilter) {
  for (const char* filter : {"$share/", "$share//", "$share//t", "$share/g", "$share/g/", "$share/g+/t",
                             "$share/#/t", "$share/+/t", "$share/g/a#"}) {
    EXPECT_TRUE(is_shared(filter)) << filter;
    EXPECT_FALSE(parse_shared(filter)) << filter;
  }
  for (const char* filter : {"$share", "$shared/g/t", "share/g/t", "$SHARE/g/t", "a/$share/g/t", "#"}) {
    EXPECT_FALSE(is_shared(filter)) << filter;
    EXPECT_FALSE(parse_shared(filter)) << filter;
  }
}

struct Match {
  const char* filter;
  const char* name;
};

TEST(Matching, FollowsTheExamplesOfSection47) {
  for (const auto& [filter, name] : std::vector<Match>{
           {"a", "a"},       {"a/b", "a/b"},       {"/", "/"},         {"#", "a"},
           {"#", "/"},       {"#", "a/b/c"},       {"a/#", "a"},       {"a/#", "a/"},
           {"a/#", "a/b/c"}, {"+", "a"},           {"+/+", "/a"},      {"/+", "/a"},
           {"+/", "/"},      {"a/+", "a/"},        {"a/+/c", "a/b/c"}, {"a/+/c", "a//c"},
           {"+/b/#", "a/b"}, {"$SYS/#", "$SYS/x"}, {"$SYS/#", "$SYS"}, {"$SYS/+", "$SYS/x"},
           {"a/+", "a/$x"},
       }) {
    EXPECT_TRUE(matches(filter, name)) << filter << "  " << name;
  }
  for (const auto& [filter, name] : std::vector<Match>{
           {"a", "A"},
           {"a", "a/"},
           {"a/", "a"},
           {"/a", "a"},
           {"+", "/a"},
           {"+", "a/b"},
           {"a/+", "a"},
           {"a/+", "a/b/c"},
           {"a/#", "ab"},
           {"a/b/#", "a"},
           {"a//b", "a/b"},
           {"#", "$SYS/x"},
           {"+/x", "$SYS/x"},
           {"+", "$SYS"},
           {"/#", "a"},
       }) {
    EXPECT_FALSE(matches(filter, name)) << filter << "  " << name;
  }
}

TEST(Matching, NeedsNoStackForAThousandLevels) {
  std::string name = "a";
  std::string filter = "+";
  for (int i = 0; i < 30'000; ++i) {
    name += "/a";
    filter += "/+";
  }
  EXPECT_EQ(level_count(name), 30'001u);
  EXPECT_TRUE(is_valid_topic_filter(filter));
  EXPECT_TRUE(matches(filter, name));
  EXPECT_FALSE(matches(filter, name + "/a"));
}

TEST(Matching, ChangesNothing_WhenAnyLevelIsReplacedByPlus) {
  rc::check("a filter made from a topic name matches it", [] {
    const auto levels = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::element('a', 'b', ' '))));
    const auto cut = *rc::gen::inRange<std::size_t>(0, levels.size() + 1);
    std::string name;
    std::string filter;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      name += (i == 0 ? "" : "/") + levels[i];
      if (i < cut)
        filter += (i == 0 ? "" : "/") + (*rc::gen::arbitrary<bool>() ? std::string("+") : levels[i]);
    }
    RC_PRE(!name.empty());
    if (cut < levels.size()) filter += cut == 0 ? "#" : "/#";
    RC_PRE(!filter.empty());
    RC_ASSERT(is_valid_topic_name(name));
    RC_ASSERT(is_valid_topic_filter(filter));
    RC_ASSERT(matches(filter, name));
    RC_ASSERT(!matches(filter, "$" + name) || filter[0] == '$');
  });
}

}  // namespace
}  // namespace mqttvet::codec
