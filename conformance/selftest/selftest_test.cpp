#include "conformance/selftest/selftest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/harness/case.h"
#include "conformance/harness/probe.h"
#include "conformance/harness/selection.h"
#include "conformance/target_sim/sim_target.h"

namespace mqttvet::conformance {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

CASE("MQTT5-3.3.1-1/sent-again-with-dup-1", {}) {
  Client& subscriber = run.client("subscriber");
  subscriber.connect_persistent();
  subscriber.subscribe(run.topic("t"), 1);
  run.connected("publisher").publish(run.topic("t"), "m", 1);
  subscriber.expect<Publish>();
  subscriber.cut();
  subscriber.connect_persistent();
  check(subscriber.expect<Publish>().dup, "DUP 1");
}

CASE("MQTT5-3.12.4-1/ping", {}) {
  run.connected().ping();
}

CASE("MQTT5-3.2.2-9/qos-2-is-refused", {.on = Variant::maximum_qos_1}) {
  Client& client = run.client();
  const Connack connack = client.connect();
  check_equal(number(connack.properties, PropertyId::maximum_qos).value_or(2), 1, "Maximum QoS");
}

std::vector<Instance> everything() {
  return select(all_cases(), {});
}

TEST(Selftest, NamesTheCaseThatCatchesAPlantedBug) {
  const SelftestReport report =
      run_selftest(everything(), {core::Mutant::B023_no_dup}, 2, [](std::string_view) {});
  EXPECT_EQ(report.case_count, 3U);
  EXPECT_THAT(report.bad, IsEmpty());
  ASSERT_THAT(report.mutants, SizeIs(1));
  const Caught& caught = report.mutants.front();
  EXPECT_EQ(caught.mutant, "B023_no_dup");
  EXPECT_EQ(caught.reached_count, 1U) << "who does not come by its place is not run";
  ASSERT_THAT(caught.red, SizeIs(1));
  EXPECT_EQ(caught.red.front().label(), "MQTT5-3.3.1-1/sent-again-with-dup-1 5.0");
  EXPECT_EQ(report.caught_count(), 1U);
}

TEST(Selftest, SaysWhenNoCaseComesByAPlantedBug) {
  const SelftestReport report =
      run_selftest(everything(), {core::Mutant::B078_dollar_retained}, 1, [](std::string_view) {});
  EXPECT_EQ(report.mutants.front().reached_count, 0U);
  EXPECT_EQ(report.caught_count(), 0U);
}

TEST(Selftest, HoldsAListToItsPromises) {
  const std::vector<Instance> instances = everything();
  const auto of = [&](std::string_view name) {
    for (const Instance& instance : instances) {
      if (instance.one->name == name) return instance;
    }
    return Instance{};
  };
  const Promise kept{core::Mutant::B023_no_dup, of("MQTT5-3.3.1-1/sent-again-with-dup-1")};
  const Promise broken{core::Mutant::B023_no_dup, of("MQTT5-3.12.4-1/ping")};
  const std::vector<Promise> found = broken_promises({kept, broken});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().instance.one, broken.instance.one);
}

TEST(Variants, AreEachReachedAndProbed) {
  const auto target = make_sim_target();
  ASSERT_EQ(probe(*target), "");
  for (int i = 0; i <= static_cast<int>(kLastVariant); ++i) {
    const auto variant = static_cast<Variant>(i);
    EXPECT_EQ(variant_from(name_of(variant)), variant);
    Target* const configured = target->variant(variant);
    ASSERT_NE(configured, nullptr) << name_of(variant);
    EXPECT_EQ(configured->facts().variant, variant);
  }
  EXPECT_FALSE(target->variant(Variant::maximum_qos_1)->facts().has(Capability::qos_2));
  EXPECT_FALSE(
      target->variant(Variant::no_shared_subscription)->facts().has(Capability::shared_subscription));
}

}  // namespace
}  // namespace mqttvet::conformance
