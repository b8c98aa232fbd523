#include "sim/plan/duration.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("2s"), 2s);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("3min"), 3min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("0.25us"), 250ns);
  EXPECT_EQ(parse_duration("-10s"), -10s);
  EXPECT_EQ(parse_duration("0"), 0s);
}

TEST(Duration, IsRefusedWhenItCouldMeanSomethingElse) {
  for (const char* text : {"", "5", "s", "5 s", "5sec", "1.s", ".5s", "1e3s", "0.5ns", "--1s", "+1s", "5S",
                           "99999999999999999999s", "1000000h", "1.0000000001s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsWrittenInItsLargestWholeUnit) {
  EXPECT_EQ(to_text(90s), "90s");
  EXPECT_EQ(to_text(1500ms), "1500ms");
  EXPECT_EQ(to_text(2h), "2h");
  EXPECT_EQ(to_text(0s), "0");
  EXPECT_EQ(to_text(-10s), "-10s");
}

RC_GTEST_PROP(Duration, ReadsBackWhatItWrote, ()) {
  const Duration duration{*rc::gen::inRange<std::int64_t>(-1'000'000'000'000'000, 1'000'000'000'000'000)};
  RC_ASSERT(parse_duration(to_text(duration)) == duration);
}

}  // namespace
}  // namespace mqttvet::sim
