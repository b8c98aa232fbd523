#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "reports/escape.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/mutants.h"
#include "reports/terminal.h"

namespace mqttvet::reports {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

sim::RunResult failed_run() {
  sim::RunResult run;
  run.name = "seed 42";
  run.replay = "42";
  run.seed = 42;
  run.hash = 0xABC;
  run.simulated = 90s;
  run.findings.push_back(
      {"EXO", "MQTT311-4.3.3-2", 12345678us, "alice", "delivered <twice> & more", {"PUBREL id=7"}});
  run.faults["reset"] = {4, 3, 2};
  return run;
}

sim::Summary summary_of(const sim::RunResult& run) {
  sim::Summary all;
  // Summary::add is the runner's; this folder only prints what it is given.
  all.runs = 12345;
  all.failed = 1;
  all.wall = 2s;
  all.simulated = 3h;
  all.findings["EXO"] = 1;
  all.faults = run.faults;
  return all;
}

TEST(Terminal, TellsAFailureWithItsPacketsAndTheLineThatReplaysIt) {
  EXPECT_EQ(failure(failed_run()),
            "FAILED seed 42\n"
            "  EXO at 12.345678 s, alice: delivered <twice> & more [MQTT311-4.3.3-2]\n"
            "      PUBREL id=7\n"
            "  replay it: mqttvet replay 42\n");
}

TEST(Terminal, SumsUpASweepOnOneScreen) {
  const std::string text = summary(summary_of(failed_run()));
  EXPECT_THAT(text, HasSubstr("12 345 runs in 2.0 s: 12 344 passed, 1 failed\n"));
  EXPECT_THAT(text, HasSubstr("3 h 0 min, 5 400 times faster than real time"));
  EXPECT_THAT(text, HasSubstr("reset                 4        3          2\n"));
  EXPECT_THAT(text, HasSubstr("violations EXO in 1 run\n"));
}

TEST(Terminal, NamesWhatALongSweepNeverSaw) {
  sim::Summary all = summary_of(failed_run());
  all.marks = {{"queue overflow", 3}, {"session expired", 0}};
  EXPECT_EQ(gaps(all), "never met: session expired\n");
  all.faults["stall"] = {5, 2, 0};
  EXPECT_THAT(gaps(all), HasSubstr("never effective: stall (armed 5, fired 2)\n"));
}

// One that ORD killed with the third seed, and one that nobody saw though it was reached.
std::vector<MutantReport> hunted() {
  std::vector<MutantReport> all(2);
  all[0].origin = "EMQX | 5.8", all[0].text = "forgets";
  all[0].hunt = {"B001_a", "ORD", 3, 3, 250ms, 7, 2, {}};
  all[0].size_before = 60, all[0].size_after = 5;
  all[1].hunt = {"B002_b", std::nullopt, 0, 2000, 20s, 9, 4, {{"invariant", 2}}};
  return all;
}

TEST(Mutants, AreToldOnALineEach) {
  EXPECT_EQ(line(hunted()[0]),
            "B001_a                           killed by ORD           3 seeds    0.2 core-seconds       7 "
            "hits  60 -> 5\n");
  EXPECT_THAT(line(hunted()[1]), HasSubstr("SURVIVED"));
  EXPECT_EQ(
      summary(hunted()),
      "1 of 2 planted bugs were killed; the middle one of the shrunk plans has 5 operations and faults\n"
      "  B002_b survived: reached in 4 of 2 000 runs: the oracles have a gap; invariant in 2 runs, which "
      "doesn't "
      "count\n");
  std::vector<MutantReport> never = hunted();
  never[1].hunt.reached = 0;
  EXPECT_THAT(summary(never), HasSubstr("B002_b survived: never reached: the generator has a gap\n"));
}

TEST(Mutants, AreATableOfTheDocumentation) {
  const std::string page = mutants_markdown(hunted(), {},
                                            {{"B001", "easy", "planted", {"B001_a", "B002_b"}, ""},
                                             {"B009", "hard", "cannot arise", {}, "no cluster"}});
  EXPECT_THAT(page, HasSubstr("at most 2000 of them, or 60 core-seconds"));
  EXPECT_THAT(page, HasSubstr("| B001_a | forgets | EMQX \\| 5.8 | ORD | 3 | 0.2 | 7 | 60 -> 5 |\n"));
  EXPECT_THAT(page, HasSubstr("| **survived**: reached in 4"));
  EXPECT_THAT(page, HasSubstr("1 cannot arise, 1 planted.\n"));
  EXPECT_THAT(page, HasSubstr("| B001 | easy | B001_a: killed by ORD; B002_b: **survived** |  |\n"));
  EXPECT_THAT(page, HasSubstr("| B009 | hard | cannot arise | no cluster |\n"));
}

TEST(Catalogue, KeepsACommaInQuotationMarks) {
  const auto rows = parse_catalogue(
      "source,class,state,mutants,note\nB001,easy,planted,B001_a B002_b,\n"
      "B009,hard,cannot arise,,\"no cluster, no node\"\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].mutants, (std::vector<std::string>{"B001_a", "B002_b"}));
  EXPECT_EQ(rows[1].note, "no cluster, no node");
}

TEST(Mutants, AreJsonForOtherPrograms) {
  const auto read = nlohmann::json::parse(mutants_json(hunted()));
  EXPECT_EQ(read["killed"], 1);
  EXPECT_EQ(read["mutants"][0]["seed"], 3);
  EXPECT_EQ(read["mutants"][0]["size_after"], 5);
  EXPECT_FALSE(read["mutants"][1].contains("code"));
}

TEST(Terminal, SaysDurationsAndNumbersAsPeopleDo) {
  EXPECT_EQ(for_people(250ms), "250 ms");
  EXPECT_EQ(for_people(59s), "59.0 s");
  EXPECT_EQ(for_people(61s), "1 min 1 s");
  EXPECT_EQ(for_people(std::chrono::nanoseconds(50h)), "2 days 2 h");
  EXPECT_EQ(for_people(std::uint64_t{999}), "999");
  EXPECT_EQ(for_people(std::uint64_t{1000}), "1 000");
}

TEST(Escape, LeavesNothingThatATerminalObeys) {
  EXPECT_EQ(for_terminal("a\x1b[2Jb\n\x7f"), "a\\x1B[2Jb\\x0A\\x7F");
  EXPECT_EQ(for_terminal("\xC2\x9B"
                         "2J"),
            "\\xC2\\x9B"
            "2J");  // C1: the eight-bit form of ESC [
  EXPECT_EQ(for_terminal("\u202Egnp"), "\\xE2\\x80\\xAEgnp");
  EXPECT_EQ(for_terminal("gr\u00fc\u00df"), "gr\u00fc\u00df");
  EXPECT_EQ(for_terminal("\xff\xC0\x80\xED\xA0\x80"), "\\xFF\\xC0\\x80\\xED\\xA0\\x80");
}

TEST(JUnit, EscapesWhatWouldBreakTheXml) {
  sim::RunResult run = failed_run();
  run.name = "a \"b\" <c>\x01";
  const std::string xml = junit({run}, summary_of(run));
  EXPECT_THAT(xml, HasSubstr("name=\"a &quot;b&quot; &lt;c&gt;\\x01\""));
  EXPECT_THAT(xml, HasSubstr("delivered &lt;twice&gt; &amp; more"));
  EXPECT_THAT(xml, HasSubstr("<failure type=\"EXO\""));
  EXPECT_THAT(xml, Not(HasSubstr("\x01")));
}

TEST(Json, CanBeReadBackAndSaysHowToReplay) {
  sim::RunResult run = failed_run();
  run.findings[0].text = "bad \xff byte";
  const auto read = nlohmann::json::parse(json({run}, summary_of(run)));
  EXPECT_EQ(read["runs"], 12345);
  EXPECT_EQ(read["results"][0]["hash"], "0000000000000abc");
  EXPECT_EQ(read["results"][0]["replay"], "mqttvet replay 42");
  EXPECT_EQ(read["results"][0]["findings"][0]["at"], 12.345678);
  EXPECT_EQ(read["faults"]["reset"]["effective"], 2);
}

}  // namespace
}  // namespace mqttvet::reports
