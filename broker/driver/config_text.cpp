#include "broker/driver/config_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>
#include <variant>

namespace mqttvet::driver {
namespace {

using core::Config;
using std::chrono::seconds;

using Field = std::variant<std::uint16_t Config::*, std::uint32_t Config::*, std::size_t Config::*,
                           seconds Config::*, bool Config::*>;

struct Row {
  std::string_view name;
  Field field;
  std::string_view unit;
  std::uint64_t low = 0;
  std::uint64_t high = std::numeric_limits<std::uint32_t>::max();
  bool may_be_never = false;
};

// A packet has a fixed header, and the longest Remaining Length is four bytes of seven bits (section 2.1.4).
constexpr std::uint64_t kPacketBytesMax = 1 + 4 + 268'435'455;
constexpr std::uint64_t kSecondsMax = 0xFFFFFFFE;  // one more means never (section 3.1.2.11.2)
constexpr std::uint64_t kTenYears = 10ull * 366 * 24 * 3600;

const Row kRows[] = {
    {"maximum_packet_size_bytes", &Config::maximum_packet_size_bytes, "bytes of a whole packet", 128,
     kPacketBytesMax},
    {"client_id_bytes_max", &Config::client_id_bytes_max, "bytes", 23, 65535},
    {"connect_timeout", &Config::connect_timeout, "seconds", 1, kTenYears},
    {"topic_levels_max", &Config::topic_levels_max, "levels", 1, 65535},
    {"server_keep_alive_max", &Config::server_keep_alive_max, "seconds; 0: as the client asks", 0, 65535},
    {"write_queue_bytes_max", &Config::write_queue_bytes_max, "bytes per connection", 1024, 1ull << 40},
    {"receive_maximum", &Config::receive_maximum, "messages", 1, 65535},
    {"max_inflight", &Config::max_inflight, "messages; 0: the client's Receive Maximum decides", 0, 65535},
    {"retry_interval", &Config::retry_interval, "seconds; 0: only on resume", 0, kTenYears},
    {"first_packet_id", &Config::first_packet_id, "packet id", 1, 65535},
    {"last_packet_id", &Config::last_packet_id, "packet id", 1, 65535},
    {"session_expiry_interval_v3", &Config::session_expiry_interval_v3, "seconds or never", 1, kSecondsMax,
     true},
    {"session_expiry_interval_max", &Config::session_expiry_interval_max, "seconds or never", 0, kSecondsMax,
     true},
    {"queue_messages_max", &Config::queue_messages_max, "messages per session; 0: no limit", 0, 1ull << 40},
    {"queue_qos0", &Config::queue_qos0, "true or false"},
    {"retained_messages_max", &Config::retained_messages_max, "messages; 0: no limit", 0, 1ull << 40},
};

// How many single letters have to change, come or go.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string unknown(std::string_view key) {
  const Row& nearest =
      *std::ranges::min_element(kRows, {}, [&](const Row& row) { return distance(key, row.name); });
  return fmt::format("unknown configuration key '{}': did you mean '{}'?", key, nearest.name);
}

std::string expected(const Row& row) {
  if (std::holds_alternative<bool Config::*>(row.field)) return "true or false";
  return fmt::format("a whole number from {} to {}{} ({})", row.low, row.high,
                     row.may_be_never ? ", or never" : "", row.unit);
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool set(Config& config, const Row& row, std::string_view value) {
  if (const auto* flag = std::get_if<bool Config::*>(&row.field)) {
    if (value != "true" && value != "false") return false;
    config.*(*flag) = value == "true";
    return true;
  }
  std::optional<std::uint64_t> number = whole_number(value);
  if (number && (*number < row.low || *number > row.high)) return false;
  if (row.may_be_never && value == "never") number = codec::kNeverExpires.count();
  if (!number) return false;
  std::visit(
      [&](auto member) {
        using Type = std::remove_reference_t<decltype(config.*member)>;
        config.*member = static_cast<Type>(*number);
      },
      row.field);
  return true;
}

std::string text_of(const Config& config, const Row& row) {
  return std::visit(
      [&](auto member) -> std::string {
        using Type = std::remove_cvref_t<decltype(config.*member)>;
        if constexpr (std::same_as<Type, seconds>)
          return config.*member == codec::kNeverExpires ? "never"
                                                        : fmt::format("{}", (config.*member).count());
        else
          return fmt::format("{}", config.*member);
      },
      row.field);
}

}  // namespace

std::optional<std::string> apply(Config& config, std::string_view key, std::string_view value) {
  const auto row = std::ranges::find(kRows, key, &Row::name);
  if (row == std::end(kRows)) return unknown(key);
  Config changed = config;
  if (!set(changed, *row, value)) return fmt::format("{}: expected {}, not '{}'", key, expected(*row), value);
  if (changed.first_packet_id > changed.last_packet_id)
    return fmt::format("{}: first_packet_id {} would be above last_packet_id {}", key,
                       changed.first_packet_id, changed.last_packet_id);
  config = changed;
  return std::nullopt;
}

std::vector<ConfigKey> config_keys() {
  const Config defaults;
  std::vector<ConfigKey> keys;
  for (const Row& row : kRows) keys.push_back({row.name, row.unit, text_of(defaults, row)});
  return keys;
}

}  // namespace mqttvet::driver
