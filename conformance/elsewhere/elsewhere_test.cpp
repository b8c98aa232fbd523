// Every case passes on a broker that is not ours, or says why none can.
#include "conformance/elsewhere/elsewhere.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/harness/selection.h"

namespace mqttvet::conformance {
namespace {

Selection about_brokers() {
  Selection selection;
  selection.subject = Subject::broker;
  return selection;
}

TEST(Elsewhere, ReadsWhatItWrites) {
  const std::string text = "MQTT5-3.8.4-1/a 3.1.1 5.0\nMQTT5-3.8.4-2/b 5.0\n";
  EXPECT_EQ(to_text(passes_from(text)), text);
  EXPECT_THROW(passes_from("MQTT5-3.8.4-1/a\n"), std::runtime_error);
  EXPECT_THROW(passes_from("MQTT5-3.8.4-1/a 6.0\n"), std::runtime_error);
}

TEST(Elsewhere, RecordsSpeakOfCasesThatExist) {
  ASSERT_THAT(other_targets(), testing::SizeIs(testing::Ge(2)));
  for (const OtherTarget& target : other_targets()) {
    std::set<std::string> known;
    for (const Case& one : all_cases()) known.insert(one.name);
    for (const auto& [name, versions] : target.passes)
      EXPECT_TRUE(known.contains(name)) << target.name << ": record it anew: there is no case " << name;
  }
}

TEST(Elsewhere, EveryCasePassesOnAnotherBrokerOrSaysWhyNoneCan) {
  for (const Instance& instance : without_another_target(select(all_cases(), about_brokers()))) {
    ADD_FAILURE() << instance.one->name << " " << wire::name_of(instance.version)
                  << " passes on no other target and has no reason in only_here.csv";
  }
}

TEST(Elsewhere, EveryReasonIsNeeded) {
  const std::vector<Instance> instances = select(all_cases(), about_brokers());
  for (const OnlyHere& row : only_here()) {
    EXPECT_THAT(row.reason, testing::Not(testing::IsEmpty())) << row.cases;
    EXPECT_TRUE(std::any_of(instances.begin(), instances.end(),
                            [&](const Instance& instance) {
                              return applies(row, *instance.one, instance.version) &&
                                     passes_elsewhere(*instance.one, instance.version).empty();
                            }))
        << row.cases << " " << row.mqtt << ": all such cases pass elsewhere";
  }
}

}  // namespace
}  // namespace mqttvet::conformance
