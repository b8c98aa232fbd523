#include "sim/hunt/simpler.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "sim/plan/duration.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> smaller_numbers(std::int64_t number) {
  std::vector<std::int64_t> all{0, 1, 2, 3};
  for (std::int64_t power = 10;; power *= 10) {
    all.push_back(number / power * power);
    if (power > number / 10) break;
  }
  std::sort(all.begin(), all.end());
  for (const std::int64_t near : {number / 2, number - 1}) all.push_back(near);
  std::vector<std::string> texts;
  for (const std::int64_t each : all)
    if (each >= 0 && each < number) texts.push_back(std::to_string(each));
  return texts;
}

// How much of it one has to read, and how long it is.
std::pair<std::size_t, Duration> difficulty(Duration duration) {
  std::string text = to_text(duration);
  text = text.substr(0, text.find_first_not_of("0123456789"));
  while (text.size() > 1 && text.back() == '0') text.pop_back();
  return {text.size(), duration};
}

// The longest that it is a multiple of: nobody would rather read 500ms than 1s.
Duration unit_of(Duration duration) {
  for (const Duration unit : {Duration(1s), Duration(1ms), Duration(1us)})
    if (duration % unit == Duration{0}) return unit;
  return 1ns;
}

// To whole minutes, tens of seconds, seconds ..., down and up; or less.
std::vector<std::string> rounder_durations(Duration duration) {
  constexpr Duration kSteps[] = {1min, 10s, 1s, 100ms, 10ms, 1ms, 100us, 10us, 1us};
  std::vector<Duration> all{0s, 1s, duration / 2};
  for (const Duration step : kSteps) {
    if (step > duration) continue;
    const Duration down = duration / step * step;
    for (const Duration near : {down, down + step, down - step}) all.push_back(near);
  }
  const Duration unit = unit_of(duration);
  std::erase_if(all, [&](Duration each) {
    return each % unit != Duration{0} || difficulty(each) >= difficulty(duration);
  });
  std::sort(all.begin(), all.end(), [](Duration a, Duration b) { return difficulty(a) < difficulty(b); });
  std::vector<std::string> texts;
  for (const Duration each : all) texts.push_back(to_text(each));
  return texts;
}

}  // namespace

std::vector<std::string> simpler_than(std::string_view text) {
  std::vector<std::string> all;
  if (const auto number = whole_number(text)) {
    all = smaller_numbers(*number);
  } else if (const auto duration = parse_duration(text); duration && *duration > Duration{0}) {
    all = rounder_durations(*duration);
  }
  std::vector<std::string> once;
  for (std::string& each : all)
    if (std::find(once.begin(), once.end(), each) == once.end()) once.push_back(std::move(each));
  return once;
}

}  // namespace mqttvet::sim
