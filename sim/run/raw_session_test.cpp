#include "sim/run/raw_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/wire/describe.h"

namespace mqttvet::sim {
namespace {

using testing::ElementsAre;

wire::Publish message(int qos, const std::string& payload) {
  return {.qos = static_cast<std::uint8_t>(qos), .topic = "t", .payload = payload};
}
std::vector<std::string> described(const std::vector<wire::Packet>& packets) {
  std::vector<std::string> lines;
  for (const wire::Packet& packet : packets) lines.push_back(wire::describe(packet));
  return lines;
}

TEST(RawSession, ResumesWithPubrelsFirst_ThenPublishesInTheirOrderWithDup) {
  RawSession session;
  for (int i = 1; i <= 4; ++i) session.publish(message(2, std::to_string(i)), 1);
  while (session.next()) {
  }
  session.handle(wire::Pubrec{.packet_id = 3});
  session.handle(wire::Pubrec{.packet_id = 1});
  const auto packets = session.resume();
  ASSERT_EQ(packets.size(), 4u);
  EXPECT_EQ(std::get<wire::Pubrel>(packets[0]).packet_id, 3);
  EXPECT_EQ(std::get<wire::Pubrel>(packets[1]).packet_id, 1);
  EXPECT_EQ(std::get<wire::Publish>(packets[2]).packet_id, 2);
  EXPECT_EQ(std::get<wire::Publish>(packets[3]).packet_id, 4);
  EXPECT_TRUE(std::get<wire::Publish>(packets[2]).dup);
}

TEST(RawSession, KeepsTheQuota_AndQos0Behind) {
  RawSession session;
  session.set_send_quota(1);
  session.publish(message(1, "a"), 1);
  session.publish(message(1, "b"), 2);
  session.publish(message(0, "c"), 3);
  ASSERT_TRUE(session.next());
  EXPECT_FALSE(session.next());
  EXPECT_EQ(session.handle(wire::Puback{.packet_id = 1})->operation, 1u);
  EXPECT_EQ(session.next()->packet.payload, "b");
  EXPECT_EQ(session.next()->packet.payload, "c");
}

TEST(RawSession, IdsSkipThoseInUse_AndWrapToOne) {
  RawSession session;
  session.publish(message(1, "slow"), 1);
  EXPECT_EQ(session.next()->packet.packet_id, 1);
  for (int id = 2; id <= 65535; ++id) {
    EXPECT_EQ(session.take_id(), id);
    session.give_back(static_cast<std::uint16_t>(id));
  }
  EXPECT_EQ(session.take_id(), 2);
}

TEST(RawSession, AnErrorInPubrecEndsTheExchange) {
  RawSession session;
  session.publish(message(2, "a"), 7);
  session.next();
  const auto finished = session.handle(wire::Pubrec{.packet_id = 1, .reason_code = 0x97});
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->reason_code, 0x97);
  EXPECT_THAT(described(session.resume()), testing::IsEmpty());
}

TEST(RawSession, DiscardGivesUpExchanges_ButNotWhatWasNeverSent) {
  RawSession session;
  session.set_send_quota(2);
  for (int i = 1; i <= 3; ++i) session.publish(message(2, std::to_string(i)), static_cast<std::uint64_t>(i));
  while (session.next()) {
  }
  session.handle(wire::Pubrec{.packet_id = 1});
  session.receive(5);
  EXPECT_THAT(session.discard(), ElementsAre(1u, 2u));
  EXPECT_TRUE(session.receive(5));
  EXPECT_EQ(session.next()->packet.payload, "3");
}

}  // namespace
}  // namespace mqttvet::sim
