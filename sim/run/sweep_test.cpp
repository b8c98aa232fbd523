#include "sim/run/sweep.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>

#include "sim/run/result_text.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<RunResult> sweep_all(std::vector<SweepJob> jobs, SweepOptions options = {}) {
  std::vector<RunResult> results;
  std::size_t next = 0;
  sweep(
      [&]() -> std::optional<SweepJob> {
        return next < jobs.size() ? std::optional(jobs[next++]) : std::nullopt;
      },
      options, [&](const RunResult& result) { results.push_back(result); });
  return results;
}

SweepJob job(std::uint64_t seed, std::function<RunResult()> run) {
  return {"seed " + std::to_string(seed), std::to_string(seed), seed, std::move(run)};
}

RunResult full_result() {
  RunResult result;
  result.hash = 0xFFFFFFFFFFFFFFFF;
  result.events = 12;
  result.simulated = 90s;
  result.findings.push_back({"EXO", "MQTT5-4.3.3-1", 5ms, "alice", "twice \xff", {"one", "two"}});
  result.faults["reset"] = {3, 2, 1};
  result.mutants["B015"] = 3;
  result.counters["takeovers"] = 4;
  return result;
}

TEST(ResultText, CarriesEverythingThroughThePipe) {
  RunResult result = full_result();
  const auto read = result_from(to_text(result));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->hash, result.hash);
  EXPECT_EQ(read->simulated, result.simulated);
  EXPECT_EQ(read->faults, result.faults);
  EXPECT_EQ(read->mutants, result.mutants);
  EXPECT_EQ(read->counters, result.counters);
  ASSERT_EQ(read->findings.size(), 1u);
  EXPECT_EQ(read->findings[0].text, "twice \xEF\xBF\xBD");  // U+FFFD for the byte that is no UTF-8
  EXPECT_EQ(read->findings[0].details, result.findings[0].details);
}

TEST(ResultText, IsNothingWhenItWasCutShort) {
  const std::string text = to_text(full_result());
  for (std::size_t length = 0; length + 1 < text.size(); length += 7) {
    EXPECT_FALSE(result_from(text.substr(0, length))) << length;
  }
}

TEST(Sweep, GivesTheResultsInTheOrderOfTheJobsHoweverLongEachTakes) {
  SweepOptions options;
  options.parallel = 3;
  std::vector<SweepJob> jobs;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    jobs.push_back(job(seed, [seed] {
      usleep(seed % 3 == 1 ? 30'000 : 0);
      RunResult result;
      result.hash = seed * 10;
      return result;
    }));
  }
  std::vector<std::uint64_t> hashes;
  for (const RunResult& result : sweep_all(std::move(jobs), options)) hashes.push_back(result.hash);
  EXPECT_THAT(hashes, ElementsAre(10, 20, 30, 40, 50, 60));
}

TEST(Sweep, LivesOnWhenARunCrashesAndSaysHow) {
  const auto results = sweep_all({job(1,
                                      []() -> RunResult {
                                        std::fputs("about to die\n", stderr);
                                        signal(SIGSEGV, SIG_DFL);
                                        raise(SIGSEGV);
                                        return {};
                                      }),
                                  job(2, [] { return RunResult{}; })});
  ASSERT_EQ(results.size(), 2u);
  ASSERT_EQ(results[0].findings.size(), 1u);
  EXPECT_EQ(results[0].findings[0].code, "crash");
  EXPECT_EQ(results[0].name, "seed 1");
  EXPECT_THAT(results[0].findings[0].text, HasSubstr("signal 11"));
  EXPECT_THAT(results[0].findings[0].details, ElementsAre("about to die"));
  EXPECT_TRUE(results[1].passed());
}

TEST(Sweep, ReportsAnExceptionOfARunAsItsCrash) {
  const auto results = sweep_all({job(1, []() -> RunResult { throw std::runtime_error("no such file"); })});
  ASSERT_EQ(results[0].findings.size(), 1u);
  EXPECT_THAT(results[0].findings[0].text, HasSubstr("status 3"));
  EXPECT_THAT(results[0].findings[0].details, ElementsAre("no such file"));
}

TEST(Sweep, KillsARunThatHangs) {
  SweepOptions options;
  options.hang_after = 0s;
  const auto results = sweep_all({job(1,
                                      []() -> RunResult {
                                        while (true) pause();
                                      })},
                                 options);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].findings.at(0).code, "hang");
}

TEST(Sweep, TakesAResultThatIsLongerThanAPipe) {
  const auto results = sweep_all({job(1, [] {
    RunResult result;
    result.findings.push_back({"EXO", "", 0s, "", std::string(1'000'000, 'x'), {}});
    return result;
  })});
  EXPECT_EQ(results.at(0).findings.at(0).text.size(), 1'000'000u);
}

TEST(Sweep, BeginsNoRunWhenItsTimeIsUp) {
  SweepOptions options;
  options.time_budget = 1ns;
  EXPECT_TRUE(sweep_all({job(1, [] { return RunResult{}; })}, options).empty());
}

TEST(Summary, CountsFailedRunsOncePerCode) {
  Summary summary;
  RunResult run = full_result();
  run.findings.push_back(run.findings.front());
  summary.add(run);
  summary.add(RunResult{});
  EXPECT_EQ(summary.runs, 2u);
  EXPECT_EQ(summary.failed, 1u);
  EXPECT_EQ(summary.findings.at("EXO"), 1u);
  EXPECT_EQ(summary.faults.at("reset"), (FaultCount{3, 2, 1}));
}

}  // namespace
}  // namespace mqttvet::sim
