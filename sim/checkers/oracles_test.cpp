// Stories that must be blamed, and stories that must not: the oracles at a glance.
#include "sim/checkers/oracles.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sim/checkers/test_history.h"

namespace mqttvet::sim {
namespace {

using std::chrono::seconds;
constexpr auto k5 = wire::Version::v5_0;
using Id = wire::PropertyId;

Story alice_subscribes(std::uint8_t qos) {
  return Story().in("alice").subscribes("alice", "t", qos).in("bob");
}

TEST(AtLeastOnce, BlamesAMessageThatIsOvertakenAndNeverComes) {
  EXPECT_EQ(alice_subscribes(1)
                .publishes("bob", 1, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .delivered("alice", 1, 1, "m2")
                .blames(),
            "ALO");
}
TEST(AtLeastOnce, BlamesADeliveryThatIsNotRepeatedOnResume) {
  EXPECT_EQ(alice_subscribes(1)
                .publishes("bob", 1, 1, "m1")
                .comes("alice", 1, 1, "m1")
                .cut("alice")
                .resumes("alice")
                .blames(),
            "ALO");
}
TEST(AtLeastOnce, AcceptsAMessageThatExpiredOrWasNeverAcknowledged) {
  auto expiring = Story::publish(1, 1, "m1");
  expiring.properties.emplace_back(Id::message_expiry_interval, std::uint32_t{5});
  EXPECT_EQ(alice_subscribes(1).sends("bob", expiring).gets("bob", wire::Puback{1}).blames(), "");
  EXPECT_EQ(alice_subscribes(1).sends("bob", Story::publish(1, 1, "m1")).cut("bob").blames(), "");
}
TEST(AtLeastOnce, AcceptsAnUnsubscribeOnItsWay) {
  EXPECT_EQ(alice_subscribes(1)
                .sends("alice", wire::Unsubscribe{9, {}, {"t"}})
                .publishes("bob", 1, 1, "m1")
                .gets("alice", wire::Unsuback{9})
                .blames(),
            "");
}
TEST(AtLeastOnce, AcceptsASubscribeThatALaterOneReplaced) {
  EXPECT_EQ(Story()
                .in("alice")
                .in("bob")
                .sends("alice", wire::Subscribe{1, {}, {{"t", 1}}})
                .sends("alice", wire::Subscribe{2, {}, {{"t", 0}}})
                .gets("alice", wire::Suback{1, {}, {1}})
                .gets("alice", wire::Suback{2, {}, {0}})
                .publishes("bob", 1, 1, "m1")
                .blames(),
            "");
}
TEST(AtLeastOnce, AcceptsADowngradeToQos0) {
  EXPECT_EQ(alice_subscribes(0).publishes("bob", 2, 1, "m1").blames(), "");
}
TEST(AtLeastOnce, AcceptsADropFromAFullQueue) {
  EXPECT_EQ(alice_subscribes(1)
                .with("queue_messages_max", "1")
                .cut("alice")
                .publishes("bob", 1, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .resumes("alice")
                .delivered("alice", 1, 1, "m2")
                .blames(),
            "");
}
TEST(AtLeastOnce, AcceptsANewLifeOfThePublisherThatReusesAQos2Id) {
  EXPECT_EQ(alice_subscribes(1)
                .sends("bob", Story::publish(2, 1, "m1"))
                .gets("bob", wire::Pubrec{1})
                .cut("bob", "power lost")
                .resumes("bob")
                .publishes("bob", 2, 1, "m2")
                .delivered("alice", 1, 1, "m1")
                .blames(),
            "");
}

TEST(ExactlyOnce, BlamesASecondCopyUnderANewId) {
  EXPECT_EQ(alice_subscribes(2)
                .publishes("bob", 2, 1, "m")
                .delivered("alice", 2, 1, "m")
                .delivered("alice", 2, 2, "m")
                .blames(),
            "EXO");
}
TEST(ExactlyOnce, BlamesARepetitionAfterPubrel) {
  EXPECT_EQ(alice_subscribes(2)
                .publishes("bob", 2, 1, "m")
                .delivered("alice", 2, 1, "m")
                .cut("alice")
                .resumes("alice")
                .comes_again("alice", 2, 1, "m")
                .pubrec("alice", 1)
                .pubrel("alice", 1)
                .pubcomp("alice", 1)
                .blames(),
            "EXO");
}
TEST(ExactlyOnce, AcceptsARepetitionBeforePubrel) {
  EXPECT_EQ(alice_subscribes(2)
                .publishes("bob", 2, 1, "m")
                .comes("alice", 2, 1, "m")
                .pubrec("alice", 1)
                .cut("alice")
                .resumes("alice")
                .comes_again("alice", 2, 1, "m")
                .pubrec("alice", 1)
                .pubrel("alice", 1)
                .pubcomp("alice", 1)
                .blames(),
            "");
}
TEST(ExactlyOnce, AcceptsACopyPerOverlappingSubscription_EvenWithoutSuback) {
  EXPECT_EQ(alice_subscribes(2)
                .sends("alice", wire::Subscribe{1, {}, {{"#", 2}}})
                .cut("alice")
                .publishes("bob", 2, 1, "m")
                .resumes("alice")
                .delivered("alice", 2, 1, "m")
                .delivered("alice", 2, 2, "m")
                .blames(),
            "");
}
TEST(ExactlyOnce, AcceptsARetainedCopyBesideTheLiveOne) {
  auto published = Story::publish(2, 1, "m");
  auto retained = Story::publish(2, 2, "m");
  published.retain = retained.retain = true;
  EXPECT_EQ(alice_subscribes(2)
                .sends("bob", published)
                .gets("bob", wire::Pubrec{1})
                .sends("bob", wire::Pubrel{1})
                .gets("bob", wire::Pubcomp{1})
                .delivered("alice", 2, 1, "m")
                .subscribes("alice", "t", 2)
                .gets("alice", retained)
                .pubrec("alice", 2)
                .pubrel("alice", 2)
                .pubcomp("alice", 2)
                .blames(),
            "");
}
TEST(ExactlyOnce, AcceptsAPublisherThatRepeatsAfterItsSessionWasLost) {
  EXPECT_EQ(Story()
                .in("alice")
                .subscribes("alice", "t", 2)
                .in("bob", {.clean = true})
                .sends("bob", Story::publish(2, 1, "m"))
                .cut("bob")
                .in("bob", {.clean = true})
                .publishes("bob", 2, 1, "m")
                .delivered("alice", 2, 1, "m")
                .delivered("alice", 2, 2, "m")
                .blames(),
            "");
}

TEST(Order, BlamesAnOvertakingMessage) {
  EXPECT_EQ(alice_subscribes(1)
                .publishes("bob", 1, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .delivered("alice", 1, 1, "m2")
                .delivered("alice", 1, 2, "m1")
                .blames(),
            "ORD");
}
TEST(Order, BlamesARepetitionInReverse) {
  EXPECT_EQ(alice_subscribes(1)
                .publishes("bob", 1, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .comes("alice", 1, 1, "m1")
                .comes("alice", 1, 2, "m2")
                .cut("alice")
                .resumes("alice")
                .comes_again("alice", 1, 2, "m2")
                .comes_again("alice", 1, 1, "m1")
                .puback("alice", 2)
                .puback("alice", 1)
                .blames(),
            "ORD");
}
TEST(Order, AcceptsAnOrderThatALostPublishExplains) {
  EXPECT_EQ(alice_subscribes(1)
                .sends("bob", Story::publish(1, 1, "m1"))
                .cut("bob")
                .resumes("bob")
                .publishes("bob", 1, 2, "m2")
                .sends("bob", Story::publish(1, 1, "m1", true))
                .gets("bob", wire::Puback{1})
                .delivered("alice", 1, 1, "m2")
                .delivered("alice", 1, 2, "m1")
                .blames(),
            "");
}

TEST(PacketIdentifiers, BlamesAnIdThatWaitsForPubcomp) {
  EXPECT_EQ(alice_subscribes(2)
                .publishes("bob", 2, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .comes("alice", 2, 1, "m1")
                .pubrec("alice", 1)
                .pubrel("alice", 1)
                .comes("alice", 1, 1, "m2")
                .puback("alice", 1)
                .blames(),
            "PID");
}
TEST(PacketIdentifiers, BlamesANewIdOnResume) {
  EXPECT_EQ(alice_subscribes(1)
                .publishes("bob", 1, 1, "m1")
                .comes("alice", 1, 1, "m1")
                .cut("alice")
                .resumes("alice")
                .comes_again("alice", 1, 2, "m1")
                .puback("alice", 2)
                .blames(),
            "ALO PID");
}
TEST(PacketIdentifiers, BlamesARepetitionWithoutDup) {
  EXPECT_EQ(alice_subscribes(1)
                .publishes("bob", 1, 1, "m1")
                .comes("alice", 1, 1, "m1")
                .cut("alice")
                .resumes("alice")
                .delivered("alice", 1, 1, "m1")
                .blames(),
            "PID");
}
TEST(PacketIdentifiers, BlamesAnAnswerToNobody) {
  EXPECT_EQ(Story().in("bob").gets("bob", wire::Puback{7}).blames(), "PID");
}
TEST(PacketIdentifiers, AcceptsLateBytesOnAConnectionThatWasTakenOver) {
  EXPECT_EQ(alice_subscribes(1)
                .publishes("bob", 1, 1, "m1")
                .shares_id("alice2", "alice")
                .resumes("alice2")
                .comes("alice", 1, 1, "m1")
                .cut("alice")
                .comes_again("alice2", 1, 1, "m1")
                .puback("alice2", 1)
                .blames(),
            "");
}
TEST(PacketIdentifiers, AcceptsAReuseThatAStrayAcknowledgementExplains) {
  EXPECT_EQ(alice_subscribes(1)
                .publishes("bob", 1, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .publishes("bob", 1, 3, "m3")
                .delivered("alice", 1, 1, "m1")
                .puback("alice", 1)
                .comes("alice", 1, 1, "m2")
                .comes("alice", 1, 1, "m3")
                .blames(),
            "");
}

TEST(Window, BlamesMoreThanReceiveMaximum) {
  EXPECT_EQ(Story()
                .speaks("alice", k5)
                .in("alice", {.properties = {{Id::receive_maximum, 1u}}})
                .subscribes("alice", "t", 1)
                .in("bob")
                .publishes("bob", 1, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .comes("alice", 1, 1, "m1")
                .comes("alice", 1, 2, "m2")
                .puback("alice", 1)
                .puback("alice", 2)
                .blames(),
            "WIN");
}
TEST(Window, BlamesAMaxInflightThatCountsOnlyPublish) {
  EXPECT_EQ(alice_subscribes(2)
                .with("max_inflight", "1")
                .publishes("bob", 2, 1, "m1")
                .publishes("bob", 2, 2, "m2")
                .comes("alice", 2, 1, "m1")
                .pubrec("alice", 1)
                .pubrel("alice", 1)
                .comes("alice", 2, 2, "m2")
                .pubcomp("alice", 1)
                .pubrec("alice", 2)
                .pubrel("alice", 2)
                .pubcomp("alice", 2)
                .blames(),
            "WIN");
}
TEST(Window, AcceptsAResumeWithASmallerReceiveMaximum) {
  EXPECT_EQ(Story()
                .speaks("alice", k5)
                .in("alice")
                .subscribes("alice", "t", 1)
                .in("bob")
                .publishes("bob", 1, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .comes("alice", 1, 1, "m1")
                .comes("alice", 1, 2, "m2")
                .cut("alice")
                .in("alice", {.session_present = true, .properties = {{Id::receive_maximum, 1u}}})
                .comes_again("alice", 1, 1, "m1")
                .puback("alice", 1)
                .comes_again("alice", 1, 2, "m2")
                .puback("alice", 2)
                .blames(),
            "");
}

TEST(Liveness, BlamesARequestWithoutAnswer) {
  EXPECT_EQ(Story().in("bob").sends("bob", Story::publish(2, 1, "m")).blames(), "LIV");
  EXPECT_EQ(Story().in("bob").sends("bob", wire::Pingreq{}).blames(), "LIV");
}
TEST(Liveness, BlamesAPubrelThatIsNotRepeatedOnTheSecondResume) {
  EXPECT_EQ(alice_subscribes(2)
                .publishes("bob", 2, 1, "m")
                .comes("alice", 2, 1, "m")
                .pubrec("alice", 1)
                .cut("alice")
                .resumes("alice")
                .pubrel("alice", 1)
                .cut("alice")
                .resumes("alice")
                .blames(),
            "LIV");
}
TEST(Liveness, BlamesAQueueThatNobodyWakes) {
  EXPECT_EQ(alice_subscribes(1).publishes("bob", 1, 1, "m1").blames(), "LIV");
}
TEST(Liveness, BlamesABrokerThatClosesAHealthyConnection) {
  EXPECT_EQ(Story()
                .in("bob", {.keep_alive = 60})
                .publishes("bob", 1, 1, "m")
                .after(seconds(10))
                .cut("bob", "server closed")
                .blames(),
            "LIV");
}
TEST(Liveness, AcceptsAClosingWithAReason) {
  EXPECT_EQ(Story().in("bob", {.keep_alive = 5}).after(seconds(8)).cut("bob", "server closed").blames(), "");
  EXPECT_EQ(Story().in("bob").fault().cut("bob", "reset").blames(), "");
  EXPECT_EQ(Story().in("bob").shares_id("bob2", "bob").resumes("bob2").cut("bob", "server closed").blames(),
            "");
  EXPECT_EQ(Story()
                .speaks("bob", k5)
                .in("bob")
                .gets("bob", wire::Disconnect{0x8B})
                .cut("bob", "server closed")
                .blames(),
            "");
}
TEST(Liveness, AcceptsAClientThatHoldsItsAcknowledgementBack) {
  EXPECT_EQ(alice_subscribes(1)
                .with("max_inflight", "1")
                .publishes("bob", 1, 1, "m1")
                .publishes("bob", 1, 2, "m2")
                .comes("alice", 1, 1, "m1")
                .blames(),
            "");
}

TEST(Sessions, BlamesSessionPresentForAStranger) {
  EXPECT_EQ(Story().resumes("alice").blames(), "SES");
  EXPECT_EQ(Story().in("alice").cut("alice").in("alice", {.clean = true, .session_present = true}).blames(),
            "SES");
}
TEST(Sessions, BlamesALostSession) {
  EXPECT_EQ(Story().in("alice").cut("alice").in("alice").blames(), "SES");
}
TEST(Sessions, BlamesASessionThatOutlivesItsExpiry) {
  const Story::How how{.properties = {{Id::session_expiry_interval, 10u}}}, back{.session_present = true};
  EXPECT_EQ(
      Story().speaks("alice", k5).in("alice", how).cut("alice").after(seconds(60)).in("alice", back).blames(),
      "SES");
}
TEST(Sessions, AcceptsBothNearTheExpiry) {
  for (bool present : {false, true}) {
    const Story::How how{.properties = {{Id::session_expiry_interval, 10u}}},
        back{.session_present = present};
    EXPECT_EQ(Story()
                  .speaks("alice", k5)
                  .in("alice", how)
                  .cut("alice")
                  .after(seconds(10))
                  .in("alice", back)
                  .blames(),
              "");
  }
}
TEST(Sessions, AcceptsBothAfterACleanStartThatWasNeverAnswered) {
  for (bool present : {false, true})
    EXPECT_EQ(Story()
                  .in("alice")
                  .cut("alice")
                  .connects("alice", {.clean = true})
                  .cut("alice")
                  .in("alice", {.session_present = present})
                  .blames(),
              "");
}
TEST(Sessions, AcceptsBothAfterADisconnectThatMayBeLost) {
  for (bool present : {false, true})
    EXPECT_EQ(Story()
                  .speaks("alice", k5)
                  .in("alice")
                  .sends("alice", wire::Disconnect{0, {{Id::session_expiry_interval, 0u}}})
                  .cut("alice", "client closed")
                  .in("alice", {.session_present = present})
                  .blames(),
              "");
}
TEST(Sessions, AcceptsMqtt31_WhichHasNoSessionPresent) {
  EXPECT_EQ(Story().speaks("alice", wire::Version::v3_1).in("alice").cut("alice").in("alice").blames(), "");
}

TEST(Durability, BlamesWhatACrashTookAway) {
  EXPECT_EQ(alice_subscribes(1)
                .cut("alice")
                .publishes("bob", 1, 1, "m")
                .crash()
                .cut("bob", "reset")
                .restart()
                .resumes("alice")
                .blames(),
            "DUR");
  EXPECT_EQ(Story().in("alice").crash().cut("alice", "reset").restart().in("alice").blames(), "DUR");
}
TEST(Durability, AcceptsTheLossOfWhatWasNotAcknowledged) {
  EXPECT_EQ(alice_subscribes(1)
                .sends("bob", Story::publish(1, 1, "m"))
                .crash()
                .cut("alice", "reset")
                .cut("bob", "reset")
                .restart()
                .resumes("alice")
                .blames(),
            "");
}

TEST(Conformity, BlamesAPacketBeforeConnack) {
  EXPECT_EQ(Story().connects("alice", {}).comes("alice", 0, 0, "m").gets("alice", wire::Connack{}).blames(),
            "CNF");
}

TEST(AtLeastOnce, APubcompForAnOlderPubrelAcceptsNothing) {
  const auto story = [] {
    Story told;
    told.in("alice").subscribes("alice", "t", 2).in("bob").sends("bob", wire::Pubrel{1});
    told.sends("bob", Story::publish(2, 1, "m")).gets("bob", wire::Pubcomp{1});
    return told;
  };
  EXPECT_EQ(story().cut("bob").blames(), "");
  Story whole = story();
  whole.gets("bob", wire::Pubrec{1}).sends("bob", wire::Pubrel{1}).gets("bob", wire::Pubcomp{1});
  EXPECT_EQ(whole.blames(), "LIV");
}

TEST(Oracles, NameStatementsThatExist) {
  std::string csv;
  const auto folder = std::filesystem::path(__FILE__).parent_path() / "../../conformance/statements";
  for (const char* name : {"mqtt-3.1.1-normative.csv", "mqtt-5.0-normative.csv"}) {
    std::ifstream file(folder / name);
    csv.append(std::istreambuf_iterator<char>(file), {});
  }
  const auto exists = [&](std::string id) {
    const bool five = id.starts_with("MQTT5-");
    id = (five ? "5.0,MQTT-" : "3.1.1,MQTT-") + id.substr(id.find('-') + 1) + ",";
    return csv.find(id) != std::string::npos;
  };
  for (const Oracle& oracle : oracles())
    for (std::string_view id : oracle.statements)
      EXPECT_TRUE(exists(std::string(id))) << oracle.code << " " << id;
  for (const char* number : {"MQTT311-3.3.1-3", "MQTT5-3.3.1-3", "MQTT311-4.6.0-4", "MQTT5-4.6.0-4",
                             "MQTT311-4.3.3-1", "MQTT5-4.3.3-5", "MQTT311-4.3.2-1", "MQTT5-4.3.2-1",
                             "MQTT5-3.2.2-2", "MQTT311-3.2.2-3", "MQTT311-4.3.3-2", "MQTT5-4.3.3-10"})
    EXPECT_TRUE(exists(number)) << number;
}

}  // namespace
}  // namespace mqttvet::sim
