// Clients are sent to another server (section 4.11).
#include "broker/core/test_broker.h"

namespace mqttvet::core::testing {
namespace {

using ::testing::HasSubstr;

TEST(Redirect, RefusesEveryConnect_AndNamesTheOtherServer) {
  TestBroker world({.redirect = Redirect::server_moved, .server_reference = "b:1883"});
  Client v5 = world.open(true);
  v5.send(connect("a", {.version = 5}));
  const std::string connack = v5.received().at(0);
  EXPECT_THAT(connack, HasSubstr("CONNACK sp=0 rc=9d"));
  EXPECT_THAT(connack, HasSubstr("1c0006" + to_hex("b:1883")));
  EXPECT_TRUE(v5.closed());
  Client v4 = world.open();
  v4.send(connect("a"));
  EXPECT_THAT(v4.received(), ElementsAre("CONNACK sp=0 rc=03"));
  EXPECT_TRUE(v4.closed());
  EXPECT_EQ(world.resources().sessions, 0u);
}

TEST(Redirect, OfARunningBroker_DisconnectsItsClients_AndKeepsTheirSessions) {
  TestBroker world;
  Client v5 = world.connect("v5", {.version = 5, .properties = "1100000010"});
  Client v4 = world.connect("v4");
  Client silent = world.open();
  world.step(RedirectClients{Redirect::use_another_server, "b"});
  const std::string bytes = to_hex(world.sent[v5.id()]);
  EXPECT_THAT(bytes, HasSubstr("9c"));
  EXPECT_THAT(bytes, HasSubstr("1c0001" + to_hex("b")));
  EXPECT_THAT(v5.received(), ElementsAre("DISCONNECT rc=9c"));
  EXPECT_TRUE(v5.closed());
  EXPECT_THAT(v4.received(), IsEmpty());
  EXPECT_TRUE(v4.closed());
  EXPECT_EQ(world.resources().sessions, 2u);
  silent.send(connect("late"));
  EXPECT_THAT(silent.received(), ElementsAre("CONNACK sp=0 rc=03"));

  world.step(RedirectClients{Redirect::none, ""});
  Client back = world.open();
  back.send(connect("v4"));
  EXPECT_THAT(back.received(), ElementsAre("CONNACK sp=1 rc=00"));
}

}  // namespace
}  // namespace mqttvet::core::testing
