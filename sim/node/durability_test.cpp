// A publisher goes on through every way in which a node can die; what was acknowledged must be there in the
// end.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <set>

#include "conformance/wire/hex.h"
#include "sim/node/broker_node.h"

namespace mqttvet::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::from_hex;

// A client of 3.1.1 with CleanSession 0 and QoS 1 that reconnects whenever it finds its connection gone. All
// its packets are shorter than 128 bytes.
class StubbornClient {
 public:
  StubbornClient(World& world, Network& network, std::string name)
      : world_(world), network_(network), name_(std::move(name)) {
    network_.add_host(name_);
    visit();
  }
  ~StubbornClient() {
    if (endpoint_) endpoint_->on_change(nullptr);
    world_.cancel(event_);
  }

  void subscribe() { first_request_ = from_hex("82 06  00 01  00 01 74 01"); }
  // Publishes 1, 2, ... `last`, one after the other, each until it is acknowledged.
  void publish_up_to(int last) { last_ = last; }
  bool subscribed() const { return subscribed_; }
  int acknowledged() const { return acknowledged_; }
  const std::vector<int>& received() const { return received_; }

 private:
  // Comes by every few milliseconds: a half-open connection is given up after two seconds without a word.
  void visit() {
    const bool gone = !endpoint_ || endpoint_->state() == Endpoint::State::closed || endpoint_->at_end() ||
                      world_.now() - heard_at_ > seconds(2);
    if (gone) connect();
    if (endpoint_->state() == Endpoint::State::open && connected_) go_on();
    event_ = world_.after(milliseconds(7), [this] { visit(); });
  }

  void connect() {
    if (endpoint_) {
      endpoint_->on_change(nullptr);
      endpoint_->close();
    }
    connected_ = asked_ = false;
    stream_.clear();
    heard_at_ = world_.now();
    endpoint_ = network_.connect(name_, "broker", 1883);
    endpoint_->on_change([this] { change(); });
  }

  void change() {
    if (endpoint_->state() == Endpoint::State::open && !asked_) {
      asked_ = true;
      const std::string id = fmt::format("{}{}", '\0', static_cast<char>(name_.size())) + name_;
      const std::string body = from_hex("00 04 4D 51 54 54 04 00 00 00") + id;
      endpoint_->write(fmt::format("\x10{}", static_cast<char>(body.size())) + body);
    }
    char buffer[4096];
    while (const std::size_t count = endpoint_->read(buffer, sizeof buffer)) stream_.append(buffer, count);
    while (stream_.size() >= 2 && stream_.size() >= 2u + static_cast<unsigned char>(stream_[1])) {
      const std::size_t size = 2u + static_cast<unsigned char>(stream_[1]);
      handle(stream_.substr(0, size));
      stream_.erase(0, size);
    }
  }

  void handle(const std::string& packet) {
    heard_at_ = world_.now();
    const int type = static_cast<unsigned char>(packet[0]) >> 4;
    if (type == 2) connected_ = true;
    if (type == 9) subscribed_ = true;
    if (type == 4 && word(packet, 2) == acknowledged_ + 1) ++acknowledged_;
    if (type == 3) {  // of "t": packet id at 5, payload at 7
      received_.push_back(std::stoi(packet.substr(7)));
      endpoint_->write(from_hex("40 02") + packet.substr(5, 2));
    }
  }

  void go_on() {
    if (!first_request_.empty() && !subscribed_) endpoint_->write(first_request_);
    if (acknowledged_ < last_) {
      const std::string number = std::to_string(acknowledged_ + 1);
      std::string packet = from_hex("32 00 00 01 74 00 00") + number;
      packet[1] = static_cast<char>(packet.size() - 2);
      packet[6] = static_cast<char>(acknowledged_ + 1);
      endpoint_->write(packet);
    } else {
      endpoint_->write(from_hex("C0 00"));
    }
  }

  static int word(const std::string& packet, std::size_t at) {
    return static_cast<unsigned char>(packet[at]) << 8 | static_cast<unsigned char>(packet[at + 1]);
  }

  World& world_;
  Network& network_;
  std::string name_;
  EndpointPtr endpoint_;
  World::EventId event_ = World::EventId::none;
  Time heard_at_{0};
  std::string stream_;
  std::string first_request_;
  bool asked_ = false;
  bool connected_ = false;
  bool subscribed_ = false;
  int last_ = 0;
  int acknowledged_ = 0;
  std::vector<int> received_;
};

void strike(BrokerNode& node, Random& random) {
  const Duration down = milliseconds(random.between(1, 500));
  switch (random.below(5)) {
    case 0:
      node.crash(BrokerNode::CrashKind::power_lost, down);
      break;
    case 1:
      node.crash(BrokerNode::CrashKind::process_killed, down);
      break;
    case 2:
      node.crash_at_write(1 + random.below(12), down);
      break;
    case 3:
      node.fail_sync(1 + random.below(3), down);
      break;
    case 4:
      node.pause(down);
      break;
  }
}

constexpr int kMessages = 100;  // fewer than 128: a packet id fits into its low byte

struct Story {
  int acknowledged = 0;
  int missing = 0;  // of kMessages, in the end
  std::size_t left_over = 0;
  std::vector<std::string> findings;
  NodeEffects effects;
};

Story run_seed(std::uint64_t seed, const DiskOptions& disk = {}) {
  Story run;
  World world(seed);
  Network network(world);
  BrokerNodeOptions options;
  options.disk = disk;
  BrokerNode node(world, network, options,
                  [&](const NodeFinding& finding) { run.findings.push_back(finding.text); });
  node.start();
  StubbornClient subscriber(world, network, "subscriber");
  subscriber.subscribe();
  world.run_until(seconds(1));
  EXPECT_TRUE(subscriber.subscribed());

  StubbornClient publisher(world, network, "publisher");
  publisher.publish_up_to(kMessages);
  Random random = world.random("strikes");
  for (int i = 0; i < 12; ++i) {
    world.run_until(world.now() + milliseconds(random.between(1, 300)));
    strike(node, random);
  }
  node.heal();
  const auto missing = [&] {
    const std::set<int> received(subscriber.received().begin(), subscriber.received().end());
    return kMessages - static_cast<int>(received.size());
  };
  do {
    world.run_until(world.now() + milliseconds(100));
  } while (missing() > 0 && node.up() && world.now() < seconds(60));
  world.run_until(world.now() + milliseconds(100));  // for the last acknowledgements

  run.acknowledged = publisher.acknowledged();
  run.missing = missing();
  run.left_over = node.resources().inflight_messages + node.resources().queued_messages;
  run.effects = node.effects();
  return run;
}

// MQTTVET_SEEDS=1000: for a longer search.
std::uint64_t seeds() {
  const char* text = std::getenv("MQTTVET_SEEDS");
  return text == nullptr ? 60 : std::strtoull(text, nullptr, 10);
}

TEST(Durability, WhatWasAcknowledgedArrives_WhateverHappensToTheNode) {
  NodeEffects all;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    const Story run = run_seed(seed);
    ASSERT_TRUE(run.findings.empty()) << "seed " << seed << ": " << run.findings.front();
    ASSERT_EQ(run.acknowledged, kMessages) << "seed " << seed;
    ASSERT_EQ(run.missing, 0) << "seed " << seed;
    ASSERT_EQ(run.left_over, 0u) << "seed " << seed;
    all.power_losses += run.effects.power_losses;
    all.kills += run.effects.kills;
    all.torn_commits += run.effects.torn_commits;
    all.failed_commits += run.effects.failed_commits;
    all.pauses += run.effects.pauses;
  }
  EXPECT_GT(all.power_losses, 20);
  EXPECT_GT(all.kills, 20);
  EXPECT_GT(all.torn_commits, 20);
  EXPECT_GT(all.failed_commits, 20);
  EXPECT_GT(all.pauses, 20);
}

// That the test above can fail.
TEST(Durability, ADiskWhoseSyncsAreLies_IsFoundOut) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Story run = run_seed(seed, {.lying_sync = true});
    if (run.missing > 0 || !run.findings.empty()) return;
  }
  FAIL() << "60 seeds and nothing was lost";
}

}  // namespace
}  // namespace mqttvet::sim
