// Who the client is: held CONNECTs, exchanges of AUTH packets, re-authentication, users that go.
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

using codec::ReasonCode;

const std::string kMethod = "15 0001 4D";  // Authentication Method "M"

Config with_users(std::set<std::string, std::less<>> users = {"ann", "bob"}) {
  Config config;
  config.access_lists.users = std::move(users);
  return config;
}

ConnectOptions as(const std::string& user_name, int version = 4) {
  return {.version = version, .user_name = user_name, .password = "secret"};
}

// A 5.0 client with an Authentication Method, up to its CONNACK.
Client authenticated(TestBroker& world, const std::string& client_id, const std::string& user_name) {
  Client client = world.open(true);
  client.send(connect(client_id, {.version = 5, .properties = "15 0001 4D 16 0001 31"}));
  world.answer(ReasonCode::success, user_name);
  client.received();
  return client;
}

TEST(Authentication, AsksForUserNameAndPassword_AndHoldsConnectUntilTheAnswer) {
  TestBroker world(with_users());
  Client ann = world.open();
  ann.send(connect("a", as("ann")));
  EXPECT_THAT(ann.received(), IsEmpty());
  ASSERT_EQ(world.questions.size(), 1u);
  EXPECT_EQ(world.questions[0].user_name, "ann");
  EXPECT_EQ(world.questions[0].password, "secret");
  EXPECT_EQ(world.resources().sessions, 0u);
  world.answer(ReasonCode::success, "ann");
  EXPECT_THAT(ann.received(), ElementsAre("CONNACK sp=0 rc=00"));
}

TEST(Authentication, WrongPassword_IsToldInTheWordsOfTheVersion) {
  TestBroker world(with_users());
  Client v4 = world.open();
  v4.send(connect("a", as("ann")));
  world.answer(ReasonCode::bad_user_name_or_password);
  EXPECT_THAT(v4.received(), ElementsAre("CONNACK sp=0 rc=04"));
  EXPECT_TRUE(v4.closed());
  Client v5 = world.open(true);
  v5.send(connect("a", as("ann", 5)));
  world.answer(ReasonCode::bad_user_name_or_password);
  EXPECT_EQ(v5.received().at(0).substr(0, 18), "CONNACK sp=0 rc=86");
  EXPECT_TRUE(v5.closed());
  EXPECT_EQ(world.resources().sessions, 0u);
}

TEST(Authentication, EmptyMethod_IsNoMethodThatWeKnow) {
  TestBroker world(with_users());
  Client client = world.open(true);
  client.send(
      connect("a", {.version = 5, .properties = "15 0000", .user_name = "ann", .password = "secret"}));
  EXPECT_THAT(world.questions, IsEmpty());
  EXPECT_EQ(client.received().at(0).substr(0, 18), "CONNACK sp=0 rc=8c");
  EXPECT_TRUE(client.closed());
}

TEST(Authentication, WithoutUserName_IsRefused_UnlessAnonymousClientsAreServed) {
  TestBroker strict(with_users());
  Client nobody = strict.open();
  nobody.send(connect("a"));
  EXPECT_THAT(nobody.received(), ElementsAre("CONNACK sp=0 rc=05"));
  Config config = with_users();
  config.allow_anonymous = true;
  TestBroker lax(config);
  Client guest = lax.open();
  guest.send(connect("a"));
  EXPECT_THAT(guest.received(), ElementsAre("CONNACK sp=0 rc=00"));
}

TEST(Authentication, PacketsBehindConnectWait_AndTakeEffectAfterConnack) {
  TestBroker world(with_users());
  Client ann = world.open();
  ann.send(connect("a", as("ann")) + subscribe(1, "t", 1) + pingreq());
  EXPECT_THAT(ann.received(), IsEmpty());
  world.answer(ReasonCode::success, "ann");
  EXPECT_THAT(ann.received(), ElementsAre("CONNACK sp=0 rc=00", "SUBACK 1 [01]", "PINGRESP"));
}

TEST(Authentication, PacketsBehindConnectHaveNoEffect_WhenItIsRefused) {
  TestBroker world(with_users());
  Client ann = world.open();
  ann.send(connect("a", as("ann")) + publish("t", "x", {.retain = true}));
  world.answer(ReasonCode::bad_user_name_or_password);
  EXPECT_EQ(world.resources().retained_messages, 0u);
}

TEST(Authentication, WhatMayWaitBehindConnectIsBounded) {
  Config config = with_users();
  config.maximum_packet_size_bytes = 1000;
  TestBroker world(config);
  Client ann = world.open(true);
  ann.send(connect("a", as("ann", 5)));
  ann.send(std::string(900, '\x30'));
  EXPECT_FALSE(ann.closed());
  ann.send(std::string(101, '\x30'));
  EXPECT_EQ(ann.received().at(0).substr(0, 18), "CONNACK sp=0 rc=97");
  EXPECT_TRUE(ann.closed());
  world.answer(ReasonCode::success, "ann");  // nobody waits for it any more
  EXPECT_EQ(world.resources().authentications, 0u);
}

TEST(Authentication, NumberAtTheSameTimeIsBounded) {
  Config config = with_users();
  config.authentications_max = 1;
  TestBroker world(config);
  Client ann = world.open();
  ann.send(connect("a", as("ann")));
  Client bob = world.open();
  bob.send(connect("b", as("bob")));
  EXPECT_THAT(bob.received(), ElementsAre("CONNACK sp=0 rc=03"));
  ann.cut();
  EXPECT_EQ(world.resources().authentications, 1u);  // it is still being worked at
  world.answer(ReasonCode::success, "ann");
  EXPECT_EQ(world.resources().authentications, 0u);
}

TEST(Authentication, SessionOfAnotherUserIsNotTakenOver) {
  TestBroker world(with_users());
  Client ann = world.open();
  ann.send(connect("a", as("ann")));
  world.answer(ReasonCode::success, "ann");
  Client bob = world.open();
  bob.send(connect("a", as("bob")));
  world.answer(ReasonCode::success, "bob");
  EXPECT_THAT(bob.received(), ElementsAre("CONNACK sp=0 rc=05"));
  EXPECT_FALSE(ann.closed());
}

// --- Enhanced authentication -------------------------------------------------------------------------------

TEST(EnhancedAuthentication, Exchange_EndsWithConnackThatNamesTheMethod) {
  TestBroker world(with_users());
  Client ann = world.open(true);
  ann.send(connect("a", {.version = 5, .properties = kMethod + "16 0001 31"}));
  EXPECT_EQ(world.questions.at(0).method, "M");
  EXPECT_EQ(world.questions.at(0).data, "1");
  world.answer(ReasonCode::continue_authentication, "", "2", "memory");
  EXPECT_THAT(ann.received(), ElementsAre("AUTH rc=18 {1500014d16000132}"));
  ann.send(auth(0x18, kMethod + "16 0001 33"));
  EXPECT_EQ(world.questions.at(0).data, "3");
  EXPECT_EQ(world.questions.at(0).exchange, "memory");
  world.answer(ReasonCode::success, "ann", "4");
  const std::string connack = ann.received().at(0);
  EXPECT_EQ(connack.substr(0, 18), "CONNACK sp=0 rc=00");
  EXPECT_THAT(connack, ::testing::HasSubstr("1500014d16000134"));
}

TEST(EnhancedAuthentication, WithoutUsers_NoMethodIsSupported) {
  TestBroker world;
  Client ann = world.open(true);
  ann.send(connect("a", {.version = 5, .properties = kMethod}));
  EXPECT_EQ(ann.received().at(0).substr(0, 18), "CONNACK sp=0 rc=8c");
}

TEST(EnhancedAuthentication, OnlyAuthMayComeBeforeConnack) {
  TestBroker world(with_users());
  for (const std::string& early :
       {pingreq(), publish("t", "x", {.properties = ""}), connect("a", {.version = 5}), auth(0x19, kMethod),
        auth(0x18, "15 0001 4E")}) {
    Client ann = world.open(true);
    ann.send(connect("a", {.version = 5, .properties = kMethod}));
    world.answer(ReasonCode::continue_authentication, "", "2");
    ann.received();
    ann.send(early);
    EXPECT_EQ(ann.received().at(0).substr(0, 18), "CONNACK sp=0 rc=82") << to_hex(early);
    EXPECT_TRUE(ann.closed());
  }
}

TEST(EnhancedAuthentication, ClientThatDoesNotAnswer_IsSentAwayAfterTheConnectTimeout) {
  TestBroker world(with_users());
  Client ann = world.open(true);
  ann.send(connect("a", {.version = 5, .properties = kMethod}));
  world.advance(1h);  // it is not its fault that we are slow
  EXPECT_FALSE(ann.closed());
  world.answer(ReasonCode::continue_authentication, "", "2");
  world.advance(9s);
  EXPECT_FALSE(ann.closed());
  world.advance(2s);
  EXPECT_TRUE(ann.closed());
}

TEST(EnhancedAuthentication, DisconnectInsteadOfAnAnswer_Ends) {
  TestBroker world(with_users());
  Client ann = world.open(true);
  ann.send(connect("a", {.version = 5, .properties = kMethod}));
  world.answer(ReasonCode::continue_authentication, "", "2");
  ann.received();
  ann.send(disconnect(0));
  EXPECT_THAT(ann.received(), IsEmpty());
  EXPECT_TRUE(ann.closed());
}

TEST(Reauthentication, Succeeds_WhileOtherPacketsAreServed) {
  TestBroker world(with_users());
  Client ann = authenticated(world, "a", "ann");
  ann.send(auth(0x19, kMethod + "16 0001 35") + pingreq());
  EXPECT_THAT(ann.received(), ElementsAre("PINGRESP"));
  world.answer(ReasonCode::continue_authentication, "", "6");
  EXPECT_THAT(ann.received(), ElementsAre("AUTH rc=18 {1500014d16000136}"));
  ann.send(auth(0x18, kMethod + "16 0001 37"));
  world.answer(ReasonCode::success, "ann", "8");
  EXPECT_THAT(ann.received(), ElementsAre("AUTH rc=00 {1500014d16000138}"));
  EXPECT_FALSE(ann.closed());
}

TEST(Reauthentication, Failure_Disconnects) {
  TestBroker world(with_users());
  Client ann = authenticated(world, "a", "ann");
  ann.send(auth(0x19, kMethod));
  world.answer(ReasonCode::not_authorized);
  EXPECT_THAT(ann.received(), ElementsAre("DISCONNECT rc=87"));
  EXPECT_TRUE(ann.closed());
}

TEST(Reauthentication, AsAnotherUser_Disconnects) {
  TestBroker world(with_users());
  Client ann = authenticated(world, "a", "ann");
  ann.send(auth(0x19, kMethod));
  world.answer(ReasonCode::success, "bob");
  EXPECT_THAT(ann.received(), ElementsAre("DISCONNECT rc=87"));
}

TEST(Reauthentication, AnythingButItsTurnAndMethod_IsAProtocolError) {
  TestBroker world(with_users());
  for (const std::string& wrong :
       {auth(0x19, "15 0001 4E"), auth(0x18, kMethod), auth(0x19, kMethod) + auth(0x19, kMethod)}) {
    Client ann = authenticated(world, "a", "ann");
    world.questions.clear();
    ann.send(wrong);
    EXPECT_THAT(ann.received(), ElementsAre("DISCONNECT rc=82")) << to_hex(wrong);
    if (!world.questions.empty()) world.answer(ReasonCode::success, "ann");
  }
  Client plain = world.open(true);
  plain.send(connect("p", as("bob", 5)));
  world.answer(ReasonCode::success, "bob");
  plain.received();
  plain.send(auth(0x19, kMethod));
  EXPECT_THAT(plain.received(), ElementsAre("DISCONNECT rc=82"));
}

// --- Certificates ------------------------------------------------------------------------------------------

TEST(Certificate, NamesTheUser_NoPasswordIsAskedFor_AndNothingElseCounts) {
  Config config = with_users();
  config.access_lists.rules = std::vector{AccessRule{.allow = true,
                                                     .who = AccessRule::Who::user,
                                                     .name = "sensor",
                                                     .what = AccessRule::What::all,
                                                     .topic_filter = "dev/%u"}};
  TestBroker world(config);
  Client sensor = world.open(false, {}, "sensor");
  sensor.send(connect("s", as("ann")) + subscribe(1, "dev/sensor", 1) + subscribe(2, "dev/ann", 1));
  EXPECT_TRUE(world.questions.empty());
  EXPECT_THAT(sensor.received(), ElementsAre("CONNACK sp=0 rc=00", "SUBACK 1 [01]", "SUBACK 2 [80]"));
}

TEST(Certificate, IsGoodWhateverTheUsersFileSays_ItsSessionIsNobodyElses) {
  TestBroker world(with_users());
  Client sensor = world.open(true, {}, "sensor");
  sensor.send(connect("s", {.version = 5, .properties = "11 00000E10"}));  // Session Expiry Interval: an hour
  sensor.received();
  world.step(Reload{{.users = std::set<std::string, std::less<>>{"ann"}, .rules = {}}});
  EXPECT_FALSE(sensor.closed());
  Client ann = world.open(true);
  ann.send(connect("s", as("ann", 5)));
  world.answer(ReasonCode::success, "ann");
  EXPECT_EQ(ann.received().at(0).substr(0, 18), "CONNACK sp=0 rc=87");
  EXPECT_FALSE(sensor.closed());
}

TEST(Certificate, WithAnAuthenticationMethod_TheMethodDecides) {
  TestBroker world(with_users());
  Client client = world.open(true, {}, "sensor");
  client.send(connect("s", {.version = 5, .properties = "15 0001 4D 16 0001 31"}));
  ASSERT_EQ(world.questions.size(), 1u);
  world.answer(ReasonCode::success, "ann");
  client.received();
  world.step(Reload{{.users = std::set<std::string, std::less<>>{"bob"}, .rules = {}}});
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT rc=87"));
}

// --- Reload ------------------------------------------------------------------------------------------------

TEST(Reload, UserThatIsGone_IsDisconnected_OthersStay) {
  TestBroker world(with_users());
  Client ann = authenticated(world, "a", "ann");
  Client bob = authenticated(world, "b", "bob");
  world.step(Reload{{.users = std::set<std::string, std::less<>>{"bob"}, .rules = {}}});
  EXPECT_THAT(ann.received(), ElementsAre("DISCONNECT rc=87"));
  EXPECT_TRUE(ann.closed());
  EXPECT_FALSE(bob.closed());
}

TEST(Reload, UserThatIsGoneBeforeTheAnswerComes_IsRefused) {
  TestBroker world(with_users());
  Client ann = world.open();
  ann.send(connect("a", as("ann")));
  world.step(Reload{{.users = std::set<std::string, std::less<>>{"bob"}, .rules = {}}});
  world.answer(ReasonCode::success, "ann");
  EXPECT_THAT(ann.received(), ElementsAre("CONNACK sp=0 rc=05"));
}

TEST(Reload, NoListOfUsersAnyMoreWhenTheAnswerComes_ServesTheClientAsAnonymous) {
  TestBroker world(with_users());
  Client ann = world.open();
  ann.send(connect("a", as("ann")));
  world.step(Reload{});
  world.answer(ReasonCode::success, "ann");
  EXPECT_THAT(ann.received(), ElementsAre("CONNACK sp=0 rc=00"));
}

}  // namespace
}  // namespace mqttvet::core::testing
