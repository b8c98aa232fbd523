// Shrinking by rules of our own making: what is left when a plan "fails" as long as a condition holds.
#include "sim/hunt/shrink.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "sim/hunt/document.h"
#include "sim/hunt/reductions.h"
#include "sim/plan/check_plan.h"
#include "sim/plan/generate.h"
#include "sim/plan/write_plan.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

using Condition = std::function<bool(const Plan&)>;

// No runs: a plan fails if the condition holds.
Shrunk shrunk(const Plan& plan, const Condition& fails) {
  const Trial trial = [&](const auto& next) -> std::optional<Failing> {
    while (auto candidate = next())
      if (fails(candidate->plan)) return candidate;
    return std::nullopt;
  };
  return shrink(plan, trial, [] { return false; });
}

bool has_publish(const Plan& plan, int qos) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
    const auto* publish = std::get_if<DoPublish>(&step.operation);
    return publish && publish->qos == qos;
  });
}

bool has_fault(const Plan& plan, FaultKind kind) {
  return std::any_of(plan.faults.begin(), plan.faults.end(),
                     [&](const Fault& fault) { return fault.kind == kind; });
}

// The first seeds' plans for which the condition holds.
std::vector<Plan> plans_where(const Condition& condition, std::size_t count) {
  std::vector<Plan> plans;
  for (std::uint64_t seed = 1; plans.size() < count; ++seed)
    if (Plan plan = generate(seed); condition(plan)) plans.push_back(std::move(plan));
  return plans;
}

TEST(Shrink, LeavesNothingButWhatTheFailureNeeds) {
  const Condition fails = [](const Plan& plan) {
    return has_publish(plan, 2) && has_fault(plan, FaultKind::broker_crash);
  };
  for (const Plan& plan : plans_where(fails, 5)) {
    const Shrunk small = shrunk(plan, fails);
    EXPECT_TRUE(small.is_minimal);
    EXPECT_TRUE(fails(small.plan));
    EXPECT_EQ(small.plan.clients.size(), 1u) << write_plan(small.plan);
    EXPECT_EQ(small.plan.clients.front().driver, Driver::raw);
    EXPECT_EQ(small.plan.steps.size(), 1u);
    EXPECT_EQ(small.plan.faults.size(), 1u);
    EXPECT_TRUE(small.plan.broker == BrokerPlan{});
    EXPECT_EQ(small.plan.seed, 1u);
  }
}

TEST(Shrink, RoundsValuesDownToWhatTheFailureNeeds) {
  const Condition fails = [](const Plan& plan) {
    return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
      const auto* publish = std::get_if<DoPublish>(&step.operation);
      return publish && publish->pad_to_bytes > 1000 && step.at && *step.at > 2s;
    });
  };
  const Shrunk small = shrunk(plans_where(fails, 1).front(), fails);
  ASSERT_EQ(small.plan.steps.size(), 1u);
  EXPECT_EQ(small.plan.steps.front().at, Time(3s));
  EXPECT_EQ(std::get<DoPublish>(small.plan.steps.front().operation).pad_to_bytes, 1001u);
}

TEST(Shrink, LetsOneClientDoTheWorkOfTwo) {
  const Condition fails = [](const Plan& plan) { return plan.steps.size() >= 5; };
  const Shrunk small = shrunk(generate(1), fails);
  EXPECT_EQ(small.plan.steps.size(), 5u);
  EXPECT_EQ(small.plan.clients.size(), 1u);
  EXPECT_EQ(small.plan.clients.front().name, "alice");
}

TEST(Shrink, CalmsTheScheduleWhenAGuestHasToStay) {
  const Condition fails = [](const Plan& plan) { return plan.clients.front().driver == Driver::paho_c; };
  const Shrunk small = shrunk(plans_where(fails, 1).front(), fails);
  EXPECT_EQ(small.plan.schedule, Schedule::calm);
}

TEST(Shrink, EndsWithWhatItHasWhenTheTrialGivesUp) {
  const Plan plan = generate(1);
  int asked = 0;
  const Shrunk small = shrink(
      plan, [](const auto& next) { return next(); }, [&] { return ++asked > 3; });
  EXPECT_FALSE(small.is_minimal);
  EXPECT_LT(size_of(small.plan), size_of(plan));
}

RC_GTEST_PROP(Reductions, AreAllPlansThatCanBeRun, ()) {
  const Plan plan = generate(*rc::gen::arbitrary<std::uint64_t>());
  for (const Reduction& reduction :
       std::vector<Reduction>{without_a_client, without_steps(3), without_faults(1), with_clients_merged,
                              with_a_calm_schedule, without_a_guest, with_usual_names}) {
    const Candidates candidates = reduction(plan);
    for (std::size_t number = 0; number < candidates.count; ++number) {
      const std::optional<Plan> candidate = candidates.make(number);
      if (!candidate) continue;
      RC_ASSERT(check_plan(*candidate).empty());
      RC_ASSERT(*candidate != plan);
    }
  }
}

RC_GTEST_PROP(Document, HasTheSamePlanAfterEveryEdit, ()) {
  const Plan plan = generate(*rc::gen::arbitrary<std::uint64_t>());
  const Document document(plan);
  const auto entry = *rc::gen::inRange<std::size_t>(0, document.entry_count());
  const std::optional<Plan> first = document.without_entry(entry);
  for (int times = 0; times < 5; ++times)
    document.without_entry(*rc::gen::inRange<std::size_t>(0, document.entry_count()));
  RC_ASSERT(document.without_entry(entry) == first);
  if (first) RC_ASSERT(*first != plan);
}

}  // namespace
}  // namespace mqttvet::sim
