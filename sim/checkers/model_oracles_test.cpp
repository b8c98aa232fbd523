// Stories for the oracles over the model: RET SUB WIL EXP OWN TIM SHR POL ROB SEC.
#include <gtest/gtest.h>

#include "sim/checkers/oracles.h"
#include "sim/checkers/test_history.h"

namespace mqttvet::sim {
namespace {

using std::chrono::seconds;
constexpr auto k5 = wire::Version::v5_0;
using Id = wire::PropertyId;

wire::Publish retained(int qos, std::uint16_t id, const std::string& payload) {
  wire::Publish packet = Story::publish(qos, id, payload);
  packet.retain = true;
  return packet;
}
Story& keeps(Story& story, std::uint16_t id, const std::string& payload) {
  return story.sends("bob", retained(1, id, payload)).gets("bob", wire::Puback{id});
}

TEST(Retained, BlamesAValueThatWasReplacedBeforeTheSubscribe) {
  Story story;
  keeps(keeps(story.in("bob"), 1, "old"), 2, "new").in("alice").subscribes("alice", "t", 1);
  EXPECT_EQ(Story(story).gets("alice", retained(1, 1, "new")).puback("alice", 1).blames(), "");
  EXPECT_EQ(Story(story).gets("alice", retained(1, 1, "old")).puback("alice", 1).blames(), "RET");
}
TEST(Retained, BlamesAValueThatNeverComes_AndOneThatComesTwice) {
  Story story;
  keeps(story.in("bob"), 1, "m").in("alice").subscribes("alice", "t", 1);
  EXPECT_EQ(Story(story).blames(), "RET");
  story.gets("alice", retained(1, 1, "m")).puback("alice", 1);
  EXPECT_EQ(
      story.cut("alice").resumes("alice").gets("alice", retained(1, 2, "m")).puback("alice", 2).blames(),
      "RET");
}
TEST(Retained, AcceptsEitherOfTwoWhoseOrderNobodyKnows) {
  Story story;
  story.in("bob").in("carol").sends("bob", retained(1, 1, "b")).sends("carol", retained(1, 1, "c"));
  story.gets("bob", wire::Puback{1}).gets("carol", wire::Puback{1}).in("alice").subscribes("alice", "t", 1);
  EXPECT_EQ(Story(story).gets("alice", retained(1, 1, "b")).puback("alice", 1).blames(), "");
  EXPECT_EQ(Story(story).gets("alice", retained(1, 1, "c")).puback("alice", 1).blames(), "");
}

TEST(Subscriptions, BlamesADeliveryThatNothingAskedFor) {
  EXPECT_EQ(Story().in("alice").in("bob").publishes("bob", 0, 0, "m").comes("alice", 0, 0, "m").blames(),
            "SUB");
  EXPECT_EQ(Story()
                .in("alice")
                .subscribes("alice", "t", 0)
                .unsubscribes("alice", "t")
                .in("bob")
                .publishes("bob", 0, 0, "m")
                .comes("alice", 0, 0, "m")
                .blames(),
            "SUB");
}
TEST(Subscriptions, AcceptsADeliveryBeforeSuback) {
  EXPECT_EQ(Story()
                .in("alice")
                .in("bob")
                .sends("alice", wire::Subscribe{9, {}, {{"t", 1}}})
                .publishes("bob", 0, 0, "m")
                .comes("alice", 0, 0, "m")
                .gets("alice", wire::Suback{9, {}, {1}})
                .blames(),
            "");
}
TEST(Subscriptions, BlamesMoreThanTheGrantedQos) {
  Story story;
  story.in("alice").subscribes("alice", "t", 1).in("bob").publishes("bob", 2, 1, "m");
  EXPECT_EQ(Story(story).delivered("alice", 1, 1, "m").blames(), "");
  EXPECT_EQ(Story(story).delivered("alice", 2, 1, "m").blames(), "SUB");
}
TEST(Subscriptions, BlamesAnIdleClientPassedOver) {
  Story story;
  story.in("alice").subscribes("alice", "t", 0).in("bob").publishes("bob", 1, 1, "m");
  EXPECT_EQ(Story(story).blames(), "");  // QoS 0 may be on its way
  EXPECT_EQ(story.sends("alice", wire::Pingreq{}).gets("alice", wire::Pingresp{}).blames(), "SUB");
}

Story& with_will(Story& story, std::uint8_t qos = 1) {
  wire::Connect connect;
  connect.version = wire::Version::v3_1_1;
  connect.clean_start = false;
  connect.client_id = "bob";
  connect.will = wire::Will{qos, false, {}, "t", "gone"};
  return story.in("alice")
      .subscribes("alice", "t", 1)
      .opens("bob")
      .sends("bob", connect)
      .gets("bob", wire::Connack{});
}
TEST(Wills, BlamesOneThatIsMissing_AndOneTooMany) {
  Story story;
  with_will(story).after(seconds(30)).cut("bob").after(seconds(60));
  EXPECT_EQ(Story(story).blames(), "WIL");
  EXPECT_EQ(Story(story).delivered("alice", 1, 1, "gone").blames(), "");
  EXPECT_EQ(story.delivered("alice", 1, 1, "gone").delivered("alice", 1, 2, "gone").blames(), "WIL");
}
TEST(Wills, BlamesOneOfQos0ThatIsMissing_WhereNothingDisturbed) {
  Story story;
  with_will(story, 0).after(seconds(30)).cut("bob").after(seconds(60));
  EXPECT_EQ(Story(story).blames(), "WIL");
  EXPECT_EQ(Story(story).delivered("alice", 0, 0, "gone").blames(), "");
  Story disturbed;
  with_will(disturbed, 0).after(seconds(30)).fault().cut("bob").after(seconds(60));
  EXPECT_EQ(disturbed.blames(), "");
}
TEST(Wills, BlamesOneThatWasDiscarded) {
  Story story;
  with_will(story).after(seconds(30)).sends("bob", wire::Disconnect{}).cut("bob", "client closed");
  EXPECT_EQ(Story(story).after(seconds(30)).blames(), "");
  EXPECT_EQ(story.after(seconds(30)).delivered("alice", 1, 1, "gone").blames(), "WIL");
}

TEST(Expiry, BlamesAMessageThatCameTooLate_OrSaysTheWrongRest) {
  auto expiring = Story::publish(1, 1, "m");
  expiring.properties.emplace_back(Id::message_expiry_interval, std::uint32_t{60});
  Story story;
  story.speaks("alice", k5).speaks("bob", k5).in("alice").subscribes("alice", "t", 1).in("bob").cut("alice");
  story.sends("bob", expiring).gets("bob", wire::Puback{1}).after(seconds(30));
  const auto left = [&](std::uint32_t rest) {
    auto packet = Story::publish(1, 1, "m");
    packet.properties.emplace_back(Id::message_expiry_interval, rest);
    return packet;
  };
  EXPECT_EQ(Story(story).resumes("alice").gets("alice", left(30)).puback("alice", 1).blames(), "");
  EXPECT_EQ(Story(story).resumes("alice").gets("alice", left(60)).puback("alice", 1).blames(), "EXP");
  EXPECT_EQ(Story(story).resumes("alice").delivered("alice", 1, 1, "m").blames(), "EXP");
  EXPECT_EQ(story.after(seconds(60)).resumes("alice").gets("alice", left(1)).puback("alice", 1).blames(),
            "EXP");
}

TEST(Ownership, BlamesAnAnswerOnAConnectionThatWasTakenOver) {
  Story story;
  story.in("x").shares_id("y", "x").resumes("y").sends("x", wire::Pingreq{}).gets("x", wire::Pingresp{});
  EXPECT_EQ(story.cut("x", "server closed").blames(), "OWN");
  EXPECT_EQ(Story().in("x").shares_id("y", "x").resumes("y").blames(), "OWN");  // never closed
}

TEST(Ownership, BlamesATakeoverThatA50ClientIsNotTold) {
  Story story;
  story.speaks("x", k5).speaks("y", k5).shares_id("y", "x").in("x").resumes("y");
  EXPECT_EQ(Story(story).cut("x", "server closed").blames(), "OWN");
  EXPECT_EQ(Story(story).gets("x", wire::Disconnect{0x8E}).cut("x", "server closed").blames(), "");
  EXPECT_EQ(story.cut("x", "reset").blames(), "");
}

TEST(TimeToConnect, BlamesAConnectionThatStaysOpenWithoutConnect) {
  EXPECT_EQ(Story().opens("bob").after(seconds(60)).blames(), "TIM");
  EXPECT_EQ(Story().opens("bob").after(seconds(10)).cut("bob", "server closed").blames(), "");
}

TEST(RetryInterval, BlamesARepetitionTooEarly_OrWithoutAnInterval_OrNone) {
  Story story;
  story.in("alice")
      .subscribes("alice", "t", 1)
      .in("bob")
      .publishes("bob", 1, 1, "m")
      .comes("alice", 1, 1, "m");
  Story retrying(story);
  retrying.with("retry_interval", "10");
  const auto again_after = [](Story then, int count) {
    return then.after(seconds(count)).comes_again("alice", 1, 1, "m").puback("alice", 1).blames();
  };
  EXPECT_EQ(again_after(story, 10), "TIM");
  EXPECT_EQ(again_after(retrying, 10), "");
  EXPECT_EQ(again_after(retrying, 5), "TIM");
  EXPECT_EQ(again_after(retrying, 30), "TIM");
}

TEST(KeepAlive, BlamesASilentConnectionThatStaysOpen) {
  EXPECT_EQ(Story().in("bob", {.keep_alive = 5}).blames(), "TIM");
  EXPECT_EQ(Story().in("bob", {.keep_alive = 5}).after(seconds(8)).cut("bob", "server closed").blames(), "");
  EXPECT_EQ(Story().in("bob", {.keep_alive = 5}).fault().blames(), "");
}

TEST(Shared, BlamesTwoMembersWithOneMessage_AndNoneAtAll) {
  Story story;
  story.in("alice").subscribes("alice", "$share/g/t", 2).in("carol").subscribes("carol", "$share/g/t", 2);
  story.in("bob").publishes("bob", 2, 1, "m");
  EXPECT_EQ(Story(story).delivered("alice", 2, 1, "m").blames(), "");
  EXPECT_EQ(Story(story).delivered("alice", 2, 1, "m").delivered("carol", 2, 1, "m").blames(), "SHR");
  EXPECT_EQ(Story(story).blames(), "SHR");
}

TEST(Policy, BlamesALossThatNoFullQueueExplains) {
  Story story;
  story.with("queue_messages_max", "2").in("alice").subscribes("alice", "t", 1).cut("alice").in("bob");
  story.publishes("bob", 1, 1, "m1")
      .publishes("bob", 1, 2, "m2")
      .publishes("bob", 1, 3, "m3")
      .resumes("alice");
  EXPECT_EQ(Story(story).delivered("alice", 1, 1, "m2").delivered("alice", 1, 2, "m3").blames(), "");
  EXPECT_EQ(Story(story).delivered("alice", 1, 1, "m1").delivered("alice", 1, 2, "m2").blames(), "POL");
  story.delivered("alice", 1, 1, "m1").delivered("alice", 1, 2, "m2").delivered("alice", 1, 3, "m3");
  EXPECT_EQ(story.blames(), "POL");  // three in a queue of two
}

TEST(Security, BlamesAWrongPassword) {
  wire::Connect connect;
  connect.version = k5;
  connect.client_id = "bob";
  connect.user_name = "bob";
  connect.password = "guess";
  Story story;
  story.plan().broker.users = {{"bob", "secret"}};
  EXPECT_EQ(story.speaks("bob", k5).opens("bob").sends("bob", connect).gets("bob", wire::Connack{}).blames(),
            "SEC");
}

// --- Access control lists ---

// alice has subscribed to everything.
Story with_rules(const std::vector<std::string>& rules) {
  Story story;
  story.plan().broker.acl = rules;
  story.in("alice").subscribes("alice", "#", 1).in("bob");
  return story;
}
const std::vector<std::string> kAliceNot = {"deny client alice subscribe t", "allow all all #"};
const std::vector<std::string> kBobNot = {"deny client bob publish t", "allow all all #"};

TEST(Security, WhatASubscriberMayNotReceive_IsNotMissing_AndMustNotCome) {
  EXPECT_EQ(with_rules(kAliceNot).publishes("bob", 1, 1, "m").blames(), "");
  EXPECT_EQ(with_rules(kAliceNot).publishes("bob", 1, 1, "m").delivered("alice", 1, 1, "m").blames(), "SEC");
}

TEST(Security, WhatAPublisherMayNotPublish_IsNotMissing_AndMustNotCome) {
  for (const int qos : {0, 1}) {
    EXPECT_EQ(with_rules(kBobNot).publishes("bob", qos, 1, "m").blames(), "");
    EXPECT_EQ(with_rules(kBobNot).publishes("bob", qos, 1, "m").delivered("alice", qos, 1, "m").blames(),
              "SEC");
  }
}

TEST(Security, WhatTheRulesAllowIsDue) {
  EXPECT_EQ(with_rules({"deny all all x", "allow all all #"}).publishes("bob", 1, 1, "m").blames(), "LIV");
}

TEST(Security, BlamesASubackAndAPubackThatGrantTooMuch_AndOneThatRefusesWithoutReason) {
  EXPECT_EQ(with_rules({"allow client bob all #"}).blames(), "SEC");  // alice's SUBACK
  Story granted;
  granted.plan().broker.acl = kBobNot;
  EXPECT_EQ(granted.speaks("bob", k5).in("bob").publishes("bob", 1, 1, "m").blames(), "SEC");
  Story refused;
  refused.plan().broker.acl = kAliceNot;
  refused.speaks("bob", k5).in("bob").sends("bob", Story::publish(1, 1, "m"));
  EXPECT_EQ(refused.gets("bob", wire::Puback{1, 0x87}).blames(), "SEC");
}

// From here on everybody may do everything.
Story& opened(Story& story) {
  Fault reload;
  reload.id = 1;
  reload.kind = FaultKind::reload;
  reload.target = "broker";
  story.plan().faults = {reload};
  return story.reloads(1);
}

TEST(Security, WhatAReloadMayHaveChanged_BlamesNobody) {
  Story story = with_rules(kBobNot);
  story.sends("bob", Story::publish(1, 1, "m"));
  opened(story).gets("bob", wire::Puback{1});
  EXPECT_EQ(story.blames(), "");
  EXPECT_EQ(story.delivered("alice", 1, 1, "m").blames(), "");
}

TEST(Security, WhatAReloadAllowsIsDueFromThenOn) {
  Story before = with_rules(kBobNot);
  before.publishes("bob", 1, 1, "m");
  EXPECT_EQ(opened(before).blames(), "");
  Story after = with_rules(kBobNot);
  EXPECT_EQ(opened(after).publishes("bob", 1, 1, "m").blames(), "LIV");
}

TEST(Security, WhatAReloadForbids_MustNotComeOnALaterConnection) {
  const auto forbidden = [] {
    Story story = with_rules({"allow all all #"});
    Fault reload;
    reload.id = 1;
    reload.kind = FaultKind::reload;
    reload.target = "broker";
    reload.acl = kAliceNot;
    story.plan().faults = {reload};
    story.cut("alice").publishes("bob", 1, 1, "m");
    return story;
  };
  EXPECT_EQ(forbidden().reloads(1).resumes("alice").delivered("alice", 1, 1, "m").blames(), "SEC");
  EXPECT_EQ(forbidden().resumes("alice").reloads(1).delivered("alice", 1, 1, "m").blames(), "");
}

}  // namespace
}  // namespace mqttvet::sim
