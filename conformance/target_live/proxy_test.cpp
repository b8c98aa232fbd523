// What a case arranges happens on the way, whatever the target speaks. On 127.0.0.1, real sockets.
#include "conformance/target_live/proxy.h"

#include <gtest/gtest.h>

#include "conformance/harness/client.h"
#include "conformance/harness/runner.h"
#include "conformance/target_live/target_file.h"
#include "conformance/target_live/test_hostile_server.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance {
namespace {

using testing::HostilePeer;
using testing::HostileServer;
using Scheme = Url::Scheme;

// CONNACK, and a PUBLISH of 7 bytes.
const std::string kConnack = wire::from_hex("20 02 00 00");
const std::string kPublish = wire::from_hex("32 05 00 01 74 00 01");

class ProxyTest : public ::testing::TestWithParam<Scheme> {
 protected:
  // To CONNECT it answers with CONNACK and one PUBLISH; then it waits for the end.
  static void answer(HostilePeer& peer) {
    const bool framed = GetParam() == Scheme::ws || GetParam() == Scheme::wss;
    const std::string both = kConnack + kPublish;
    peer.read();
    peer.write(framed ? std::string("\x82\x0B") + both : both);
    peer.read_to_the_end();
  }

  // What the client gets, piece by piece; nothing is decoded.
  std::vector<std::string> pieces(const Fault& fault) {
    client_.do_not_decode();
    connect(fault);
    client_.expect_fault();
    run_.sleep(std::chrono::milliseconds(50));
    std::vector<std::string> pieces;
    for (const TranscriptEntry& entry : run_.transcript()) {
      if (entry.kind == TranscriptEntry::Kind::received) pieces.push_back(entry.bytes);
    }
    return pieces;
  }
  std::string bytes(const Fault& fault) {
    std::string all;
    for (const std::string& piece : pieces(fault)) all += piece;
    return all;
  }
  void connect(const Fault& fault) {
    client_.arrange(fault);
    client_.open();
    client_.send(client_.connect_packet());
  }

  HostileServer server_{GetParam(), answer};
  std::unique_ptr<Target> target_ = make_live_target(live_options_of_url(server_.url()));
  std::unique_ptr<Venue> venue_ = target_->open(0);
  conformance::Run run_{wire::Version::v3_1_1, target_->facts(), *venue_, "r"};
  Client& client_ = run_.client();
};

INSTANTIATE_TEST_SUITE_P(Over, ProxyTest,
                         ::testing::Values(Scheme::mqtt, Scheme::mqtts, Scheme::ws, Scheme::wss),
                         [](const auto& row) { return std::string(testing::name_of(row.param)); });

TEST_P(ProxyTest, ResetsInsideAPacketOfTheTarget) {
  EXPECT_EQ(bytes({.extent = Extent::half}), kConnack + kPublish.substr(0, 3));
  EXPECT_EQ(client_.expect_closed().how, Ending::reset);
}

TEST_P(ProxyTest, EndsBothStreamsBehindWhatHasPassed) {
  EXPECT_EQ(bytes({.extent = Extent::all_but_one, .what = Fault::What::finish}),
            kConnack + kPublish.substr(0, 6));
  EXPECT_EQ(client_.expect_closed().how, Ending::finished);
}

TEST_P(ProxyTest, StallsAndGoesOn) {
  connect(
      {.extent = Extent::first_byte, .what = Fault::What::stall, .lasts = std::chrono::milliseconds(100)});
  client_.expect_fault();
  const Time struck = run_.now();
  client_.expect_next<Connack>();
  client_.expect_nothing(std::chrono::milliseconds(50));
  client_.expect_publish("t", "");
  EXPECT_GE(run_.now() - struck, std::chrono::milliseconds(90));
}

TEST_P(ProxyTest, SplitsIntoSmallPieces) {
  const auto split =
      pieces({.packet = wire::PacketType::connack, .what = Fault::What::split, .piece_bytes = 2});
  EXPECT_GE(split.size(), 3u) << "some may have been read together";
}

TEST_P(ProxyTest, CutsInsideAPacketOfTheClient) {
  EXPECT_EQ(
      bytes({.way = Fault::Way::to_target, .packet = wire::PacketType::connect, .extent = Extent::half}), "");
  EXPECT_EQ(client_.expect_closed().how, Ending::reset);
}

TEST_P(ProxyTest, PassesWhatItDoesNotAimAt) {
  connect({.packet = wire::PacketType::pubrel});
  client_.expect_next<Connack>();
  client_.expect_publish("t", "");
  client_.send(Pingreq{});
  client_.close();
}

}  // namespace
}  // namespace mqttvet::conformance
