#include "sim/network/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/network/testing.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using State = Endpoint::State;
using Error = Endpoint::Error;

// run_until() stays at the last event when the world falls silent; these tests want to know what the time
// would be.
void expect_nothing_left(TestNetwork& net) {
  const Network::Resources left = net.network.resources();
  EXPECT_EQ(left.connections, 0u);
  EXPECT_EQ(left.bytes_buffered, 0u);
  EXPECT_EQ(left.segments_in_flight, 0u);
}

TEST(Network, HostsHaveNamesAndAddresses) {
  TestNetwork net;
  EXPECT_EQ(net.network.address_of("broker"), "10.0.0.1");
  EXPECT_EQ(net.network.address_of("alice"), "10.0.0.2");
  EXPECT_EQ(net.network.host_at("10.0.0.2"), "alice");
  EXPECT_EQ(net.network.host_at("alice"), "alice");
  EXPECT_EQ(net.network.host_at("10.0.0.3"), "");
}

TEST(Handshake, ClientIsOpenAfterOneRoundTrip_ServerAcceptsHalfATripLater) {
  TestNetwork net;
  auto alice = net.connect();
  net.world.run_until(19999us);
  EXPECT_EQ(alice->endpoint->state(), State::connecting);
  EXPECT_EQ(alice->endpoint->writable_bytes(), 0u);
  net.world.run_until(20ms);
  EXPECT_EQ(alice->endpoint->state(), State::open);
  EXPECT_TRUE(net.accepted.empty());
  net.world.run_until(1s);
  EXPECT_EQ(net.accepted_at, 30ms);
  EXPECT_EQ(net.server().endpoint->peer_host(), "alice");
  EXPECT_EQ(net.server().endpoint->peer_port(), alice->endpoint->port());
  EXPECT_EQ(net.server().endpoint->port(), 1883);
}

TEST(Handshake, IsRefusedAfterOneRoundTrip_WhenNobodyListens) {
  TestNetwork net;
  net.network.listen("broker", 1883, nullptr);
  auto alice = net.connect();
  net.world.run_until(19ms);
  EXPECT_EQ(alice->endpoint->state(), State::connecting);
  net.world.run_until(20ms);
  EXPECT_EQ(alice->endpoint->error(), Error::refused);
  alice.reset();
  expect_nothing_left(net);
}

TEST(Handshake, AnUnknownHostIsUnreachable) {
  TestNetwork net;
  Peer alice(net.network.connect("alice", "nowhere", 1883));
  EXPECT_EQ(alice.endpoint->state(), State::connecting);
  net.pass(1ms);
  EXPECT_EQ(alice.endpoint->error(), Error::unreachable);
}

TEST(Handshake, TimesOutAfter127Seconds_WhenThePathIsBlocked) {
  TestNetwork net;
  net.network.partition("alice", "broker", true, true);
  auto alice = net.connect();
  net.world.run_until(127s - 1ns);
  EXPECT_EQ(alice->endpoint->state(), State::connecting);
  net.world.run_until(127s);
  EXPECT_EQ(alice->endpoint->error(), Error::timed_out);
}

TEST(Handshake, SucceedsWithTheFirstSynAfterThePartition) {
  TestNetwork net;
  net.network.partition("alice", "broker", true, true);
  auto alice = net.connect();
  net.world.schedule(4s, [&] { net.network.heal(); });  // SYNs went out at 0, 1, 3 s; the next goes at 7 s
  net.world.run_until(7s + 19ms);
  EXPECT_EQ(alice->endpoint->state(), State::connecting);
  net.world.run_until(7s + 20ms);
  EXPECT_EQ(alice->endpoint->state(), State::open);
}

TEST(Handshake, WaitsForTheEndOfAStall) {
  TestNetwork net;
  net.network.stall("alice", Network::Direction::both, 500ms);
  auto alice = net.connect();
  net.world.run_until(1s);
  EXPECT_EQ(net.accepted_at, 500ms + 20ms);  // the SYN was there and waited; SYN-ACK and ACK did not
}

TEST(Handshake, AClientThatGivesUpIsNeverAccepted) {
  TestNetwork net;
  auto alice = net.connect();
  net.world.schedule(15ms, [&] { alice.reset(); });
  net.world.run_until(10s);
  EXPECT_TRUE(net.accepted.empty());
  expect_nothing_left(net);
}

TEST(Stream, BytesArriveOneLatencyLater_BothWays) {
  TestNetwork net;
  auto alice = net.connected();
  alice->say("hello");
  net.server().say("welcome");
  net.pass(10ms - 1ns);
  EXPECT_EQ(net.server().heard, "");
  net.pass(1ns);
  EXPECT_EQ(net.server().heard, "hello");
  EXPECT_EQ(alice->heard, "welcome");
}

TEST(Stream, DataThatOvertakesTheLastHandshakeSegmentIsAcceptedWithIt) {
  TestNetwork net;
  auto slow = net.conditions;
  auto alice = net.connect();
  net.world.schedule(20ms - 1ns, [&] {  // the ACK leaves slowly, what follows quickly
    slow.latency_min = slow.latency_max = 100ms;
    net.network.set_conditions(slow);
  });
  net.world.schedule(21ms, [&] {
    net.network.set_conditions(net.conditions);
    alice->say("first");
  });
  net.world.run_until(1s);
  EXPECT_EQ(net.accepted_at, 31ms);
  EXPECT_EQ(net.server().heard, "first");
}

TEST(Stream, KeepsItsOrder_WhenSegmentsOvertakeEachOther) {
  TestNetwork net;
  auto alice = net.connected();
  auto slow = net.conditions;
  slow.latency_min = slow.latency_max = 50ms;
  net.network.set_conditions(slow);
  alice->say("one ");
  net.network.set_conditions(net.conditions);
  alice->say("two");  // arrives 40 ms before it
  net.pass(49ms);
  EXPECT_EQ(net.server().heard, "");
  net.pass(1ms);
  EXPECT_EQ(net.server().heard, "one two");
}

TEST(Stream, ASlowReaderClosesTheWindow_AndTheSendBufferFills) {
  TestNetwork net;
  net.conditions.receive_buffer_bytes = 1000;
  net.conditions.send_buffer_bytes = 500;
  net.network.set_conditions(net.conditions);
  auto alice = net.connected();
  net.server().reads = false;
  alice->say(std::string(2000, 'x'));
  net.pass(1h);
  EXPECT_EQ(alice->to_write.size(), 500u);  // 1000 with the receiver, 500 in the send buffer
  EXPECT_EQ(alice->endpoint->writable_bytes(), 0u);
  EXPECT_EQ(alice->endpoint->state(), State::open);  // a closed window is no fault, however long
  net.server().reads = true;
  net.server().read();
  net.pass(1s);
  EXPECT_EQ(net.server().heard.size(), 2000u);
  EXPECT_EQ(alice->to_write, "");
}

TEST(Stream, SendBufferIsFreeAgainOnlyWhenTheBytesAreAcknowledged) {
  TestNetwork net;
  auto alice = net.connected();
  const std::size_t all = alice->endpoint->writable_bytes();
  alice->say("hello");
  net.pass(20ms - 1ns);
  EXPECT_EQ(alice->endpoint->writable_bytes(), all - 5);
  net.pass(1ns);
  EXPECT_EQ(alice->endpoint->writable_bytes(), all);
}

TEST(Stream, OnChangeIsNeverCalledFromWithinACall) {
  TestNetwork net;
  auto alice = net.connected();
  const int before = net.server().changes;
  net.server().reads = false;
  alice->say("hello");
  net.pass(10ms);
  EXPECT_EQ(net.server().changes, before + 1);
  bool called = false;
  net.server().endpoint->on_change([&] { called = true; });  // there are bytes: it will be told, but not now
  EXPECT_FALSE(called);
  net.pass(0ns);
  EXPECT_TRUE(called);
}

TEST(Closing, FinishLetsThePeerGoOn) {
  TestNetwork net;
  auto alice = net.connected();
  alice->say("question");
  alice->endpoint->finish();
  EXPECT_EQ(alice->endpoint->write("more"), 0u);
  net.pass(10ms);
  EXPECT_TRUE(net.server().endpoint->at_end());
  EXPECT_EQ(net.server().heard, "question");
  net.server().say("answer");
  net.server().endpoint->close();
  net.pass(10ms);
  EXPECT_EQ(alice->heard, "answer");
  EXPECT_TRUE(alice->endpoint->at_end());
  alice->endpoint->close();
  net.pass(1s);
  expect_nothing_left(net);
}

TEST(Closing, EverythingWrittenBeforeCloseArrives) {
  TestNetwork net;
  auto alice = net.connected();
  alice->say(std::string(50'000, 'x'));
  alice->endpoint->close();
  net.pass(1s);
  EXPECT_EQ(net.server().heard.size(), 50'000u);
  EXPECT_TRUE(net.server().endpoint->at_end());
  net.server().endpoint->close();
  net.pass(1s);
  expect_nothing_left(net);
}

TEST(Closing, WithUnreadBytesIsAReset) {
  TestNetwork net;
  auto alice = net.connected();
  alice->reads = false;
  net.server().say("unread");
  net.pass(10ms);
  alice->endpoint->close();
  net.pass(10ms);
  EXPECT_EQ(net.server().endpoint->error(), Error::reset);
}

TEST(Closing, BytesForAClosedSocketAreAnsweredByReset) {
  TestNetwork net;
  auto alice = net.connected();
  alice->endpoint->close();
  net.pass(10ms);
  EXPECT_TRUE(net.server().endpoint->at_end());
  net.server().say("too late");
  net.pass(20ms);
  EXPECT_EQ(net.server().endpoint->error(), Error::reset);
}

TEST(Closing, AbortIsAReset_BehindWhatWasSent) {
  TestNetwork net;
  auto alice = net.connected();
  alice->say("last words");
  alice->endpoint->abort();
  net.pass(10ms);
  EXPECT_EQ(net.server().heard, "last words");
  EXPECT_EQ(net.server().endpoint->error(), Error::reset);
  net.server().endpoint->close();
  net.pass(0ns);
  expect_nothing_left(net);
}

TEST(Closing, APeerThatNeverClosesIsForgottenAfterAMinute) {
  TestNetwork net;
  auto alice = net.connected();
  alice->endpoint->close();
  net.pass(59s);
  EXPECT_EQ(net.server().endpoint->state(), State::open);
  net.pass(2s);
  net.server().say("still there?");
  net.pass(20ms);
  EXPECT_EQ(net.server().endpoint->error(), Error::reset);
}

TEST(Closing, AnEndpointMayOutliveItsNetwork) {
  World world(1);
  EndpointPtr endpoint;
  {
    Network network(world);
    network.add_host("alice");
    network.add_host("broker");
    endpoint = network.connect("alice", "broker", 1);
  }
  EXPECT_EQ(endpoint->state(), State::closed);
  EXPECT_EQ(endpoint->peer_host(), "broker");
  world.run_until(200s);
}

}  // namespace
}  // namespace mqttvet::sim
