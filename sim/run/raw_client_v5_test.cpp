// What only a 5.0 client can do.
#include <gmock/gmock.h>

#include "sim/run/raw_client_testing.h"

namespace mqttvet::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::PropertyId;

struct RawClientV5Test : RawClientTest {
  RawClientV5Test() { plan.version = Version::v5_0; }
  void allow_aliases(std::uint32_t maximum) {
    connack_properties = {{PropertyId::topic_alias_maximum, maximum}};
    plan.topic_aliases = true;
  }
  void publish_to(const std::string& topic, int qos = 0, wire::Properties properties = {}) {
    DoPublish operation;
    operation.topic = topic;
    operation.qos = qos;
    operation.payload = "m";
    operation.properties = std::move(properties);
    perform(operation);
  }
};

TEST_F(RawClientV5Test, NamesATopicByItsAlias_FromTheSecondTimeOn) {
  allow_aliases(1);
  connect();
  publish_to("t");
  publish_to("t");
  publish_to("u");  // no alias is left
  EXPECT_THAT(pass(), ElementsAre("PUBLISH q0 \"t\" 1B \"m\" {topic-alias=1}",
                                  "PUBLISH q0 \"\" 1B \"m\" {topic-alias=1}", "PUBLISH q0 \"u\" 1B \"m\""));
}

TEST_F(RawClientV5Test, SendsTheWholeTopicAgain_OnAnotherConnection) {
  allow_aliases(2);
  connect();
  publish_to("t");
  publish_to("t", 1);
  pass();
  net.network.cut("alice", true);
  const auto packets = pass(std::chrono::seconds(2));
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[1], "PUBLISH q1 dup id=1 \"t\" 1B \"m\"");
}

TEST_F(RawClientV5Test, SendsTheAliasThatThePlanGives_AndItsTopicOnAnotherConnection) {
  connect();
  publish_to("t", 0, {{PropertyId::topic_alias, 7}});
  publish_to("", 1, {{PropertyId::topic_alias, 7}});
  EXPECT_THAT(pass(), ElementsAre("PUBLISH q0 \"t\" 1B \"m\" {topic-alias=7}",
                                  "PUBLISH q1 id=1 \"\" 1B \"m\" {topic-alias=7}"));
  net.network.cut("alice", true);
  EXPECT_THAT(pass(std::chrono::seconds(2)),
              ElementsAre(HasSubstr("CONNECT"), "PUBLISH q1 dup id=1 \"t\" 1B \"m\""));
}

TEST_F(RawClientV5Test, UnderstandsTheBrokersAliases) {
  plan.properties = {{PropertyId::topic_alias_maximum, 2}};
  connect();
  say(wire::Publish{.topic = "t", .properties = {{PropertyId::topic_alias, 2}}, .payload = "a"});
  say(wire::Publish{.topic = "", .properties = {{PropertyId::topic_alias, 2}}, .payload = "b"});
  EXPECT_THAT(pass(), IsEmpty());
  EXPECT_THAT(arrivals, ElementsAre("a q0", "b q0"));
}

TEST_F(RawClientV5Test, DisconnectsWith0x94_WhenAnAliasIsAboveItsMaximum) {
  plan.properties = {{PropertyId::topic_alias_maximum, 2}};
  connect();
  say(wire::Publish{.topic = "t", .properties = {{PropertyId::topic_alias, 3}}, .payload = "a"});
  EXPECT_THAT(pass(), ElementsAre(HasSubstr("DISCONNECT 0x94")));
}

TEST_F(RawClientV5Test, RefusesWithTheReasonItWasTold) {
  connect();
  perform(DoAcknowledge{.packet_ids = {}, .reason_code = 0x97});
  say(wire::Publish{.qos = 2, .topic = "t", .packet_id = 1, .payload = "a"});
  EXPECT_THAT(pass(), ElementsAre(HasSubstr("PUBREC id=1 0x97")));
  say(wire::Publish{.qos = 2, .topic = "t", .packet_id = 1, .payload = "b"});  // another message
  pass();
  EXPECT_THAT(arrivals, ElementsAre("a q2", "b q2"));
}

TEST_F(RawClientV5Test, AnswersTheBrokersQuestions_InTurn) {
  plan.properties = {{PropertyId::authentication_method, std::string("M")}};
  plan.auth_answers = {"one", "two"};
  accepts = false;
  make();
  perform(DoConnect{});
  pass();
  for (const char* answer : {"one", "two"}) {
    say(wire::Auth{.reason_code = 0x18,
                   .properties = {{PropertyId::authentication_method, std::string("M")}}});
    const auto packets = pass();
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_THAT(packets[0], testing::AllOf(HasSubstr("AUTH 0x18"), HasSubstr(answer)));
  }
}

TEST_F(RawClientV5Test, SendsAPacketThatNothingAskedFor) {
  connect();
  perform(DoSend{.bytes = {}, .packet = wire::Pubcomp{.packet_id = 9, .reason_code = 0x92}});
  EXPECT_THAT(pass(), ElementsAre(HasSubstr("PUBCOMP id=9 0x92")));
}

TEST_F(RawClientV5Test, ConnectsWithWhatThePlanSays) {
  plan.user_name = "ann";
  plan.password = "secret";
  plan.will = WillPlan{.topic = "w", .payload = "gone", .delay = {}, .expiry = {}};
  make();
  perform(DoConnect{.clean_start = {}, .session_expiry = {}, .receive_maximum = {}, .with_will = false});
  const auto packets = pass();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_THAT(packets[0], testing::AllOf(HasSubstr("ann"), testing::Not(HasSubstr("will"))));
}

TEST_F(RawClientTest, APersistentOneGoesOnWithItsSession_AfterItsMachineCrashed) {
  plan.persistent = true;
  connect();
  publish(1);
  pass();
  perform(DoCrash{});
  const auto packets = pass(std::chrono::seconds(3));
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_THAT(packets[1], HasSubstr("PUBLISH q1 dup id=1"));
}

}  // namespace
}  // namespace mqttvet::sim
