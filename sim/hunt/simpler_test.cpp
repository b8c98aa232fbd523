#include "sim/hunt/simpler.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "sim/plan/duration.h"

namespace mqttvet::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Simpler, NumbersAreSmallerOrRounder) {
  EXPECT_THAT(simpler_than("0"), IsEmpty());
  EXPECT_THAT(simpler_than("2"), ElementsAre("0", "1"));
  EXPECT_THAT(simpler_than("1374"), ElementsAre("0", "1", "2", "3", "1000", "1300", "1370", "687", "1373"));
}

TEST(Simpler, DurationsHaveFewerDigits) {
  EXPECT_THAT(simpler_than("12345ms"),
              ElementsAre("0", "1s", "10s", "20s", "11s", "12s", "13s", "12200ms", "12300ms", "12400ms",
                          "12330ms", "12340ms", "12350ms", "12344ms"));
  EXPECT_THAT(simpler_than("10s"), ElementsAre("0", "1s", "5s", "9s"));
  EXPECT_THAT(simpler_than("1s"), ElementsAre("0"));
}

TEST(Simpler, OtherWordsStay) {
  for (const char* word : {"", "true", "t/1", "alice", "-5", "never"})
    EXPECT_THAT(simpler_than(word), IsEmpty());
}

RC_GTEST_PROP(Simpler, EndsWhicheverIsTaken, ()) {
  std::string text = to_text(Duration(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)));
  for (int steps = 0; !simpler_than(text).empty(); ++steps) {
    RC_ASSERT(steps < 1000);
    const std::vector<std::string> simpler = simpler_than(text);
    text = simpler[*rc::gen::inRange<std::size_t>(0, simpler.size())];
  }
}

}  // namespace
}  // namespace mqttvet::sim
