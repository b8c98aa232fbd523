#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/network/network.h"
#include "sim/network/testing.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using State = Endpoint::State;
using Error = Endpoint::Error;
using Then = Network::Passage::Then;
using testing::ElementsAre;

TEST(Cut, ByReset_BothSidesLearnAtOnce_AndWhatWasReceivedStaysReadable) {
  TestNetwork net;
  auto alice = net.connected();
  alice->reads = false;
  net.server().say("received");
  net.pass(10ms);
  net.server().say("in flight");
  EXPECT_EQ(net.network.cut("alice", true), 1);
  EXPECT_EQ(alice->endpoint->error(), Error::reset);
  EXPECT_EQ(net.server().endpoint->error(), Error::reset);
  net.pass(1s);
  alice->read();
  EXPECT_EQ(alice->heard, "received");
  EXPECT_EQ(net.network.cut("alice", true), 0);
  alice->endpoint->close();
  net.server().endpoint->close();
  net.pass(0ns);
  EXPECT_EQ(net.network.resources().connections, 0u);
}

TEST(Cut, ByFin_BothSidesSeeTheEnd_AndWhoeverWritesIsReset) {
  TestNetwork net;
  auto alice = net.connected();
  alice->say("in flight");
  EXPECT_EQ(net.network.cut("broker", false), 1);
  EXPECT_EQ(net.network.cut("broker", false), 0);
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, "in flight");
  EXPECT_TRUE(net.server().endpoint->at_end());
  EXPECT_TRUE(alice->endpoint->at_end());
  alice->say("lost");
  net.pass(20ms);
  EXPECT_EQ(alice->endpoint->error(), Error::reset);
  EXPECT_EQ(net.server().heard, "in flight");
  EXPECT_EQ(net.server().endpoint->error(), Error::none);
  alice->endpoint->close();
  net.server().endpoint->close();
  net.pass(0ns);
  EXPECT_EQ(net.network.resources().connections, 0u);
}

TEST(Stall, BytesWaitForItsEnd_InOneDirection) {
  TestNetwork net;
  auto alice = net.connected();
  EXPECT_EQ(net.network.stall("alice", Network::Direction::to_server, 1s), 1);
  alice->say("waits");
  net.server().say("does not");
  net.pass(10ms);
  EXPECT_EQ(alice->heard, "does not");
  net.pass(999ms);
  EXPECT_EQ(net.server().heard, "");
  net.pass(1ms);
  EXPECT_EQ(net.server().heard, "waits");
}

TEST(Stall, HealEndsIt) {
  TestNetwork net;
  auto alice = net.connected();
  net.network.stall("alice", Network::Direction::both, 1h);
  alice->say("waits");
  net.pass(1s);
  net.network.heal();
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, "waits");
}

TEST(Partition, WhatWasInFlightIsSentAgainAfterIt) {
  TestNetwork net;
  auto alice = net.connected();
  alice->say("in flight");
  net.network.partition("alice", "broker", true, true);
  alice->say(", and more");
  net.pass(1s);
  EXPECT_EQ(net.server().heard, "");
  net.network.partition("alice", "broker", false, false);
  // Lost at 10 ms; sent again 200 ms later, lost; 400 ms later, lost; 800 ms later, delivered: each 10 ms on
  // the way.
  net.pass(440ms - 1ns);
  EXPECT_EQ(net.server().heard, "");
  net.pass(1ns);
  EXPECT_EQ(net.server().heard, "in flight, and more");
}

TEST(Partition, OneWay_TheOtherDirectionGoesOn_ButAcknowledgementsDoNot) {
  TestNetwork net;
  auto alice = net.connected();
  net.network.partition("alice", "broker", true, false);
  net.server().say("news");
  alice->say("lost");
  net.pass(1s);
  EXPECT_EQ(alice->heard, "news");
  EXPECT_EQ(net.server().heard, "");
  EXPECT_EQ(net.server().endpoint->writable_bytes(), net.conditions.send_buffer_bytes - 4);
  net.network.heal();
  net.pass(10s);
  EXPECT_EQ(net.server().heard, "lost");
  EXPECT_EQ(net.server().endpoint->writable_bytes(), net.conditions.send_buffer_bytes);
}

TEST(Partition, TheSenderGivesUpAfterAQuarterOfAnHour_AndItsPeerIsToldWhenItSpeaks) {
  TestNetwork net;
  auto alice = net.connected();
  net.network.partition("alice", "broker", true, true);
  alice->say("lost");
  net.pass(15min - 1s);
  EXPECT_EQ(alice->endpoint->state(), State::open);
  net.pass(10s);
  EXPECT_EQ(alice->endpoint->error(), Error::timed_out);
  EXPECT_EQ(net.server().endpoint->state(), State::open);
  net.network.heal();
  net.server().say("hello?");
  net.pass(20ms);
  EXPECT_EQ(net.server().endpoint->error(), Error::reset);
}

TEST(Vanish, TheClientSeesReset_TheServerSeesNothing_AndItsBytesPileUp) {
  TestNetwork net;
  net.conditions.send_buffer_bytes = 100;
  net.network.set_conditions(net.conditions);
  auto alice = net.connected();
  alice->say("sent before");
  EXPECT_EQ(net.network.vanish("alice"), 1);
  EXPECT_EQ(alice->endpoint->error(), Error::reset);
  net.pass(1min);
  EXPECT_EQ(net.server().heard, "sent before");
  EXPECT_EQ(net.server().endpoint->state(), State::open);
  net.server().say(std::string(150, 'x'));
  net.pass(14min);
  EXPECT_EQ(net.server().to_write.size(), 50u);
  EXPECT_EQ(net.server().endpoint->state(), State::open);
  net.pass(2min);
  EXPECT_EQ(net.server().endpoint->error(), Error::timed_out);
  alice->endpoint->close();
  net.server().endpoint->close();
  net.pass(0ns);
  EXPECT_EQ(net.network.resources().connections, 0u);
}

TEST(Vanish, TheHostMayConnectAgainAtOnce) {
  TestNetwork net;
  auto old = net.connected();
  net.network.vanish("alice");
  auto again = net.connected();
  EXPECT_EQ(again->endpoint->state(), State::open);
  EXPECT_EQ(net.accepted.size(), 2u);
  EXPECT_EQ(net.accepted[0]->endpoint->state(), State::open);
}

TEST(PowerLoss, NothingIsToldAndNothingArrives_UntilTheHostIsBackAndAnswersReset) {
  TestNetwork net;
  auto alice = net.connected();
  EXPECT_EQ(net.network.drop_all("broker"), 1);
  alice->say("anybody there?");
  net.pass(1s);
  EXPECT_EQ(alice->endpoint->state(), State::open);
  auto second = net.connect();
  net.pass(500ms);
  EXPECT_EQ(second->endpoint->state(), State::connecting);
  net.serve();
  net.pass(10s);
  EXPECT_EQ(alice->endpoint->error(), Error::reset);
  EXPECT_EQ(second->endpoint->state(), State::open);
  EXPECT_EQ(net.accepted.size(), 2u);
}

TEST(PowerLoss, OfTheClient_TheServerLearnsOnlyByWriting) {
  TestNetwork net;
  auto alice = net.connected();
  net.network.drop_all("alice");
  net.pass(1h);
  EXPECT_EQ(net.server().endpoint->state(), State::open);
  auto again = net.connected();
  net.accepted[0]->say("news");
  net.pass(20ms);
  EXPECT_EQ(net.accepted[0]->endpoint->error(), Error::reset);
  EXPECT_EQ(again->endpoint->state(), State::open);
}

// --- Aimed faults
// -----------------------------------------------------------------------------------------------------

struct Aimed : testing::Test {
  // Lets `bytes` more pass in one direction, then `then` happens, once.
  void aim(bool client_sent, std::size_t bytes, Then then, Duration stall_for = 0ns) {
    net.network.set_gate(
        [=, this, left = bytes, done = false](std::uint64_t, std::string_view, bool sent,
                                              std::string_view piece) mutable -> Network::Passage {
          if (done || sent != client_sent || piece.size() < left) {
            if (!done && sent == client_sent) left -= piece.size();
            return {.bytes_pass = piece.size()};
          }
          done = true;
          return {.bytes_pass = left, .then = then, .stall_for = stall_for};
        });
    net.network.observe([this](const Observed& seen) {
      switch (seen.kind) {
        case Observed::Kind::opened:
          observed.push_back("opened");
          break;
        case Observed::Kind::closed:
          observed.push_back("closed: " + std::string(seen.reason));
          break;
        case Observed::Kind::client_sent:
          observed.push_back("> " + std::string(seen.bytes));
          break;
        case Observed::Kind::client_received:
          observed.push_back("< " + std::string(seen.bytes));
          break;
      }
    });
    alice = net.connected();
  }
  std::vector<std::string> observed;
  TestNetwork net;
  std::unique_ptr<Peer> alice;
};

TEST_F(Aimed, ResetInWhatTheClientSends_TheServerGetsEveryByteBeforeIt) {
  aim(true, 3, Then::reset);
  alice->say("PUBREC");
  EXPECT_EQ(alice->endpoint->error(), Error::reset);
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, "PUB");
  EXPECT_EQ(net.server().endpoint->error(), Error::reset);
  EXPECT_THAT(observed, ElementsAre("opened", "> PUB", "closed: cut"));
}

TEST_F(Aimed, ResetInWhatTheClientReceives_ItReadsEveryByteBeforeIt) {
  aim(false, 3, Then::reset);
  alice->say("sent before");
  net.server().say("PUBLISH");
  net.pass(10ms);
  EXPECT_EQ(alice->heard, "PUB");
  EXPECT_EQ(alice->endpoint->error(), Error::reset);
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, "sent before");
  EXPECT_EQ(net.server().endpoint->error(), Error::reset);
  EXPECT_THAT(observed, ElementsAre("opened", "> sent before", "< PUB", "closed: cut"));
}

TEST_F(Aimed, AtTheVeryEndOfAPacket_TheFaultComesWithItsLastByte) {
  aim(false, 7, Then::reset);
  net.server().say("PUBLISH");
  net.pass(10ms);
  EXPECT_EQ(alice->heard, "PUBLISH");
  EXPECT_EQ(alice->endpoint->error(), Error::reset);
}

TEST_F(Aimed, FinInWhatTheClientSends) {
  aim(true, 3, Then::fin);
  alice->say("PUBREC");
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, "PUB");
  EXPECT_TRUE(net.server().endpoint->at_end());
  EXPECT_TRUE(alice->endpoint->at_end());
  alice->endpoint->close();
  EXPECT_EQ(observed.back(), "closed: cut");
}

TEST_F(Aimed, FinInWhatTheClientReceives_NothingBehindItIsEverSeen) {
  aim(false, 3, Then::fin);
  net.server().say("PUBLISH");
  net.server().say("PUBLISH");
  net.pass(1s);
  EXPECT_EQ(alice->heard, "PUB");
  EXPECT_TRUE(alice->endpoint->at_end());
}

TEST_F(Aimed, StallInWhatTheClientReceives_TheRestComesAfterIt) {
  aim(false, 3, Then::stall, 1s);
  net.server().say("PUBLISH");
  net.server().say("!");
  net.pass(1s);
  EXPECT_EQ(alice->heard, "PUB");
  net.pass(20ms);
  EXPECT_EQ(alice->heard, "PUBLISH!");
}

TEST_F(Aimed, StallInWhatTheClientSends_TheRestComesAfterIt) {
  aim(true, 3, Then::stall, 1s);
  alice->say("PUBREC");
  net.pass(1s);
  EXPECT_EQ(net.server().heard, "PUB");
  net.pass(20ms);
  EXPECT_EQ(net.server().heard, "PUBREC");
}

TEST_F(Aimed, VanishInWhatTheClientReceives_TheServerIsLeftHalfOpen) {
  aim(false, 3, Then::vanish);
  net.server().say("PUBLISH");
  net.pass(1min);
  EXPECT_EQ(alice->heard, "PUB");
  EXPECT_EQ(alice->endpoint->error(), Error::reset);
  EXPECT_EQ(net.server().endpoint->state(), State::open);
}

TEST_F(Aimed, NothingSplitsTheStream_AndTheGateIsAskedForTheRest) {
  aim(false, 3, Then::nothing);
  net.server().say("PUBLISH");
  net.pass(20ms);
  EXPECT_EQ(alice->heard, "PUBLISH");
  EXPECT_THAT(observed, ElementsAre("opened", "< PUB", "< LISH"));
}

TEST(Observed, ReportsOneEnd_WithWhoeverBeganIt) {
  std::vector<std::string> reasons;
  TestNetwork net;
  net.network.observe([&](const Observed& seen) {
    if (seen.kind == Observed::Kind::closed) reasons.emplace_back(seen.reason);
  });
  {
    auto alice = net.connected();
    alice->endpoint->close();
    net.pass(1s);
  }
  {
    auto alice = net.connected();
    net.server().endpoint->close();
    net.pass(1s);
    alice->endpoint->close();
  }
  {
    auto alice = net.connected();
    net.server().endpoint->abort();
    net.pass(1s);
  }
  {
    auto alice = net.connected();
    net.network.vanish("alice");
  }
  {
    auto alice = net.connected();
    net.network.drop_all("alice");
  }
  EXPECT_THAT(reasons, ElementsAre("client closed", "server closed", "reset", "vanished", "power lost"));
}

TEST(Power, WhatAHostSentBeforeItLostPower_DoesNotArriveAfterItHasPowerAgain) {
  TestNetwork net;
  const auto alice = net.connected();
  net.network.stall("alice", Network::Direction::to_client, 1s);
  net.accepted.front()->say("from the former life");
  net.pass(100ms);
  net.network.drop_all("broker");
  net.pass(100ms);
  net.serve();  // it is up again
  net.pass(2s);
  EXPECT_EQ(alice->heard, "");
}

TEST(Power, WhatAHostSentBeforeItLostPower_ArrivesWhileItIsDown) {
  TestNetwork net;
  const auto alice = net.connected();
  net.accepted.front()->say("last words");
  net.network.drop_all("broker");
  net.pass(100ms);
  EXPECT_EQ(alice->heard, "last words");
}

TEST(HoldReads, FillsTheBuffers_AndEndsByItself) {
  TestNetwork net;
  net.conditions.send_buffer_bytes = net.conditions.receive_buffer_bytes = 1000;
  net.network.set_conditions(net.conditions);
  const auto alice = net.connected();
  EXPECT_EQ(net.network.hold_reads("alice", 2s), 1);
  net.accepted.front()->say(std::string(3000, 'x'));
  net.pass(1s);
  EXPECT_EQ(alice->heard, "");
  EXPECT_EQ(net.accepted.front()->to_write.size(), 1000u);  // one buffer full at each end
  net.pass(2s);
  EXPECT_EQ(alice->heard.size(), 3000u);
}

TEST(HoldReads, EndsWithTheHealing) {
  TestNetwork net;
  const auto alice = net.connected();
  net.network.hold_reads("alice", 60s);
  net.accepted.front()->say("hello");
  net.pass(1s);
  net.network.heal();
  net.pass(100ms);
  EXPECT_EQ(alice->heard, "hello");
}

}  // namespace
}  // namespace mqttvet::sim
