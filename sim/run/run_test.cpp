// Whole runs with raw clients: what the runner makes of steps, faults and expectations. Stories of MQTT are
// in scenarios/.
#include "sim/run/run.h"

#include <gmock/gmock.h>

#include "sim/plan/generate.h"
#include "sim/plan/read_plan.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// alice and bob, both raw; steps begin in line 5.
Plan story(const std::string& steps) {
  const ReadPlan read = read_plan(
      "format: 1\nclients:\n  {alice: {driver: raw, reconnect: false}, bob: {driver: raw}}\nsteps:\n" + steps,
      "story");
  EXPECT_TRUE(read.plan) << read.messages("story");
  return *read.plan;
}

const char* const kDelivery =
    "  - alice: connect\n"
    "  - alice: {subscribe: [{filter: t, qos: 1}]}\n"
    "  - bob: connect\n"
    "  - bob: {publish: {topic: t, qos: 1}}\n";

// Those, and then these.
Plan after_delivery(const char* steps) {
  std::string all = kDelivery;
  all += steps;
  return story(all);
}

std::string messages(const RunResult& result) {
  std::string all;
  for (const Finding& finding : result.findings) all += finding.code + ": " + finding.text + "\n";
  return all;
}

TEST(Run, PassesAStoryThatComesTrue) {
  const RunResult result =
      run(after_delivery("  - alice: {expect: {exactly: [CONNACK, SUBACK, {PUBLISH: {id: 1, "
                         "payload: bob#4}}], within: 1s}}\n"),
          {});
  EXPECT_EQ(messages(result), "");
  EXPECT_EQ(result.connections, 2u);
  EXPECT_EQ(result.publishes, 1u);
  EXPECT_EQ(result.deliveries, 1u);
}

TEST(Run, FailsAnExpectationThatIsNotMet) {
  const RunResult result =
      run(after_delivery("  - alice: {expect: {in_order: [{PUBLISH: {id: 2}}], within: 1s}}\n"), {});
  EXPECT_THAT(messages(result),
              HasSubstr("expectation: PUBLISH{id: 2} did not come (0 of 1 packets did); in step 5"));
  EXPECT_EQ(result.findings.at(0).details.size(), 3u);
}

TEST(Run, ExpectsOnlyWhatCameSinceTheLastExpectation) {
  const RunResult result = run(after_delivery("  - alice: {expect: {in_order: [PUBLISH], within: 1s}}\n"
                                              "  - alice: {expect: {exactly: [], within: 1s}}\n"),
                               {});
  EXPECT_EQ(messages(result), "");
}

TEST(Run, FailsAStepThatFailsInItsTurnUnlessItMay) {
  const std::string before =
      "  - fault: {broker_crash: broker, for: 300s}\n  - bob: {publish: {topic: t, qos: 1}}\n";
  EXPECT_THAT(messages(run(story(before), {})), HasSubstr("step: step 1 {bob: {publish"));
  EXPECT_EQ(messages(run(story(before + "    may_fail: true\n"), {})), "");
}

TEST(Run, GoesOnWithoutWaitingForAStepInTheBackground) {
  const RunResult result = run(story("  - {alice: connect, background: true}\n"
                                     "  - alice: {expect: {in_order: [CONNACK], within: 1s}}\n"),
                               {});
  EXPECT_EQ(messages(result), "");
}

TEST(Run, CarriesOutAFaultWhenItsTurnComesAndCountsItsEffect) {
  const RunResult result = run(story("  - alice: connect\n"
                                     "  - fault: {reset: alice}\n"
                                     "  - wait: 1s\n"
                                     "  - fault: {reset: alice}\n"),
                               {});
  EXPECT_EQ(result.faults.at("reset"), (FaultCount{2, 2, 1}));  // the second finds no connection
}

TEST(Run, AimsAFaultAtAPacketFromItsTurnOn) {
  const RunResult result = run(
      after_delivery("  - alice: {expect: {in_order: [PUBLISH], within: 1s}}\n"
                     "  - fault: {reset: alice, when: {received: PUBLISH, whole: true}}\n"
                     "  - bob: {publish: {topic: t, qos: 1, payload: two}}\n"
                     "  - alice: {expect: {in_order: [{PUBLISH: {payload: two}}], within: 1s}}\n"
                     "  - wait: 100ms\n"
                     "  - alice: connect\n"
                     "  - alice: {expect: {in_order: [CONNACK, {PUBLISH: {dup: true, payload: two}}]}}\n"),
      {});
  EXPECT_EQ(messages(result), "");
  EXPECT_EQ(result.faults.at("reset"), (FaultCount{1, 1, 1}));
}

TEST(Run, BringsClientsBackThatWereToldToBeConnected) {
  const RunResult result = run(after_delivery("  - alice: drop\n"), {});
  EXPECT_EQ(messages(result), "");
  EXPECT_EQ(result.connections, 3u);
}

TEST(Run, EndsFaultsWhenItHeals) {
  Plan plan = story(kDelivery);
  plan.heal_at = 20s;
  Fault forever;
  forever.id = 1;
  forever.kind = FaultKind::partition;
  forever.target = "alice";
  forever.at = 0s;
  forever.duration = std::chrono::hours(1);
  plan.faults = {forever};
  for (Step& step : plan.steps) step.at = step.id * 1s;
  const RunResult result = run(plan, {});
  EXPECT_EQ(messages(result), "");
  EXPECT_EQ(result.deliveries, 0u);  // alice could not subscribe in time, nor be told of it
  EXPECT_EQ(result.faults.at("partition"), (FaultCount{1, 1, 1}));
}

TEST(Run, IsTheSameRunEveryTime) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Plan plan = generate(seed);
    for (ClientPlan& client : plan.clients) client.driver = Driver::raw;
    const RunResult one = run(plan, {}), other = run(plan, {});
    EXPECT_EQ(one.hash, other.hash) << seed;
    EXPECT_EQ(messages(one), "") << seed;
  }
}

TEST(Run, IsTheSameRunWhetherSomebodyListensOrNot) {
  const Plan plan = story(kDelivery);
  std::uint64_t events = 0;
  RunOptions options;
  options.listen = [&](const Trace::Entry& entry) { events += entry.is_line ? 0 : 1; };
  const RunResult heard = run(plan, options);
  EXPECT_EQ(heard.hash, run(plan, {}).hash);
  EXPECT_EQ(heard.events, events);
}

TEST(Run, FindsAPlantedBugAndCountsHowOftenItWasReached) {
  RunOptions options;
  options.mutants = {"B055"};  // Session Present is always 1
  const RunResult result = run(story("  - alice: connect\n"), options);
  EXPECT_THAT(messages(result), HasSubstr("SES: "));
  EXPECT_GT(result.mutants.at("B055_sp_always_true"), 0u);
  EXPECT_EQ(messages(run(story("  - alice: connect\n"), {})), "");  // and it is off again
}

TEST(Run, EndsARunThatGoesOnForTooLong) {
  RunOptions options;
  options.time_max = 5s;
  EXPECT_THAT(messages(run(story("  - wait: 1h\n"), options)), HasSubstr("bound: the run was not over"));
}

}  // namespace
}  // namespace mqttvet::sim
