// A broker that lets the real clock, an address or a byte of fresh memory into its world is found out by
// running everything twice.
#include "sim/run/divergence.h"

#include <gmock/gmock.h>

#include "sim/plan/read_plan.h"
#include "sim/run/child.h"
#include "sim/run/perturb.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::HasSubstr;

// Everything in it is written to the broker's disk before it is acknowledged.
Plan story() {
  const ReadPlan read = read_plan(
      "format: 1\nclients: {alice: {driver: raw}}\nsteps:\n"
      "  - alice: connect\n"
      "  - alice: {subscribe: [{filter: t, qos: 1}]}\n"
      "  - alice: {publish: {topic: t, qos: 1, count: 20}}\n",
      "story");
  EXPECT_TRUE(read.plan) << read.messages("story");
  return *read.plan;
}

RunOptions unsettled_by(Unsettled by) {
  RunOptions options;
  options.unsettled = by;
  return options;
}

std::uint64_t hash_of(Unsettled by, bool perturbed) {
  return run_alone(
             [&] {
               if (perturbed) perturb_process();
               return run(story(), unsettled_by(by));
             },
             60s)
      .hash;
}

std::string divergence_of(Unsettled by) {
  return first_divergence([by](const auto& listen) {
    RunOptions options = unsettled_by(by);
    options.listen = listen;
    run(story(), options);
  });
}

class PlantedNondeterminism : public testing::TestWithParam<Unsettled> {};

TEST_P(PlantedNondeterminism, GivesAnotherHash) {
  EXPECT_NE(hash_of(GetParam(), false), hash_of(GetParam(), true));
}

TEST_P(PlantedNondeterminism, IsToldByItsFirstEvent) {
  EXPECT_THAT(divergence_of(GetParam()),
              ContainsRegex("event [0-9]+ is the first to differ: '0\\.0[0-9]+ s  broker  commit"));
}

INSTANTIATE_TEST_SUITE_P(Divergence, PlantedNondeterminism,
                         testing::Values(Unsettled::clock, Unsettled::order, Unsettled::memory));

TEST(Divergence, IsNotThereWhenABrokerKeepsToItsWorld) {
  EXPECT_EQ(hash_of(Unsettled::none, false), hash_of(Unsettled::none, true));
  EXPECT_THAT(divergence_of(Unsettled::none), HasSubstr("the runs were the same"));
}

}  // namespace
}  // namespace mqttvet::sim
