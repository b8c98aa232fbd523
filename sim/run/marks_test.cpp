#include "sim/run/marks.h"

#include <gtest/gtest.h>

#include "sim/checkers/test_history.h"

namespace mqttvet::sim {
namespace {

std::uint64_t met(Story& story, const std::string& name) {
  return marks(story.history(), {}).at(name);
}

TEST(Marks, AnIdWrapCountsOnlyWithASlowIdAboveIt) {
  Story slow;
  slow.in("alice").comes("alice", 1, 3, "a").comes("alice", 1, 1, "b");
  EXPECT_EQ(met(slow, "id wrap with a slow id"), 1u);
  Story quick;
  quick.in("alice").delivered("alice", 1, 3, "a").comes("alice", 1, 1, "b");
  EXPECT_EQ(met(quick, "id wrap with a slow id"), 0u);
}

TEST(Marks, ASecondCutCountsOnlyIfTheResumeWasNotDone) {
  Story story;
  story.in("alice").comes("alice", 2, 1, "a").cut("alice");
  story.resumes("alice").comes_again("alice", 2, 1, "a").cut("alice");
  EXPECT_EQ(met(story, "second cut during a resume"), 0u);
  story.resumes("alice").comes_again("alice", 2, 1, "a").cut("alice");
  EXPECT_EQ(met(story, "second cut during a resume"), 1u);
}

TEST(Marks, EveryMarkOfTheCatalogueIsThereFromTheBeginning) {
  const auto none = marks({}, {});
  EXPECT_EQ(none.size(), 24u);
  for (const auto& [name, count] : none) EXPECT_EQ(count, 0u) << name;
}

}  // namespace
}  // namespace mqttvet::sim
