// Real Paho programs against a small broker in the simulated world: they do what their users expect, and a
// seed gives the same run every time, on both backends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "sim/guest/paho_client.h"
#include "sim/guest/process.h"
#include "sim/guest/testing/child.h"
#include "sim/guest/testing/test_broker.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// A world with the small broker and one Paho client.
struct Stage {
  explicit Stage(ClientPlan client_plan, std::uint64_t seed = 1, Scheduler::Options options = {})
      : plan(std::move(client_plan)), world(seed), scheduler(world, network, options) {
    plan.name = "alice";
    network.add_host("alice");
    client = make_paho_client(world, network, scheduler, plan, "broker", 1883,
                              [this](const Arrival& arrival) { arrivals.push_back(arrival); });
  }

  // Performs it and runs the world until it has ended.
  Outcome perform(const Operation& operation) {
    std::optional<Outcome> outcome;
    client->perform(operation, [&](Outcome end) {
      outcome = std::move(end);
      world.stop();
    });
    world.run_until(world.now() + 300s);
    return outcome.value_or(Outcome{false, "no end"});
  }
  void wait(Duration duration) { world.run_until(world.now() + duration); }
  std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const auto& arrival : arrivals) all.push_back(arrival.payload);
    return all;
  }

  ClientPlan plan;
  World world;
  Network network{world};
  TestBroker broker{world, network};
  Scheduler scheduler;
  std::unique_ptr<Client> client;
  std::vector<Arrival> arrivals;
};

DoSubscribe subscribe_to(const std::string& filter, int qos) {
  return {.filters = {{.filter = filter, .qos = qos}}, .subscription_identifier = {}};
}
DoPublish publish_to(const std::string& topic, int qos, int count = 1) {
  DoPublish publish;
  publish.topic = topic;
  publish.qos = qos;
  publish.count = count;
  return publish;
}

// Each test runs in a child, since a world that ends in the middle leaves threads inside the libraries.
#define IN_CHILD(body)                                        \
  const auto result = in_child([&]() -> std::string {         \
    body();                                                   \
    return testing::Test::HasFailure() ? "failed" : "passed"; \
  });                                                         \
  EXPECT_EQ(result, "passed")

class Paho : public testing::TestWithParam<std::tuple<Driver, Version>> {
 protected:
  static void SetUpTestSuite() { warm_up(); }
  ClientPlan plan() const {
    ClientPlan plan;
    plan.driver = std::get<0>(GetParam());
    plan.version = std::get<1>(GetParam());
    return plan;
  }
};

TEST_P(Paho, PublishesAtEveryQosAndReceivesWhatItSubscribedTo) {
  IN_CHILD([&] {
    Stage stage(plan());
    EXPECT_FALSE(stage.client->connected());
    EXPECT_TRUE(stage.perform(DoConnect{}).done);
    EXPECT_TRUE(stage.client->connected());
    EXPECT_TRUE(stage.perform(subscribe_to("t/#", 2)).done);
    EXPECT_TRUE(stage.perform(publish_to("t/0", 0)).done);
    EXPECT_TRUE(stage.perform(publish_to("t/1", 1)).done);
    EXPECT_TRUE(stage.perform(publish_to("t/2", 2)).done);
    stage.wait(1s);
    EXPECT_THAT(stage.payloads(), ElementsAre("alice#1", "alice#2", "alice#3"));
    EXPECT_EQ(stage.arrivals.back().qos, 2);
    EXPECT_EQ(stage.arrivals.back().topic, "t/2");
    EXPECT_TRUE(stage.perform(DoDisconnect{}).done);
    EXPECT_FALSE(stage.client->connected());
    stage.wait(1s);
    EXPECT_EQ(stage.broker.disconnects, 1);
  });
}

TEST_P(Paho, ReconnectsByItselfAndCompletesItsQos2Publish) {
  IN_CHILD([&] {
    Stage stage(plan());
    EXPECT_TRUE(stage.perform(DoConnect{}).done);
    EXPECT_TRUE(stage.perform(publish_to("t", 2, 3)).done);
    EXPECT_TRUE(stage.perform(DoDrop{}).done);
    stage.wait(1s);
    EXPECT_FALSE(stage.client->connected());
    const Outcome published = stage.perform(publish_to("t", 2, 3));
    EXPECT_TRUE(published.done) << published.text;
    EXPECT_EQ(stage.broker.connects, 2);
    EXPECT_EQ(stage.broker.releases, 6);
  });
}

TEST_P(Paho, KeepsAnIdleConnectionAlive) {
  IN_CHILD([&] {
    ClientPlan idle = plan();
    idle.keep_alive = 10s;
    Stage stage(idle);
    EXPECT_TRUE(stage.perform(DoConnect{}).done);
    stage.wait(10min);
    EXPECT_TRUE(stage.client->connected());
    EXPECT_EQ(stage.broker.connects, 1);
    EXPECT_GE(stage.broker.pings, 40);
  });
}

TEST_P(Paho, NobodyListeningIsAFailureInTheLibrarysWords) {
  IN_CHILD([&] {
    ClientPlan once = plan();
    once.reconnect = false;
    Stage stage(once);
    stage.network.listen("broker", 1883, nullptr);
    const Outcome outcome = stage.perform(DoConnect{});
    EXPECT_FALSE(outcome.done);
    EXPECT_THAT(outcome.text, testing::HasSubstr("MQTT error"));
  });
}

TEST_P(Paho, ComesBackFromACrashWithoutADisconnect) {
  IN_CHILD([&] {
    Stage stage(plan());
    EXPECT_TRUE(stage.perform(DoConnect{}).done);
    EXPECT_TRUE(stage.perform(subscribe_to("t", 1)).done);
    EXPECT_TRUE(stage.perform(DoCrash{.restart_after = 5s}).done);
    EXPECT_TRUE(stage.client->connected());
    EXPECT_EQ(stage.broker.connects, 2);
    EXPECT_EQ(stage.broker.disconnects, 0);
    EXPECT_TRUE(stage.perform(publish_to("t", 1)).done);
    stage.wait(60s);
    EXPECT_EQ(stage.broker.connects, 2);
    EXPECT_EQ(stage.broker.disconnects, 0);
  });
}

TEST_P(Paho, CrashEndsTheOperationUnderWay) {
  IN_CHILD([&] {
    Stage stage(plan());
    EXPECT_TRUE(stage.perform(DoConnect{}).done);
    stage.network.stall("alice", Network::Direction::both, 30s);
    std::vector<std::string> ends;
    stage.client->perform(publish_to("t", 1), [&](Outcome end) { ends.push_back(end.text); });
    stage.wait(1s);
    EXPECT_THAT(ends, ElementsAre());
    EXPECT_TRUE(stage.perform(DoCrash{.restart_after = 1s}).done);
    EXPECT_THAT(ends, ElementsAre("crashed"));
  });
}

INSTANTIATE_TEST_SUITE_P(Drivers, Paho,
                         testing::Combine(testing::Values(Driver::paho_cpp, Driver::paho_c),
                                          testing::Values(Version::v3_1_1, Version::v5_0)),
                         [](const auto& each) {
                           return fmt::format("{}_{}",
                                              std::get<0>(each.param) == Driver::paho_c ? "c" : "cpp",
                                              std::get<1>(each.param) == Version::v5_0 ? "v5" : "v311");
                         });

// --- One seed, one run ---

// Two clients publish to each other while their connections are cut.
std::string busy_run(std::uint64_t seed, Scheduler::Options options) {
  ClientPlan plan;
  plan.driver = Driver::paho_cpp;
  Stage stage(plan, seed, options);
  ClientPlan other_plan;
  other_plan.name = "bob";
  other_plan.driver = Driver::paho_c;
  stage.network.add_host("bob");
  const auto bob = make_paho_client(stage.world, stage.network, stage.scheduler, other_plan, "broker", 1883,
                                    [&](const Arrival& arrival) { stage.arrivals.push_back(arrival); });
  for (Client* client : {stage.client.get(), bob.get()}) {
    client->perform(DoConnect{}, nullptr);
    client->perform(subscribe_to("t/#", 2), nullptr);
    for (int i = 0; i < 5; ++i) client->perform(publish_to("t/1", 1 + i % 2, 3), nullptr);
  }
  for (const auto at : {300ms, 3000ms, 9000ms}) {
    stage.world.schedule(at, [&] { stage.network.cut("alice", true); });
    stage.world.schedule(at + 500ms, [&] { stage.network.cut("bob", false); });
  }
  stage.world.run_until(60s);
  return fmt::format("{:016x} {} events, {} arrivals", stage.world.trace().hash(),
                     stage.world.trace().event_count(), stage.arrivals.size());
}

std::optional<std::string> busy_child(std::uint64_t seed, Scheduler::Options options) {
  return in_child([&] { return busy_run(seed, options); });
}

TEST(PahoDeterminism, SameSeedSameRunOnBothBackends) {
  warm_up();
  std::set<std::string> distinct;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto first = busy_child(seed, {.backend = Scheduler::Backend::fibers});
    ASSERT_TRUE(first) << seed;
    EXPECT_EQ(first, busy_child(seed, {.backend = Scheduler::Backend::fibers})) << seed;
    EXPECT_EQ(first, busy_child(seed, {.backend = Scheduler::Backend::threads})) << seed;
    distinct.insert(*first);
  }
  EXPECT_EQ(distinct.size(), 10u);
}

TEST(PahoDeterminism, PrioritySchedulesRepeatToo) {
  warm_up();
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto first = busy_child(seed, {.policy = Schedule::pct});
    ASSERT_TRUE(first) << seed;
    EXPECT_EQ(first, busy_child(seed, {.policy = Schedule::pct})) << seed;
    EXPECT_NE(first, busy_child(seed, {.policy = Schedule::random})) << seed;
  }
}

}  // namespace
}  // namespace mqttvet::sim
