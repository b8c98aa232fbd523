#include "sim/node/broker_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core/mutants.h"
#include "conformance/wire/hex.h"

namespace mqttvet::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;
using wire::from_hex;
using wire::to_hex;

// Bytes in, bytes out: a client that knows only what its test tells it.
class ByteClient {
 public:
  ByteClient(Network& network, const std::string& host) : endpoint_(network.connect(host, "broker", 1883)) {
    endpoint_->on_change([this] { change(); });
  }
  ~ByteClient() { endpoint_->on_change(nullptr); }

  void send(std::string_view hex) {
    to_send_ += from_hex(hex);
    change();
  }
  // What has come since the last call.
  std::string take() { return to_hex(std::exchange(received_, {})); }
  bool ended() const { return endpoint_->at_end() || endpoint_->state() == Endpoint::State::closed; }
  Endpoint& endpoint() { return *endpoint_; }

 private:
  void change() {
    char buffer[4096];
    while (const std::size_t count = endpoint_->read(buffer, sizeof buffer)) received_.append(buffer, count);
    if (endpoint_->state() == Endpoint::State::open) to_send_.erase(0, endpoint_->write(to_send_));
  }

  EndpointPtr endpoint_;
  std::string to_send_;
  std::string received_;
};

// CONNECT of 3.1.1, keep-alive 0, client id "a" or "b"; CleanSession 0.
constexpr const char* kConnectA = "10 0D  00 04 4D 51 54 54 04  00  00 00  00 01 61";
constexpr const char* kConnectB = "10 0D  00 04 4D 51 54 54 04  00  00 00  00 01 62";
constexpr const char* kConnack = "20 02 00 00";
constexpr const char* kConnackSessionPresent = "20 02 01 00";
// SUBSCRIBE, packet id 1, "t" with QoS 1; and its SUBACK.
constexpr const char* kSubscribe = "82 06  00 01  00 01 74 01";
constexpr const char* kSuback = "90 03 00 01 01";
// PUBLISH, QoS 1, "t", packet id 5, payload "x"; and its PUBACK.
constexpr const char* kPublish = "32 06  00 01 74  00 05  78";
constexpr const char* kPuback = "40 02 00 05";
// The same as it is delivered, with the broker's first packet id.
constexpr const char* kDelivered = "32 06 00 01 74 00 01 78";
constexpr const char* kDeliveredDup = "3A 06 00 01 74 00 01 78";

class BrokerNodeTest : public testing::Test {
 protected:
  BrokerNodeTest() {
    network.add_host("alice");
    network.add_host("bob");
    core::switch_all_off();
  }
  ~BrokerNodeTest() override { core::switch_all_off(); }

  BrokerNode& node() {
    if (!node_) {
      node_.emplace(world, network, options,
                    [this](const NodeFinding& finding) { findings.push_back(finding.text); });
      node_->start();
    }
    return *node_;
  }
  void pass(Duration duration) { world.run_until(world.now() + duration); }
  // Runs event by event until the note stands in the trace.
  void run_until_note(std::string_view text, Duration at_most = seconds(10)) {
    bool seen = false;
    world.trace().listen([&](const Trace::Entry& entry) {
      if (entry.text.find(text) == std::string::npos) return;
      seen = true;
      world.stop();
    });
    world.run_until(world.now() + at_most);
    world.trace().listen(nullptr);
    ASSERT_TRUE(seen) << text;
  }

  World world{7};
  Network network{world};
  BrokerNodeOptions options;
  std::vector<std::string> findings;
  std::optional<BrokerNode> node_;
};

TEST_F(BrokerNodeTest, ServesAClient) {
  node();
  ByteClient alice(network, "alice");
  alice.send(kConnectA);
  pass(seconds(1));
  EXPECT_EQ(alice.take(), kConnack);
  alice.send(kSubscribe);
  alice.send(kPublish);
  pass(seconds(1));
  const std::string received = alice.take();
  EXPECT_THAT(received, testing::StartsWith(kSuback));
  EXPECT_THAT(received, testing::HasSubstr(kPuback));
  EXPECT_THAT(received, testing::HasSubstr(kDelivered));
  EXPECT_EQ(node().connection_count(), 1u);
  EXPECT_THAT(findings, IsEmpty());
}

TEST_F(BrokerNodeTest, AcknowledgementDoesNotLeaveBeforeItsCommit) {
  options.commit_latency_min = options.commit_latency_max = seconds(5);
  node();
  ByteClient alice(network, "alice");
  alice.send(kConnectA);
  alice.send(kPublish);
  pass(seconds(60));
  alice.take();
  ByteClient bob(network, "bob");
  bob.send(kConnectB);
  pass(seconds(60));
  bob.take();
  bob.send(kSubscribe);
  pass(seconds(4));
  EXPECT_EQ(bob.take(), "");
  pass(seconds(60));
  EXPECT_EQ(bob.take(), kSuback);
}

// What was acknowledged survives, and what was not acknowledged may.
TEST_F(BrokerNodeTest, SubscriptionSurvivesAPowerLoss_AfterItsSuback) {
  node();
  ByteClient alice(network, "alice");
  alice.send(kConnectA);
  alice.send(kSubscribe);
  pass(seconds(1));
  EXPECT_EQ(alice.take(), std::string(kConnack) + " " + kSuback);
  EXPECT_TRUE(node().crash(BrokerNode::CrashKind::power_lost, seconds(2)));
  EXPECT_FALSE(node().up());
  pass(seconds(3));
  ASSERT_TRUE(node().up());

  ByteClient bob(network, "bob");
  bob.send(kConnectB);
  bob.send(kPublish);
  ByteClient again(network, "alice");
  again.send(kConnectA);
  pass(seconds(1));
  EXPECT_EQ(again.take(), std::string(kConnackSessionPresent) + " " + kDelivered);
  EXPECT_EQ(node().resources().sessions, 2u);
  EXPECT_THAT(findings, IsEmpty());
}

TEST_F(BrokerNodeTest, ACrashBeforeTheCommit_LosesTheMessageAndTheAcknowledgement) {
  node();
  ByteClient alice(network, "alice");
  alice.send(kConnectA);
  alice.send(kSubscribe);
  pass(seconds(1));
  alice.take();
  alice.send(kPublish);
  run_until_note("commit");
  node().crash(BrokerNode::CrashKind::power_lost, seconds(1));
  pass(seconds(2));
  EXPECT_EQ(alice.take(), "");
  ByteClient again(network, "alice");
  again.send(kConnectA);
  pass(seconds(1));
  EXPECT_EQ(again.take(), kConnackSessionPresent);
  EXPECT_EQ(node().resources().inflight_messages + node().resources().queued_messages, 0u);
}

TEST_F(BrokerNodeTest, APowerLossWithinACommit_LeavesAllOfItOrNothing) {
  int survived = 0, lost = 0;
  for (std::uint64_t nth = 1; nth <= 12; ++nth) {
    World own_world(nth);
    Network own_network(own_world);
    own_network.add_host("alice");
    BrokerNode own(own_world, own_network, {},
                   [&](const NodeFinding& finding) { findings.push_back(finding.text); });
    own.start();
    ByteClient alice(own_network, "alice");
    alice.send(kConnectA);
    alice.send(kSubscribe);
    own_world.run_until(seconds(1));
    ASSERT_EQ(alice.take(), std::string(kConnack) + " " + kSuback);
    ASSERT_TRUE(own.crash_at_write(nth, seconds(1)));
    alice.send(kPublish);
    own_world.run_until(seconds(2));
    const bool acknowledged = alice.take().find(kPuback) != std::string::npos;
    own.heal();
    own_world.run_until(seconds(10));
    ByteClient again(own_network, "alice");
    again.send(kConnectA);
    own_world.run_until(seconds(12));
    const std::string received = again.take();
    const bool delivered = received.find("00 01 74 00 01 78") != std::string::npos;
    EXPECT_THAT(received, testing::StartsWith(kConnackSessionPresent)) << "nth " << nth;
    EXPECT_TRUE(delivered || !acknowledged) << "nth " << nth;
    if (own.effects().torn_commits > 0) ++(delivered ? survived : lost);
  }
  EXPECT_GT(survived + lost, 0);
  EXPECT_GT(lost, 0);
  EXPECT_THAT(findings, IsEmpty());
}

TEST_F(BrokerNodeTest, AFailedSync_EndsTheProcess_AndNothingIsAcknowledged) {
  node();
  ByteClient alice(network, "alice");
  alice.send(kConnectA);
  alice.send(kSubscribe);
  pass(seconds(1));
  alice.take();
  EXPECT_TRUE(node().fail_sync(1, seconds(2)));
  alice.send(kPublish);
  pass(seconds(1));
  EXPECT_FALSE(node().up());
  EXPECT_EQ(alice.take(), "");
  EXPECT_TRUE(alice.ended()) << "the system closes the connections of a process that has ended";
  pass(seconds(2));
  ASSERT_TRUE(node().up());
  EXPECT_EQ(node().effects().failed_commits, 1);
  ByteClient again(network, "alice");
  again.send(kConnectA);
  pass(seconds(1));
  EXPECT_THAT(again.take(), testing::StartsWith(kConnackSessionPresent));
  EXPECT_THAT(findings, IsEmpty());
}

TEST_F(BrokerNodeTest, AKilledProcess_ClosesItsConnections_APowerLossDoesNot) {
  node();
  ByteClient alice(network, "alice");
  alice.send(kConnectA);
  pass(seconds(1));
  node().crash(BrokerNode::CrashKind::process_killed, seconds(1));
  pass(milliseconds(100));
  EXPECT_TRUE(alice.ended());
  pass(seconds(5));

  ByteClient bob(network, "bob");
  bob.send(kConnectB);
  pass(seconds(1));
  node().crash(BrokerNode::CrashKind::power_lost, seconds(30));
  pass(seconds(20));
  EXPECT_FALSE(bob.ended());
}

TEST_F(BrokerNodeTest, APausedNodeAnswersAfterwards_InOrder) {
  node();
  ByteClient alice(network, "alice");
  alice.send(kConnectA);
  alice.send(kSubscribe);
  pass(seconds(1));
  alice.take();
  EXPECT_TRUE(node().pause(seconds(10)));
  alice.send(kPublish);
  alice.send("C0 00");  // PINGREQ
  ByteClient bob(network, "bob");
  bob.send(kConnectB);
  pass(seconds(9));
  EXPECT_EQ(alice.take(), "");
  EXPECT_EQ(bob.take(), "");
  pass(seconds(2));
  EXPECT_THAT(alice.take(), testing::AllOf(testing::HasSubstr(kPuback), testing::HasSubstr("D0 00")));
  EXPECT_EQ(bob.take(), kConnack);
}

TEST_F(BrokerNodeTest, KeepAliveIsMeasuredByTheNodesOwnClock) {
  options.clock_drift_ppm = 100'000;  // a tenth fast
  node();
  ByteClient alice(network, "alice");
  alice.send("10 0D  00 04 4D 51 54 54 04  00  00 0A  00 01 61");  // keep-alive 10 s: 15 s of silence
  pass(seconds(13));
  EXPECT_FALSE(alice.ended());
  pass(seconds(1));
  EXPECT_TRUE(alice.ended());
}

TEST_F(BrokerNodeTest, AnAcknowledgementThatDoesNotWait_IsAMutantThatShows) {
  core::switch_on(core::Mutant::DUR1_ack_before_persist);
  options.commit_latency_min = options.commit_latency_max = seconds(5);
  node();
  ByteClient alice(network, "alice");
  alice.send(kConnectA);
  pass(seconds(60));
  alice.take();
  alice.send(kSubscribe);
  pass(seconds(60));
  alice.take();
  ByteClient bob(network, "bob");
  bob.send(kConnectB);
  pass(seconds(60));
  bob.take();
  bob.send(kPublish);
  pass(seconds(4));
  EXPECT_EQ(bob.take(), kPuback);
}

TEST_F(BrokerNodeTest, TheSameSeedIsTheSameWorld) {
  const auto run = [](std::uint64_t seed) {
    World own_world(seed);
    Network own_network(own_world);
    own_network.add_host("alice");
    BrokerNode own(own_world, own_network, {}, [](const NodeFinding&) {});
    own.start();
    ByteClient alice(own_network, "alice");
    alice.send(kConnectA);
    alice.send(kSubscribe);
    alice.send(kPublish);
    own_world.run_until(milliseconds(20));
    own.crash(BrokerNode::CrashKind::power_lost, seconds(1));
    own_world.run_until(seconds(3));
    ByteClient again(own_network, "alice");
    again.send(kConnectA);
    own_world.run_until(seconds(5));
    return own_world.trace().hash();
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace mqttvet::sim
