#include "sim/run/raw_client_testing.h"

#include <gmock/gmock.h>

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(RawClientTest, ConnectsAndSubscribes_OneOperationAfterTheOther) {
  make();
  perform(DoConnect{});
  perform(DoSubscribe{.filters = {{.filter = "t/#", .qos = 2}}, .subscription_identifier = {}});
  EXPECT_THAT(pass(),
              ElementsAre(testing::StartsWith("CONNECT 3.1.1"), testing::StartsWith("SUBSCRIBE id=1")));
  EXPECT_TRUE(client->connected());
  EXPECT_THAT(outcomes, ElementsAre("done"));
  say(wire::Suback{.packet_id = 1, .reason_codes = {2}});
  pass();
  EXPECT_THAT(outcomes, ElementsAre("done", "done"));
}

TEST_F(RawClientTest, ARefusedSubscriptionEndsNotDone) {
  connect();
  perform(DoSubscribe{.filters = {{.filter = "t"}}, .subscription_identifier = {}});
  pass();
  say(wire::Suback{.packet_id = 1, .reason_codes = {0x80}});
  pass();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_NE(outcomes[0], "done");
}

TEST_F(RawClientTest, Qos2IsDoneWithPubcomp) {
  connect();
  publish(2);
  EXPECT_THAT(pass(), ElementsAre("PUBLISH q2 id=1 \"t\" 7B \"alice#1\""));
  say(wire::Pubrec{.packet_id = 1});
  EXPECT_THAT(pass(), ElementsAre("PUBREL id=1"));
  EXPECT_THAT(outcomes, IsEmpty());
  say(wire::Pubcomp{.packet_id = 1});
  pass();
  EXPECT_THAT(outcomes, ElementsAre("done"));
}

TEST_F(RawClientTest, AfterACut_ComesBackAndResendsWithDup_AndTheOperationEndsThen) {
  connect();
  publish(1, 2);
  pass();
  net.network.cut("alice", true);
  const auto packets = pass(2s);
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_THAT(packets[1], testing::HasSubstr("dup id=1"));
  EXPECT_THAT(packets[2], testing::HasSubstr("dup id=2"));
  say(wire::Puback{.packet_id = 1});
  say(wire::Puback{.packet_id = 2});
  pass();
  EXPECT_THAT(outcomes, ElementsAre("done"));
}

TEST_F(RawClientTest, WithoutItsSession_GivesUpWhatWasUnderWay) {
  connect();
  session_present = false;
  publish(2);
  pass();
  net.network.cut("alice", true);
  EXPECT_EQ(pass(2s).size(), 1u);  // CONNECT alone
  EXPECT_THAT(outcomes, ElementsAre("the session was not kept"));
}

TEST_F(RawClientTest, Qos2IsGivenToTheApplicationOnce) {
  connect();
  say(wire::Publish{.qos = 2, .topic = "t", .packet_id = 9, .payload = "m"});
  EXPECT_THAT(pass(), ElementsAre("PUBREC id=9"));
  say(wire::Publish{.dup = true, .qos = 2, .topic = "t", .packet_id = 9, .payload = "m"});
  EXPECT_THAT(pass(), ElementsAre("PUBREC id=9"));
  say(wire::Pubrel{.packet_id = 9});
  EXPECT_THAT(pass(), ElementsAre("PUBCOMP id=9"));
  EXPECT_THAT(arrivals, ElementsAre("m q2"));
}

TEST_F(RawClientTest, HoldsAcknowledgementsBack_AndSendsThemInTheOrderAskedFor) {
  plan.acknowledge = Acknowledge::none;
  connect();
  for (std::uint16_t id : {1, 2, 3}) say(wire::Publish{.qos = 1, .topic = "t", .packet_id = id});
  EXPECT_THAT(pass(), IsEmpty());
  perform(DoAcknowledge{.from_now = Acknowledge::none, .release = true, .packet_ids = {3, 1}});
  EXPECT_THAT(pass(), ElementsAre("PUBACK id=3", "PUBACK id=1"));
  perform(DoAcknowledge{});
  EXPECT_THAT(pass(), ElementsAre("PUBACK id=2"));
  say(wire::Publish{.qos = 1, .topic = "t", .packet_id = 4});
  EXPECT_THAT(pass(), ElementsAre("PUBACK id=4"));
}

TEST_F(RawClientTest, HeldAcknowledgementsDieWithTheirConnection) {
  plan.acknowledge = Acknowledge::none;
  connect();
  say(wire::Publish{.qos = 1, .topic = "t", .packet_id = 1});
  pass();
  net.network.cut("alice", true);
  pass(2s);
  perform(DoAcknowledge{});
  EXPECT_THAT(pass(), IsEmpty());
}

TEST_F(RawClientTest, PingsBeforeTheKeepAliveEnds_AndLeavesABrokerThatDoesNotAnswer) {
  plan.keep_alive = 20s;
  connect();
  EXPECT_THAT(pass(15s), ElementsAre("PINGREQ"));
  say(wire::Pingresp{});
  EXPECT_THAT(pass(15s), ElementsAre("PINGREQ"));
  EXPECT_THAT(pass(17s), ElementsAre(testing::StartsWith("CONNECT")));
}

TEST_F(RawClientTest, ComesBackWithGrowingPauses) {
  connect();
  net.network.listen("broker", 1883, nullptr);
  std::vector<Time> tries;
  net.network.cut("alice", true);
  net.world.trace().listen([&](const Trace::Entry& entry) {
    if (entry.who == "alice" && entry.text.starts_with("connect ")) tries.push_back(entry.at);
  });
  pass(30s);
  ASSERT_GE(tries.size(), 5u);
  EXPECT_EQ(tries[1] - tries[0], 2s + 20ms);  // the refusal takes a round trip
  EXPECT_EQ(tries[2] - tries[1], 4s + 20ms);
  EXPECT_EQ(tries[3] - tries[2], 8s + 20ms);
  EXPECT_EQ(tries[4] - tries[3], 8s + 20ms);
}

TEST_F(RawClientTest, AClientThatShallNotComeBackEndsItsOperation) {
  plan.reconnect = false;
  connect();
  publish(1);
  net.network.cut("alice", true);
  EXPECT_THAT(pass(1min), IsEmpty());
  EXPECT_THAT(outcomes, ElementsAre("connection lost: connection reset"));
}

TEST_F(RawClientTest, ARefusalEndsConnect) {
  accepts = false;
  make();
  perform(DoConnect{});
  pass();
  say(wire::Connack{.reason_code = 5});
  EXPECT_THAT(pass(1min), IsEmpty());
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_NE(outcomes[0], "done");
}

TEST_F(RawClientTest, WithoutAnAnswer_AnOperationTimesOut_AndTheNextBegins) {
  connect();
  publish(1);
  publish(0);
  pass(61s);
  EXPECT_THAT(outcomes, ElementsAre("timeout", "done"));
}

TEST_F(RawClientTest, DisconnectIsSentAndStaysAway) {
  connect();
  perform(DoDisconnect{});
  EXPECT_THAT(pass(), ElementsAre(testing::StartsWith("DISCONNECT")));
  EXPECT_THAT(outcomes, ElementsAre("done"));
  EXPECT_THAT(pass(1min), IsEmpty());
  EXPECT_FALSE(client->connected());
}

TEST_F(RawClientTest, ACrashForgetsTheSession_AndComesBackAfterItsTime) {
  connect();
  publish(1);
  pass();
  perform(DoCrash{.restart_after = 5s});
  EXPECT_THAT(pass(4900ms), IsEmpty());
  EXPECT_THAT(outcomes, ElementsAre("crashed"));
  EXPECT_EQ(pass(1s).size(), 1u);  // CONNECT, and no PUBLISH
  EXPECT_THAT(outcomes, ElementsAre("crashed", "done"));
}

TEST_F(RawClientTest, BytesAreSentAsTheyAre) {
  connect();
  perform(DoSend{.bytes = wire::from_hex("C0 00")});
  EXPECT_THAT(pass(), ElementsAre("PINGREQ"));
}

TEST_F(RawClientTest, Version5_TellsItsLimits_KeepsTheBrokers_AndKeepsItsSessionWhenItComesBack) {
  plan.version = Version::v5_0;
  plan.clean_start = true;
  plan.session_expiry = 100s;
  plan.receive_maximum = 10;
  accepts = false;
  make();
  perform(DoConnect{});
  const auto first = pass();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_THAT(first[0],
              testing::AllOf(testing::HasSubstr("clean=1"), testing::HasSubstr("receive-maximum=10"),
                             testing::HasSubstr("session-expiry-interval=100")));
  say(wire::Connack{.properties = {{wire::PropertyId::receive_maximum, 1}}});
  pass();
  publish(1, 2);
  EXPECT_EQ(pass().size(), 1u);
  say(wire::Puback{.packet_id = 1});
  EXPECT_EQ(pass().size(), 1u);
  net.network.cut("alice", true);
  EXPECT_THAT(pass(2s)[0], testing::HasSubstr("clean=0"));
}

TEST_F(RawClientTest, MayBeDestroyedAtAnyTime) {
  connect();
  publish(1);
  net.network.cut("alice", true);
  client.reset();
  EXPECT_THAT(pass(1min), IsEmpty());
  end.reset();
  pass(2min);
  EXPECT_EQ(net.network.resources().connections, 0u);
}

}  // namespace
}  // namespace mqttvet::sim
