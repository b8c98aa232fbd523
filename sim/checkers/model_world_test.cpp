// The oracles against a broker that is right by construction, and against the same broker with one mistake:
// random histories of a tiny model broker, four clients and a network that cuts. No oracle may blame the
// first; the expected one must find the second.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sim/checkers/oracles.h"
#include "sim/checkers/test_model_world.h"

namespace mqttvet::sim {
namespace {

using model_world::Mistake;
using model_world::ModelWorld;

// --- The properties ---

std::string told(const History& history, const Violation& violation) {
  std::string text =
      "at " + std::to_string(violation.at.count()) + " " + violation.oracle + ": " + violation.text + "\n";
  for (std::size_t index : violation.events) {
    const HistoryEvent& event = history.events[index];
    text += "  " + std::to_string(index) + " " + event.client + " #" + std::to_string(event.connection) +
            " " + wire::describe(event.packet) + "\n";
  }
  return text;
}

TEST(ModelWorld, NoOracleBlamesACorrectBroker) {
  rc::check("no oracle blames a correct broker", [] {
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    const History history = ModelWorld(seed, Mistake::none).run();
    for (const Violation& violation : check(history)) RC_FAIL(told(history, violation));
  });
}

TEST(ModelWorld, NoOracleBlamesACorrectBroker_InTheFirstThousandWorlds) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const History history = ModelWorld(seed, Mistake::none).run();
    for (const Violation& violation : check(history))
      FAIL() << "seed " << seed << "\n" << told(history, violation);
  }
}

struct Planted {
  Mistake mistake;
  const char* name;
  const char* oracle;
  int worlds_of_100 = 5;  // in which it has to be found, at least
};
class PlantedMistake : public testing::TestWithParam<Planted> {};

TEST_P(PlantedMistake, IsFoundByItsOracle) {
  std::map<std::string, int> worlds;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::set<std::string> codes;
    for (const Violation& violation : check(ModelWorld(seed, GetParam().mistake).run()))
      codes.insert(violation.oracle);
    for (const std::string& code : codes) ++worlds[code];
  }
  RecordProperty("worlds_of_100", worlds[GetParam().oracle]);
  EXPECT_GE(worlds[GetParam().oracle], GetParam().worlds_of_100) << testing::PrintToString(worlds);
}

INSTANTIATE_TEST_SUITE_P(All, PlantedMistake,
                         testing::Values(Planted{Mistake::drop_queued, "drop_queued", "ALO"},
                                         Planted{Mistake::reuse_id, "reuse_id", "PID"},
                                         Planted{Mistake::new_id_on_resend, "new_id_on_resend", "PID"},
                                         Planted{Mistake::no_dup, "no_dup", "PID"},
                                         Planted{Mistake::reverse_resend, "reverse_resend", "ORD"},
                                         Planted{Mistake::forget_pubrel, "forget_pubrel", "LIV"},
                                         Planted{Mistake::present_always, "present_always", "SES"},
                                         Planted{Mistake::present_never, "present_never", "SES"},
                                         Planted{Mistake::exceed_window, "exceed_window", "WIN"},
                                         Planted{Mistake::route_again, "route_again", "EXO"},
                                         Planted{Mistake::queue_backwards, "queue_backwards", "ORD"},
                                         Planted{Mistake::crash_forgets, "crash_forgets", "DUR"},
                                         Planted{Mistake::silent_suback, "silent_suback", "LIV"},
                                         Planted{Mistake::no_wake_up, "no_wake_up", "LIV"},
                                         Planted{Mistake::publish_first, "publish_first", "CNF"},
                                         Planted{Mistake::first_retained, "first_retained", "RET"},
                                         Planted{Mistake::retained_again, "retained_again", "RET"},
                                         Planted{Mistake::no_retained, "no_retained", "RET"},
                                         Planted{Mistake::echo_own, "echo_own", "SUB"},
                                         Planted{Mistake::deaf_unsubscribe, "deaf_unsubscribe", "SUB"},
                                         Planted{Mistake::full_qos, "full_qos", "SUB"},
                                         Planted{Mistake::drop_qos0, "drop_qos0", "SUB"},
                                         Planted{Mistake::wrong_identifier, "wrong_identifier", "SUB"},
                                         Planted{Mistake::will_discarded, "will_discarded", "WIL"},
                                         Planted{Mistake::will_kept, "will_kept", "WIL"},
                                         Planted{Mistake::will_twice, "will_twice", "WIL"},
                                         Planted{Mistake::two_owners, "two_owners", "OWN"},
                                         Planted{Mistake::untold_takeover, "untold_takeover", "OWN"}),
                         [](const auto& planted) { return std::string(planted.param.name); });

}  // namespace
}  // namespace mqttvet::sim
