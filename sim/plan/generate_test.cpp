#include "sim/plan/generate.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "sim/plan/check_plan.h"
#include "sim/plan/names.h"
#include "sim/plan/read_plan.h"
#include "sim/plan/write_plan.h"

namespace mqttvet::sim {
namespace {

RC_GTEST_PROP(Generate, MakesPlansThatTheReaderFindsNothingWrongWith, ()) {
  const Plan plan = generate(*rc::gen::arbitrary<std::uint64_t>());
  std::string messages;
  for (const Problem& problem : check_plan(plan)) messages += to_text(problem, plan.name) + "\n";
  RC_ASSERT(messages == "");
}

RC_GTEST_PROP(Generate, MakesPlansThatCanBeWrittenAndReadBack, ()) {
  const Plan plan = generate(*rc::gen::arbitrary<std::uint64_t>());
  const std::string written = write_plan(plan);
  const ReadPlan again = read_plan(written, "again");
  RC_ASSERT(again.messages("again") == "");
  RC_ASSERT(*again.plan == plan);
}

RC_GTEST_PROP(Generate, MakesOnePlanOfOneSeed, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  RC_ASSERT(generate(seed) == generate(seed));
}

RC_GTEST_PROP(Generate, LeavesEverythingElseAloneWhenAFaultClassIsLeftOut, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  GeneratorOptions without;
  without.disk_faults = false;
  Plan one = generate(seed), other = generate(seed, without);
  std::erase_if(one.faults, [](const Fault& fault) {
    return fault.kind == FaultKind::torn_commit || fault.kind == FaultKind::sync_failure ||
           fault.kind == FaultKind::disk_full;
  });
  for (Plan* plan : {&one, &other}) {
    for (Fault& fault : plan->faults) fault.id = 0;
  }
  RC_ASSERT(one == other);
}

// Holds on every machine and at every level of optimisation: the text was written down once.
TEST(Generate, GivesTheSamePlanEverywhere) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    for (char c : write_plan(generate(seed))) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  EXPECT_EQ(hash, 2627651632826169065u);
}

TEST(Generate, ReachesEveryFaultKindDriverAndFeature) {
  std::set<FaultKind> kinds, aimed;
  std::set<std::pair<Driver, Version>> clients;
  std::set<std::string> operations, keys;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Plan plan = generate(seed);
    for (const Fault& fault : plan.faults) (fault.aim ? aimed : kinds).insert(fault.kind);
    for (const ClientPlan& client : plan.clients) clients.insert({client.driver, client.version});
    for (const Step& step : plan.steps) operations.insert(std::string(name_of(step.operation)));
    for (const auto& [key, value] : plan.broker.config) keys.insert(key);
  }
  EXPECT_EQ(kinds.size(), words_of(FaultKind{}).size());
  EXPECT_EQ(aimed.size(), kinds.size() - 2);  // a clock jump and a reload have nothing to do with packets
  EXPECT_EQ(clients.size(), 9u);
  EXPECT_THAT(operations, testing::UnorderedElementsAre("connect", "disconnect", "subscribe", "unsubscribe",
                                                        "publish", "drop", "crash", "acknowledge", "send"));
  EXPECT_THAT(keys, testing::IsSupersetOf({"max_inflight",
                                           "last_packet_id",
                                           "first_packet_id",
                                           "queue_messages_max",
                                           "retry_interval",
                                           "queue_qos0",
                                           "receive_maximum",
                                           "maximum_qos",
                                           "topic_alias_maximum",
                                           "server_keep_alive_max",
                                           "queue_type",
                                           "queue_drop_policy",
                                           "sys_interval",
                                           "await_rel_timeout",
                                           "max_awaiting_rel",
                                           "retained_messages_max",
                                           "retained_expiry_interval",
                                           "subscriptions_max",
                                           "shared_redispatch_at_disconnect",
                                           "allow_anonymous"}));
}

TEST(Generate, TellsEveryClientToBeConnectedAtTheEnd) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::map<std::string, bool> connected;
    for (const Step& step : generate(seed).steps) {
      if (std::holds_alternative<DoConnect>(step.operation)) connected[step.client] = true;
      if (std::holds_alternative<DoDisconnect>(step.operation)) connected[step.client] = false;
      const auto* crash = std::get_if<DoCrash>(&step.operation);
      if (crash && crash->for_good) connected.erase(step.client);
    }
    for (const auto& [client, is_connected] : connected)
      EXPECT_EQ(is_connected, client != "twin" && client != "mallory") << seed << client;
  }
}

}  // namespace
}  // namespace mqttvet::sim
