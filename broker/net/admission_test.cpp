#include "broker/net/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace mqttvet::net {
namespace {

using namespace std::chrono_literals;
using core::Monotonic;

constexpr Monotonic kStart{std::chrono::hours(1)};

TEST(Admission, AsManyPlacesAsAllowed_AndOneMoreWhenOneIsFree) {
  Admission admission({.connections_max = 2});
  std::optional<Place> first = admission.admit(kStart);
  const std::optional<Place> second = admission.admit(kStart);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(admission.admit(kStart));
  first.reset();
  EXPECT_TRUE(admission.admit(kStart));
}

TEST(Admission, APlaceOutlivesTheListener) {
  std::optional<Place> place;
  {
    Admission admission({.connections_max = 1});
    place.emplace(*admission.admit(kStart));
  }
  place.reset();
}

TEST(Admission, SoManyASecond_ThatManyAtOnce) {
  Admission admission({.connect_rate_max = 10});
  std::vector<Place> places;
  const auto admit_all = [&](Monotonic now) {
    int count = 0;
    while (auto place = admission.admit(now)) {
      places.push_back(std::move(*place));
      ++count;
    }
    return count;
  };
  EXPECT_EQ(admit_all(kStart), 10);
  EXPECT_EQ(admit_all(kStart + 99ms), 0);
  EXPECT_EQ(admit_all(kStart + 100ms), 1);
  EXPECT_EQ(admit_all(kStart + 400ms), 3);
  EXPECT_EQ(admit_all(kStart + 1h), 10) << "what was not used is not saved up";
}

TEST(Admission, TheRefusedAreReportedOncePerInterval_AllOfThem) {
  Admission admission({.connections_max = 1, .connect_rate_max = 2});
  EXPECT_EQ(admission.report(kStart), std::nullopt);
  std::optional<Place> place = admission.admit(kStart);
  EXPECT_FALSE(admission.admit(kStart));
  EXPECT_EQ(admission.report(kStart), "connections: 1 refused beyond connections_max, 1");
  EXPECT_FALSE(admission.admit(kStart + 1ms));
  place.reset();
  place.emplace(*admission.admit(kStart + 2ms));
  place.reset();
  EXPECT_FALSE(admission.admit(kStart + 3ms));
  EXPECT_FALSE(admission.admit(kStart + 4ms));
  EXPECT_EQ(admission.report(kStart + 10s - 1ns), std::nullopt);
  EXPECT_EQ(
      admission.report(kStart + 10s),
      "connections: 1 refused beyond connections_max, 1; 2 refused beyond connect_rate_max, 2 per second");
  EXPECT_EQ(admission.report(kStart + 20s), std::nullopt);
}

TEST(Admission, OtherLimitsHoldFromThenOn) {
  Admission admission({.connections_max = 2});
  const std::optional<Place> first = admission.admit(kStart);
  const std::optional<Place> second = admission.admit(kStart);
  admission.set_limits({.connections_max = 1});
  EXPECT_FALSE(admission.admit(kStart));
  EXPECT_EQ(admission.taken(), 2u) << "nobody has to leave";
  admission.set_limits({.connections_max = 3});
  EXPECT_TRUE(admission.admit(kStart));
}

}  // namespace
}  // namespace mqttvet::net
