// A live target that dies: it is started again, and the case it dies of is found.
#include <gtest/gtest.h>

#include <atomic>

#include "conformance/harness/selection.h"
#include "conformance/harness/suite.h"
#include "conformance/harness/testing/scripted_target.h"

namespace mqttvet::conformance {
namespace {

using testing::Answer;
using testing::Script;
using testing::ScriptedVenue;

// While it is dead its connections are refused.
class MortalVenue : public ScriptedVenue {
 public:
  MortalVenue(const Script& script, const std::atomic<bool>& alive) : ScriptedVenue(script), alive_(alive) {}
  std::unique_ptr<Channel> connect(ChannelEvents& events, const std::optional<Fault>& fault) override {
    if (!alive_) throw Stop(Verdict::inconclusive, "no network connection to the target: refused");
    return ScriptedVenue::connect(events, fault);
  }

 private:
  const std::atomic<bool>& alive_;
};

// Answers CONNECT; PINGREQ kills it, if anything does.
class MortalTarget : public Target {
 public:
  explicit MortalTarget(bool dies_always) : dies_always_(dies_always) {
    facts_.capabilities = {Capability::mqtt_3_1_1};
    facts_.pace = {std::chrono::seconds(2), std::chrono::seconds(1), std::chrono::milliseconds(10)};
  }
  std::string name() const override { return "mortal"; }
  bool simulated() const override { return false; }
  const TargetFacts& facts() const override { return facts_; }
  void set_facts(TargetFacts facts) override { facts_ = std::move(facts); }
  std::unique_ptr<Venue> open(std::uint64_t) override {
    return std::make_unique<MortalVenue>(script_, alive_);
  }
  bool start() override {
    ++starts;
    return alive_ = true;
  }

  int starts = 0;

 private:
  Answer answer(std::string_view bytes) {
    if (bytes.empty()) return {};
    if (bytes[0] == '\x10') return {.hex = "20 02 00 00"};
    if (bytes[0] != '\xC0') return {};
    if (!dies_always_ && deaths_++ > 0) return {.hex = "D0 00"};
    alive_ = false;
    return {.closes = true};
  }

  bool dies_always_;
  int deaths_ = 0;
  std::atomic<bool> alive_ = true;
  TargetFacts facts_;
  Script script_ = [this](std::string_view bytes) { return answer(bytes); };
};

Case make_case(std::string statement, Body body) {
  Case one;
  one.name = statement + "/mortal";
  one.statements = {std::move(statement)};
  one.versions = v3_1_1;
  one.body = std::move(body);
  return one;
}

// By statement.
std::map<std::string, CaseResult> run_on(MortalTarget& target) {
  const std::vector<Case> cases = {
      make_case("MQTT311-3.1.4-1", [](Run& run) { run.connected(); }),
      make_case("MQTT311-3.12.4-1", [](Run& run) { run.connected().ping(); }),
      make_case("MQTT311-3.14.4-1", [](Run& run) { run.connected().disconnect(); }),
  };
  std::map<std::string, CaseResult> results;
  run_suite(select(cases, {}), target, {.parallel = 1},
            [&](std::size_t, CaseResult result) { results[result.statements.front()] = std::move(result); });
  return results;
}

TEST(LiveSuite, FindsTheCaseThatTheTargetDiesOf) {
  MortalTarget target(true);
  auto results = run_on(target);
  EXPECT_EQ(results["MQTT311-3.12.4-1"].verdict, Verdict::fail);
  EXPECT_EQ(results["MQTT311-3.12.4-1"].text.substr(0, 29), "the target died of this case:");
  EXPECT_EQ(results["MQTT311-3.1.4-1"].verdict, Verdict::pass);
  EXPECT_EQ(results["MQTT311-3.14.4-1"].verdict, Verdict::pass);
  EXPECT_EQ(target.starts, 2) << "once for the first death, once for the one that shows who is to blame";
}

TEST(LiveSuite, TellsOfADeathThatDoesNotComeAgain) {
  MortalTarget target(false);
  auto results = run_on(target);
  EXPECT_EQ(results.size(), 3u);
  EXPECT_EQ(results["MQTT311-3.12.4-1"].verdict, Verdict::fail);
  EXPECT_NE(results["MQTT311-3.12.4-1"].text.find("of none of them alone"), std::string::npos);
}

}  // namespace
}  // namespace mqttvet::conformance
