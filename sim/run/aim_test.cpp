#include "sim/run/aim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/wire/hex.h"
#include "sim/network/testing.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using Then = Network::Passage::Then;
using wire::from_hex;

const std::string kPubrec1 = from_hex("50 02 00 01");
const std::string kPubrec2 = from_hex("50 02 00 02");
const std::string kPubrec3 = from_hex("50 02 00 03");
const std::string kPublish = from_hex("32 06 00 01 74 00 07 78");  // QoS 1, topic "t", id 7, payload "x"
const std::string kPingreq = from_hex("C0 00");

struct Aiming : testing::Test {
  Aimer::Acted count() {
    return [this](std::uint64_t, const std::string& client) { acted.push_back(client); };
  }
  void arm(Aim aim, Then then) { aimer.arm(aim, then, 1s, count()); }
  std::vector<std::string> acted;
  TestNetwork net;
  Aimer aimer{net.world, net.network};
};

TEST_F(Aiming, CutsAfterByte3OfTheSecondPubrec) {
  arm({.client = "alice", .packet_type = "PUBREC", .nth = 2, .after_bytes = 3}, Then::reset);
  auto alice = net.connected();
  alice->say(kPubrec1 + kPingreq + kPubrec2 + kPubrec3);
  EXPECT_EQ(alice->endpoint->error(), Endpoint::Error::reset);
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, kPubrec1 + kPingreq + kPubrec2.substr(0, 3));
  EXPECT_THAT(acted, testing::ElementsAre("alice"));
  EXPECT_EQ(aimer.armed_count(), 0u);
}

TEST_F(Aiming, BeforeTheFirstByte_NothingOfThePacketPasses) {
  arm({.client = "alice", .packet_type = "PUBREC", .after_bytes = 0}, Then::reset);
  auto alice = net.connected();
  alice->say(kPingreq + kPubrec1);
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, kPingreq);
}

TEST_F(Aiming, AfterTheWholePacket_EvenIfNothingFollowsIt) {
  arm({.client = "alice", .packet_type = "PUBLISH", .client_sent = false, .whole = true}, Then::reset);
  auto alice = net.connected();
  net.server().say(kPublish);
  net.pass(10ms);
  EXPECT_EQ(alice->heard, kPublish);
  EXPECT_EQ(alice->endpoint->error(), Endpoint::Error::reset);
}

TEST_F(Aiming, BeyondThePacketsLength_MeansItsEnd) {
  arm({.client = "alice", .packet_type = "PUBREC", .after_bytes = 100}, Then::reset);
  auto alice = net.connected();
  alice->say(kPubrec1 + kPubrec2);
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, kPubrec1);
}

TEST_F(Aiming, FindsItsByte_HoweverTheStreamIsCut) {
  net.conditions.segment_bytes_max = 1;
  net.network.set_conditions(net.conditions);
  arm({.client = "alice", .packet_type = "PUBLISH", .client_sent = false, .nth = 2, .after_bytes = 5},
      Then::reset);
  auto alice = net.connected();
  net.server().say(kPublish + kPublish);
  net.pass(1s);
  EXPECT_EQ(alice->heard, kPublish + kPublish.substr(0, 5));
}

TEST_F(Aiming, CountsAcrossConnections_AndOnlyThatClientsPackets) {
  net.network.add_host("bob");
  arm({.client = "alice", .packet_type = "PUBREC", .nth = 2, .whole = true}, Then::vanish);
  auto bob = net.connected("bob");
  bob->say(kPubrec1 + kPubrec2);
  auto first = net.connected();
  first->say(kPubrec1);
  first->endpoint->close();
  auto second = net.connected();
  second->say(kPubrec2);
  EXPECT_EQ(bob->endpoint->state(), Endpoint::State::open);
  EXPECT_EQ(second->endpoint->error(), Endpoint::Error::reset);
}

TEST_F(Aiming, OfNobody_TakesAnybodysPacket) {
  arm({.client = "", .packet_type = "PUBREC", .nth = 1}, Then::nothing);
  auto alice = net.connected();
  alice->say(kPubrec1);
  net.pass(10ms);
  EXPECT_THAT(acted, testing::ElementsAre("alice"));
  EXPECT_EQ(net.server().heard, kPubrec1);
}

TEST_F(Aiming, APacketThatBrokeOffIsReplacedByTheClientsNext) {
  arm({.client = "alice", .packet_type = "PUBREC", .after_bytes = 3}, Then::reset);
  auto first = net.connected();
  first->say(kPubrec1.substr(0, 2));
  first->endpoint->abort();
  auto second = net.connected();
  second->say(kPubrec1);
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, kPubrec1.substr(0, 3));
}

TEST_F(Aiming, TwoAtOnePlace_BothActOnce_AndTheRestIsNotCountedTwice) {
  arm({.client = "alice", .packet_type = "PUBREC", .after_bytes = 0}, Then::nothing);
  arm({.client = "alice", .packet_type = "PUBREC", .after_bytes = 0}, Then::nothing);
  arm({.client = "alice", .packet_type = "PUBREC", .nth = 2, .whole = true}, Then::reset);
  auto alice = net.connected();
  alice->say(kPubrec1);
  net.pass(1s);
  EXPECT_EQ(acted.size(), 2u);
  EXPECT_EQ(net.server().heard, kPubrec1);
  alice->say(kPubrec2);
  EXPECT_EQ(alice->endpoint->error(), Endpoint::Error::reset);
}

TEST_F(Aiming, IsArmedFromNowOn_AndDisarmedByTheHealing) {
  auto alice = net.connected();
  alice->say(kPubrec1);
  arm({.client = "alice", .packet_type = "PUBREC"}, Then::reset);
  aimer.disarm();
  alice->say(kPubrec2);
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, kPubrec1 + kPubrec2);
  EXPECT_THAT(acted, testing::IsEmpty());
}

}  // namespace
}  // namespace mqttvet::sim
