#include "sim/hunt/simpler.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

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

bool is_simpler(std::string_view one, std::string_view other) {
  return one.size() != other.size() ? one.size() < other.size() : one < other;
}

std::vector<std::string> smaller_numbers(std::int64_t number) {
  std::vector<std::int64_t> all{0, 1, 2, 3};
  for (std::int64_t power = 1; power <= number / 10; power *= 10) all.push_back(number / power * power);
  std::sort(all.begin(), all.end());
  for (const std::int64_t near : {number / 2, number - 1}) all.push_back(near);
  std::vector<std::string> texts;
  for (const std::int64_t each : all) texts.push_back(std::to_string(each));
  return texts;
}

// To whole minutes, tens of seconds, seconds ..., down and up.
std::vector<std::string> rounder_durations(Duration duration) {
  constexpr Duration kSteps[] = {1min, 10s, 1s, 100ms, 10ms, 1ms, 100us, 10us, 1us};
  std::vector<std::string> texts{to_text(0s), to_text(1s)};
  for (const Duration step : kSteps) {
    const Duration down = duration / step * step;
    for (const Duration near : {down, down + step}) texts.push_back(to_text(near));
  }
  return texts;
}

}  // namespace

std::vector<std::string> simpler_than(std::string_view text) {
  std::vector<std::string> all;
  if (const auto number = whole_number(text)) {
    if (*number < 0) return {};
    all = smaller_numbers(*number);
  } else if (const auto duration = parse_duration(text)) {
    all = rounder_durations(*duration);
  }
  std::vector<std::string> simpler;
  for (const std::string& each : all) {
    const bool is_new = std::find(simpler.begin(), simpler.end(), each) == simpler.end();
    if (is_new && is_simpler(each, text)) simpler.push_back(each);
  }
  return simpler;
}

}  // namespace mqttvet::sim
