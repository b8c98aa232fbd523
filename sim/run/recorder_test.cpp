#include "sim/run/recorder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/network/testing.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using wire::from_hex;

struct Recording : testing::Test {
  Recording() {
    net.world.trace().listen([this](const Trace::Entry& entry) {
      if (entry.is_line) lines.push_back(entry.text);
    });
  }
  std::vector<std::string> lines;
  TestNetwork net;
  Recorder recorder{net.world, net.network};
};

const std::string kConnect = from_hex("10 11 00 04 4D 51 54 54 04 02 00 0A 00 05 61 6C 69 63 65");  // "alice"
const std::string kConnack = from_hex("20 02 00 00");

TEST_F(Recording, PacketsBecomeEventsAndLines) {
  auto alice = net.connected();
  alice->say(kConnect);
  net.pass(10ms);
  net.server().say(kConnack);
  net.pass(10ms);
  alice->endpoint->close();

  using Kind = HistoryEvent::Kind;
  const auto& events = recorder.events();
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].kind, Kind::opened);
  EXPECT_EQ(events[1].kind, Kind::sent);
  EXPECT_EQ(events[1].client, "alice");
  EXPECT_EQ(events[1].connection, 1u);
  EXPECT_EQ(std::get<wire::Connect>(events[1].packet).client_id, "alice");
  EXPECT_EQ(events[2].kind, Kind::received);
  EXPECT_EQ(events[2].at - events[1].at, 20ms);
  EXPECT_EQ(events[3].kind, Kind::closed);
  EXPECT_EQ(events[3].text, "client closed");
  EXPECT_THAT(lines, ElementsAre("alice -- broker  connection 1 opened",
                                 "alice -> broker  " + wire::describe(events[1].packet),
                                 "alice <- broker  " + wire::describe(events[2].packet),
                                 "alice -- broker  connection 1: client closed"));
}

TEST_F(Recording, APacketCountsWhenItsLastByteIsThere) {
  auto alice = net.connected();
  alice->say(kConnect);
  net.pass(10ms);
  net.server().say(kConnack.substr(0, 3));
  net.pass(1s);
  EXPECT_EQ(recorder.events().size(), 2u);
  net.server().say(kConnack.substr(3));
  net.pass(10ms);
  EXPECT_EQ(recorder.events().size(), 3u);
}

TEST_F(Recording, WhatIsNoPacketIsToldOnceForEachSide) {
  auto alice = net.connected();
  alice->say(kConnect);
  net.pass(10ms);
  net.server().say(from_hex("00 00 00 00"));
  net.pass(10ms);
  net.server().say(from_hex("00 00"));
  alice->say(from_hex("00 00"));
  net.pass(10ms);
  ASSERT_EQ(recorder.events().size(), 4u);
  EXPECT_EQ(recorder.events()[2].kind, HistoryEvent::Kind::malformed);
  EXPECT_NE(recorder.events()[2].text, "");
  EXPECT_EQ(recorder.events()[3].kind, HistoryEvent::Kind::malformed_sent);
  EXPECT_EQ(lines.size(), 4u);
}

TEST_F(Recording, WhatTheWireDoesNotShowIsAddedInItsPlace) {
  std::vector<HistoryEvent::Kind> heard;
  recorder.on_event([&](const HistoryEvent& event) { heard.push_back(event.kind); });
  recorder.add(HistoryEvent::Kind::fault, "alice", "reset");
  auto alice = net.connected();
  EXPECT_THAT(heard, ElementsAre(HistoryEvent::Kind::fault, HistoryEvent::Kind::opened));
  EXPECT_EQ(recorder.events()[0].text, "reset");
}

}  // namespace
}  // namespace mqttvet::sim
