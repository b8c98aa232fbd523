#include "sim/plan/duration.h"

#include <array>

namespace mqttvet::sim {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array<Unit, 6> kUnits{{{"h", 3'600'000'000'000},
                                      {"min", 60'000'000'000},
                                      {"s", 1'000'000'000},
                                      {"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"ns", 1}}};
constexpr std::int64_t kLongest = std::int64_t{100} * 365 * 24 * 3'600'000'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Digits off the front of `text`, at most 18 of them; nullopt: there are none or too many.
std::optional<std::int64_t> take_digits(std::string_view& text, std::size_t& count) {
  std::int64_t value = 0;
  count = 0;
  while (!text.empty() && is_digit(text.front())) {
    if (++count > 18) return std::nullopt;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (count == 0) return std::nullopt;
  return value;
}

std::optional<std::int64_t> unit_called(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.nanoseconds;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::size_t digits = 0;
  const auto whole = take_digits(text, digits);
  if (!whole) return std::nullopt;
  std::int64_t fraction = 0, fraction_of = 1;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto value = take_digits(text, digits);
    if (!value || digits > 9) return std::nullopt;
    fraction = *value;
    for (std::size_t i = 0; i < digits; ++i) fraction_of *= 10;
  }
  const auto unit = unit_called(text);
  if (!unit || *whole > kLongest / *unit) return std::nullopt;
  const auto scaled = static_cast<__int128>(fraction) * *unit;
  if (scaled % fraction_of != 0) return std::nullopt;
  const std::int64_t total = *whole * *unit + static_cast<std::int64_t>(scaled / fraction_of);
  if (total > kLongest) return std::nullopt;
  return Duration{negative ? -total : total};
}

std::string to_text(Duration duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0";
  for (const Unit& unit : kUnits) {
    if (count % unit.nanoseconds == 0)
      return std::to_string(count / unit.nanoseconds) + std::string(unit.name);
  }
  return {};  // not reached: every count is divisible by one nanosecond
}

}  // namespace mqttvet::sim
