// What a case sees of a target that does this and that.
#include "conformance/harness/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/harness/testing/scripted_target.h"

namespace mqttvet::conformance {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Script;
using testing::ScriptedTarget;

Case case_of(Body body, Level level = Level::must) {
  Case one;
  one.name = "MQTT311-3.8.4-1/test";
  one.statements = {"MQTT311-3.8.4-1"};
  one.versions = all_versions;
  one.level = level;
  one.body = std::move(body);
  return one;
}

CaseResult run_against(Script script, Body body, Level level = Level::must,
                       wire::Version version = wire::Version::v3_1_1) {
  ScriptedTarget target(std::move(script));
  return run_case(case_of(std::move(body), level), version, target);
}

bool is_connect(std::string_view bytes) {
  return !bytes.empty() && bytes[0] == 0x10;
}
// Accepts 3.1.1 and answers a SUBSCRIBE with these bytes.
Script answering_subscribe(std::string hex, bool closes = false) {
  return [=](std::string_view bytes) -> Answer {
    if (is_connect(bytes)) return {"20 02 00 00"};
    return bytes.empty() || bytes[0] != static_cast<char>(0x82) ? Answer{} : Answer{hex, closes};
  };
}
void subscribe_and_expect_suback(Run& run) {
  Client& client = run.client();
  client.connect();
  client.send(Subscribe{.packet_id = 1, .subscriptions = {{"t", 0}}});
  client.expect<Suback>();
}

TEST(Client, PassesOnARightAnswer) {
  const CaseResult result = run_against(answering_subscribe("90 03 00 01 00"), subscribe_and_expect_suback);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.text;
  EXPECT_EQ(result.transcript.size(), 5u);  // connected, CONNECT, CONNACK, SUBSCRIBE, SUBACK
  EXPECT_EQ(result.transcript[4].bytes, wire::from_hex("90 03 00 01 00"));
}

TEST(Client, LeavesOtherPacketsInTheInbox) {
  const CaseResult result = run_against(answering_subscribe("30 03 00 01 74  90 03 00 01 00"), [](auto& run) {
    subscribe_and_expect_suback(run);
    Client& client = *run.clients().front();
    check_equal(client.inbox().size(), 1, "packets left");
    client.expect_publish("t", "");
  });
  EXPECT_EQ(result.verdict, Verdict::pass) << result.text;
}

TEST(Client, ExpectNextWantsTheVeryNextPacket) {
  const CaseResult result = run_against(answering_subscribe("30 03 00 01 74  90 03 00 01 00"), [](auto& run) {
    Client& client = run.client();
    client.connect();
    client.send(Subscribe{.packet_id = 1, .subscriptions = {{"t", 0}}});
    client.expect_next<Suback>();
  });
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.text, HasSubstr("SUBACK as the next packet; what came: PUBLISH"));
}

TEST(Client, FailsOnSilence) {
  const CaseResult result = run_against(answering_subscribe(""), subscribe_and_expect_suback);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.text, HasSubstr("SUBACK within 2 s; nothing came"));
}

TEST(Client, FailsAtOnceWhenTheConnectionCloses) {
  const CaseResult result = run_against(answering_subscribe("", true), subscribe_and_expect_suback);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_LT(result.took, std::chrono::seconds(1));
}

TEST(Client, GradesAFailedShouldAsNonStrictAndAMayAsUnimplemented) {
  EXPECT_EQ(run_against(answering_subscribe(""), subscribe_and_expect_suback, Level::should).verdict,
            Verdict::non_strict);
  EXPECT_EQ(run_against(answering_subscribe(""), subscribe_and_expect_suback, Level::may).verdict,
            Verdict::unimplemented);
}

TEST(Client, FailsOnWhatNoServerMaySendWhateverTheLevel) {
  const CaseResult result =
      run_against(answering_subscribe("82 06 00 01 00 01 74 00"), subscribe_and_expect_suback, Level::may);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.text, HasSubstr("what no server may send"));
}

TEST(Client, SeesMalformedPacketsThatNobodyWaitsFor) {
  const CaseResult result = run_against(
      [](std::string_view bytes) -> Answer {
        return is_connect(bytes) ? Answer{"20 02 00 00 F7 00"} : Answer{};
      },
      [](auto& run) {
        run.client().connect();
        run.sleep(1s);
      });
  EXPECT_EQ(result.verdict, Verdict::fail);
}

TEST(Client, EndsInconclusiveWhenTheTargetRefusesThePreparation) {
  const CaseResult result = run_against(
      [](std::string_view bytes) -> Answer {
        return is_connect(bytes) ? Answer{"20 02 00 03", true} : Answer{};
      },
      [](auto& run) { run.client().connect(); });
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.text, HasSubstr("refuses"));
}

TEST(Client, GradesTheReasonCodeApartFromTheClosing) {
  const auto closing_with = [](std::string hex) {
    return run_against(
        [=](std::string_view bytes) -> Answer {
          if (is_connect(bytes)) return {"20 03 00 00 00"};
          return bytes.empty() ? Answer{} : Answer{hex, true};
        },
        [](auto& run) {
          Client& client = run.client();
          client.connect();
          client.send(Pingreq{});  // that it is no error does not matter here
          client.expect_closed({0x82});
        },
        Level::must, wire::Version::v5_0);
  };
  EXPECT_EQ(closing_with("E0 01 82").verdict, Verdict::pass);
  EXPECT_EQ(closing_with("E0 01 81").verdict, Verdict::non_strict);
  EXPECT_EQ(closing_with("").verdict, Verdict::non_strict);
}

TEST(Client, TakesOneOfSeveralReactions) {
  const auto react = [](Script script) {
    return run_against(std::move(script), [](auto& run) {
      Client& client = run.client();
      client.connect();
      client.send(Subscribe{.packet_id = 1, .subscriptions = {{"t", 0}}});
      client.expect_one_of({closes(),
                            sends<Suback>("refuses",
                                          [](const Suback& suback) {
                                            return suback.reason_codes == std::vector<std::uint8_t>{0x80};
                                          }),
                            stays_silent("is silent", false)});
    });
  };
  EXPECT_EQ(react(answering_subscribe("", true)).verdict, Verdict::pass);
  EXPECT_EQ(react(answering_subscribe("90 03 00 01 80")).verdict, Verdict::pass);
  EXPECT_EQ(react(answering_subscribe("90 03 00 01 01")).verdict, Verdict::fail);
  EXPECT_THAT(react(answering_subscribe("")).remarks, ElementsAre("the target is silent"));
}

TEST(Run, StopsATargetThatSendsWithoutEnd) {
  std::string pingresps;
  for (int i = 0; i < 1000; ++i) pingresps += "D0 00 ";
  const CaseResult result = run_against(
      [&](std::string_view bytes) -> Answer {
        if (is_connect(bytes)) return {"20 02 00 00"};
        return bytes.empty() ? Answer{} : Answer{pingresps};
      },
      [](auto& run) {
        Client& client = run.client();
        client.connect();
        while (true) {
          client.send(Pingreq{});
          run.wait(run.now() + 1s);
        }
      });
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.text, HasSubstr("without end"));
}

TEST(Run, NamesAreItsOwnAndShortEnoughForEveryServer) {
  run_against(answering_subscribe(""), [](auto& run) {
    EXPECT_NE(run.client("alice").client_id(), run.client("alice").client_id());
    EXPECT_LE(run.client("a name that is much too long").client_id().size(), 23u);
    EXPECT_THAT(run.topic("a/b"), HasSubstr("/a/b"));
  });
}

TEST(RunCase, SkipsWithTheReason) {
  ScriptedTarget target(answering_subscribe(""));
  Case one = case_of([](auto&) {});
  one.needs = {Capability::retain};
  const CaseResult result = run_case(one, wire::Version::v3_1_1, target);
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_THAT(result.text, HasSubstr("retain"));
}

TEST(RunCase, RecordsBehaviourAndRemarks) {
  const CaseResult result = run_against(answering_subscribe(""), [](auto& run) {
    run.behaviour("queues QoS 0 offline", true);
    run.non_strict("it mumbles");
  });
  EXPECT_EQ(result.verdict, Verdict::non_strict);
  EXPECT_EQ(result.behaviours.at("queues QoS 0 offline"), "yes");
  EXPECT_THAT(result.remarks, ElementsAre("it mumbles"));
}

TEST(RunCase, AMistakeInACaseIsNoVerdictAboutTheTarget) {
  const CaseResult result =
      run_against(answering_subscribe(""), [](auto&) { throw std::logic_error("no such field"); });
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
}

}  // namespace
}  // namespace mqttvet::conformance
