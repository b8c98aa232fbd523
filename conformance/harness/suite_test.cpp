// Which cases run, how they are run, and what is known of them.
#include "conformance/harness/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

#include "conformance/harness/known_deviations.h"
#include "conformance/harness/result_bytes.h"
#include "conformance/harness/selection.h"
#include "conformance/harness/suite_report.h"
#include "conformance/harness/testing/scripted_target.h"

namespace mqttvet::conformance {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ScriptedTarget;

// Registered here, for this program has no cases of its own.
const Registration kCases([] {
  add_case("MQTT5-3.8.4-2/passes", {.statements = {"MQTT311-3.8.4-2"}, .versions = v3_1_1 | v5_0},
           [](Run&) {});
  add_case("MQTT5-3.8.4-10/fails", {.tags = {"timer"}}, [](Run&) { check(false, "the impossible"); });
  add_case("MQTT5-3.12.4-1/crashes", {.level = Level::should}, [](Run&) { raise(SIGKILL); });
});

std::vector<std::string> names_of(const std::vector<Instance>& instances) {
  std::vector<std::string> names;
  for (const Instance& instance : instances)
    names.push_back(instance.one->name + " " + std::string(wire::name_of(instance.version)));
  return names;
}
std::vector<std::string> selected(const std::string& pattern) {
  Selection selection;
  selection.patterns = {pattern};
  return names_of(select(all_cases(), selection));
}

TEST(Selection, IsByStatementSectionNameOrGlob) {
  EXPECT_THAT(selected("MQTT5-3.8.4-2"), ElementsAre("MQTT5-3.8.4-2/passes 5.0"));
  EXPECT_THAT(selected("MQTT311-3.8.4-2"), ElementsAre("MQTT5-3.8.4-2/passes 3.1.1"));
  EXPECT_THAT(selected("MQTT5-3.8"), ElementsAre("MQTT5-3.8.4-2/passes 5.0", "MQTT5-3.8.4-10/fails 5.0"));
  EXPECT_THAT(selected("3.1"), IsEmpty());  // not 3.12
  EXPECT_THAT(selected("*crash*"), ElementsAre("MQTT5-3.12.4-1/crashes 5.0"));
  EXPECT_THAT(selected("MQTT5-3.8.4-10/fails"), ElementsAre("MQTT5-3.8.4-10/fails 5.0"));
}

TEST(Selection, CanBeNarrowed) {
  Selection selection;
  selection.version = wire::Version::v3_1_1;
  EXPECT_THAT(names_of(select(all_cases(), selection)), ElementsAre("MQTT5-3.8.4-2/passes 3.1.1"));
  selection = {};
  selection.tags = {"timer"};
  EXPECT_THAT(names_of(select(all_cases(), selection)), ElementsAre("MQTT5-3.8.4-10/fails 5.0"));
  selection = {};
  selection.level = Level::should;
  EXPECT_THAT(names_of(select(all_cases(), selection)), ElementsAre("MQTT5-3.12.4-1/crashes 5.0"));
}

TEST(Selection, ShardsArePartsOfTheWhole) {
  Selection selection;
  const std::size_t all = select(all_cases(), selection).size();
  std::size_t sum = 0;
  selection.shard_count = 3;
  for (selection.shard_index = 1; selection.shard_index <= 3; ++selection.shard_index)
    sum += select(all_cases(), selection).size();
  EXPECT_EQ(sum, all);
}

std::vector<CaseResult> run_all(unsigned parallel) {
  ScriptedTarget target([](std::string_view) { return Answer{}; });
  const std::vector<Instance> instances = select(all_cases(), {});
  std::vector<CaseResult> results(instances.size());
  run_suite(instances, target, {.parallel = parallel},
            [&](std::size_t index, CaseResult result) { results[index] = std::move(result); });
  return results;
}

TEST(Suite, ACrashFailsOneCaseAndTheOthersGoOn) {
  for (const unsigned parallel : {1u, 3u}) {
    const auto results = run_all(parallel);
    ASSERT_EQ(results.size(), 4u);
    EXPECT_EQ(results[0].verdict, Verdict::pass);
    EXPECT_EQ(results[1].verdict, Verdict::pass);
    EXPECT_EQ(results[2].verdict, Verdict::fail);
    EXPECT_EQ(results[2].text, "expected: the impossible");
    EXPECT_EQ(results[3].verdict, Verdict::fail);
    EXPECT_THAT(results[3].text, HasSubstr("crashed: Killed"));
  }
}

TEST(Suite, ResultsSurviveTheWayBetweenProcesses) {
  CaseResult result = run_all(1)[2];
  result.remarks = {"one", "two"};
  result.behaviours = {{"what", "how"}};
  result.transcript.push_back(
      {TranscriptEntry::Kind::sent, Time(5), "alice", 3, "PINGREQ", std::string("\0\xFF", 2)});
  const CaseResult copy = from_bytes(to_bytes(result));
  EXPECT_EQ(to_bytes(copy), to_bytes(result));
  EXPECT_EQ(copy.transcript.back().bytes, result.transcript.back().bytes);
  EXPECT_EQ(copy.transcript.back().at, Time(5));
  EXPECT_THROW(from_bytes(to_bytes(result).substr(0, 40)), std::runtime_error);
}

class KnownDeviationsTest : public ::testing::Test {
 protected:
  ~KnownDeviationsTest() override { std::remove(path_.c_str()); }
  std::vector<KnownDeviation> read(const std::string& text) {
    std::FILE* file = std::fopen(path_.c_str(), "w");
    std::fputs(text.c_str(), file);
    std::fclose(file);
    return read_known_deviations(path_);
  }
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  }
  std::string path_ = ::testing::TempDir() + "known_deviations_test.yaml";
};

TEST_F(KnownDeviationsTest, AreNoFailuresAndFixedOnesAre) {
  const auto known = read("- {case: '*fails', reason: ticket 1}\n- {case: '*passes', reason: ticket 2}\n");
  SuiteReport report;
  report.results = run_all(2);
  report.results.pop_back();  // the crash
  EXPECT_FALSE(report.passed());
  report.fixed = mark_known(known, report.results);
  EXPECT_EQ(report.results[2].known, "ticket 1");
  ASSERT_EQ(report.fixed.size(), 1u);
  EXPECT_EQ(report.fixed[0].reason, "ticket 2");
  EXPECT_FALSE(report.passed());
  report.fixed.clear();
  EXPECT_TRUE(report.passed());
}

TEST_F(KnownDeviationsTest, SayWhatIsWrongWithTheirFile) {
  EXPECT_THAT(error_of("- {case: a}\n"), HasSubstr(":1: expected the keys case and reason"));
  EXPECT_THAT(error_of("- case: a\n  why: b\n"), HasSubstr(":2: unknown key 'why'"));
  EXPECT_THAT(error_of("- {case: a, reason: b, mqtt: '4'}\n"), HasSubstr("expected 3.1, 3.1.1 or 5.0"));
  EXPECT_THAT(error_of("case: a"), HasSubstr("expected a list"));
  EXPECT_THAT(error_of("- ["), HasSubstr("known_deviations_test.yaml:"));
}

}  // namespace
}  // namespace mqttvet::conformance
