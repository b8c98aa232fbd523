// Planted bugs found by seeds and made small, with whole runs.
#include "sim/hunt/reproducer.h"

#include <gmock/gmock.h>

#include "sim/guest/process.h"
#include "sim/hunt/hunt.h"
#include "sim/hunt/reductions.h"
#include "sim/hunt/verdict.h"
#include "sim/plan/generate.h"
#include "sim/plan/read_plan.h"
#include "sim/run/child.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

RunResult result_of(const Plan& plan, const std::vector<std::string>& mutants) {
  RunOptions options;
  options.mutants = mutants;
  return run_alone([&] { return run(plan, options); }, 60s);
}

Finding finding(std::string code) {
  Finding made;
  made.code = std::move(code);
  return made;
}

TEST(Verdict, CountsWhatAnotherBrokerWouldTellToo) {
  RunResult result;
  for (const char* own : {"invariant", "crash", "hang", "load", "step", "expectation"}) {
    result.findings.push_back(finding(own));
    EXPECT_EQ(judged(result), std::nullopt) << own;
  }
  result.findings.push_back(finding("resources"));
  EXPECT_EQ(judged(result), "resources");
  result.findings.push_back(finding("ORD"));
  result.findings.push_back(finding("ALO"));
  EXPECT_EQ(judged(result), "ORD");
}

TEST(Hunt, FindsAPlantedBugAndTheStoryThatIsLeftOfItFailsWithItOnly) {
  warm_up();
  const std::string mutant = "B039_refill_wrong_end";
  HuntOptions hunting;
  hunting.parallel = 2;
  const Hunt found = hunt(
      mutant, [](std::uint64_t seed) { return generate(seed); }, hunting);
  ASSERT_TRUE(found.code);
  EXPECT_EQ(found.seed, found.runs);
  EXPECT_GT(found.hits, 0u);

  TrialOptions trying;
  trying.parallel = 2;
  trying.running.mutants = {mutant};
  const Plan failing = generate(found.seed);
  const Reproducer made = reproduce(failing, *found.code, trying);
  EXPECT_TRUE(made.is_minimal);
  EXPECT_LE(made.size_after, 12u);

  const std::string text = scenario_text(made);
  EXPECT_THAT(text, HasSubstr("# kills: B039_refill_wrong_end by " + *found.code));
  const ReadPlan again = read_plan(text, "again");
  ASSERT_TRUE(again.plan) << again.messages("again");
  EXPECT_TRUE(*again.plan == made.plan);
  EXPECT_TRUE(has_code(result_of(*again.plan, {mutant}), *found.code));
  EXPECT_TRUE(result_of(*again.plan, {}).passed());
}

TEST(Hunt, GivesUpWhenItsSeedsAreUsedUp) {
  HuntOptions hunting;
  hunting.seeds_max = 3;
  Plan idle;
  idle.clients.emplace_back().name = "alice";
  idle.clients.front().driver = Driver::raw;
  const Hunt found = hunt(
      "B039_refill_wrong_end", [&](std::uint64_t) { return idle; }, hunting);
  EXPECT_EQ(found.code, std::nullopt);
  EXPECT_EQ(found.runs, 3u);
  EXPECT_EQ(found.reached, 0u);
}

}  // namespace
}  // namespace mqttvet::sim
