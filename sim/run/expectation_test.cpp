#include "sim/run/expectation.h"

#include <gtest/gtest.h>

namespace mqttvet::sim {
namespace {

using Kind = HistoryEvent::Kind;
using Verdict = Expectation::Verdict;

HistoryEvent received(std::string client, wire::Packet packet) {
  return {.kind = Kind::received,
          .at = Time{0},
          .client = std::move(client),
          .packet = std::move(packet),
          .text = {}};
}
wire::Pubrel pubrel(std::uint16_t id) {
  wire::Pubrel packet;
  packet.packet_id = id;
  return packet;
}
PacketPattern pubrel_pattern(int id) {
  return {"PUBREL", {{"id", std::to_string(id)}}, {}};
}
Expect expect(Expect::Mode mode, std::vector<PacketPattern> packets) {
  return {mode, std::move(packets), Duration{0}};
}

TEST(Expectation, InOrderIsMetByPacketsAmongOthersAndEndsAfterTheLastOfThem) {
  Expectation open(expect(Expect::Mode::in_order, {pubrel_pattern(2), pubrel_pattern(1)}), "alice", 0);
  std::vector<HistoryEvent> events{received("alice", pubrel(1)), received("bob", pubrel(2)),
                                   received("alice", pubrel(2))};
  EXPECT_EQ(open.look(events), Verdict::open);
  events.push_back(received("alice", pubrel(1)));
  events.push_back(received("alice", pubrel(3)));
  EXPECT_EQ(open.look(events), Verdict::met);
  EXPECT_EQ(open.end(), 4u);
}

TEST(Expectation, InOrderFailsWhenTheTimeIsOver) {
  Expectation open(expect(Expect::Mode::in_order, {pubrel_pattern(1), pubrel_pattern(2)}), "alice", 0);
  const std::vector<HistoryEvent> events{received("alice", pubrel(1))};
  EXPECT_EQ(open.conclude(events), Verdict::failed);
  EXPECT_EQ(open.reason(), "PUBREL{id: 2} did not come (1 of 2 packets did)");
}

TEST(Expectation, ExactlyIsMetOnlyWhenTheTimeIsOverAndNothingElseCame) {
  Expectation open(expect(Expect::Mode::exactly, {pubrel_pattern(1)}), "alice", 0);
  std::vector<HistoryEvent> events{received("alice", pubrel(1)), received("alice", wire::Pingresp{})};
  EXPECT_EQ(open.look(events), Verdict::open);
  EXPECT_EQ(open.conclude(events), Verdict::met);
  EXPECT_EQ(open.end(), 2u);
}

TEST(Expectation, ExactlyFailsAtTheFirstPacketTooMany) {
  Expectation open(expect(Expect::Mode::exactly, {pubrel_pattern(1)}), "alice", 0);
  const std::vector<HistoryEvent> events{received("alice", pubrel(1)), received("alice", pubrel(1))};
  EXPECT_EQ(open.look(events), Verdict::failed);
  EXPECT_EQ(open.reason(), "PUBREL id=1 came after all that was expected");
}

TEST(Expectation, ExactlyNamesThePacketThatDiffers) {
  Expectation open(expect(Expect::Mode::exactly, {pubrel_pattern(1), pubrel_pattern(2)}), "alice", 0);
  EXPECT_EQ(open.look({received("alice", pubrel(1)), received("alice", pubrel(3))}), Verdict::failed);
  EXPECT_EQ(open.reason(), "packet 2 of 2 is PUBREL id=3: id is 3, expected 2");
}

TEST(Expectation, NoneFailsAtOnceAndIsMetByOtherPackets) {
  const Expect none = expect(Expect::Mode::none, {pubrel_pattern(1)});
  Expectation met(none, "alice", 0), failed(none, "alice", 0);
  EXPECT_EQ(met.conclude({received("alice", pubrel(2))}), Verdict::met);
  EXPECT_EQ(failed.look({received("alice", pubrel(1))}), Verdict::failed);
}

TEST(Expectation, DoesNotLookAtWhatAnEarlierOneHasUsed) {
  Expectation open(expect(Expect::Mode::in_order, {pubrel_pattern(1)}), "alice", 1);
  EXPECT_EQ(open.conclude({received("alice", pubrel(1))}), Verdict::failed);
}

TEST(ClosedByBroker, TellsTheBrokersClosingFromTheClients) {
  const auto event = [](Kind kind, std::string text) {
    return HistoryEvent{
        .kind = kind, .at = Time{0}, .client = "alice", .packet = {}, .text = std::move(text)};
  };
  EXPECT_TRUE(closed_by_broker({event(Kind::opened, ""), event(Kind::closed, "server closed")}, "alice", 0));
  EXPECT_FALSE(closed_by_broker({event(Kind::opened, ""), event(Kind::closed, "client closed")}, "alice", 0));
  EXPECT_FALSE(closed_by_broker({event(Kind::closed, "server closed"), event(Kind::opened, "")}, "alice", 0));
  EXPECT_FALSE(closed_by_broker({event(Kind::closed, "server closed")}, "alice", 1));
}

}  // namespace
}  // namespace mqttvet::sim
