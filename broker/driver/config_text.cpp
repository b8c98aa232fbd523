#include "broker/driver/config_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <variant>

#include "broker/driver/config_table.h"
#include "broker/driver/nearest.h"

namespace mqttvet::driver {
namespace {

using core::Config;
using std::chrono::seconds;
using Row = ConfigRow;

std::string unknown(std::string_view key) {
  std::vector<std::string_view> names;
  for (const Row& row : config_table()) names.push_back(row.name);
  return fmt::format("unknown configuration key '{}': did you mean '{}'?", key, nearest(key, names));
}

std::string expected(const Row& row) {
  if (std::holds_alternative<bool Config::*>(row.field)) return "true or false";
  if (std::holds_alternative<WrittenOut>(row.field)) return std::string(row.unit);
  if (std::holds_alternative<std::string Config::*>(row.field))
    return fmt::format("{} to {} bytes of text ({})", row.low, row.high, row.unit);
  return fmt::format("a whole number from {} to {}{} ({})", row.low, row.high,
                     row.may_be_never ? ", or never" : "", row.unit);
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool set_number(Config& config, const Row& row, std::string_view value) {
  std::optional<std::uint64_t> number = whole_number(value);
  if (number && (*number < row.low || *number > row.high)) return false;
  if (row.may_be_never && value == "never") number = codec::kNeverExpires.count();
  if (!number) return false;
  std::visit(
      [&](auto member) {
        if constexpr (std::is_member_object_pointer_v<decltype(member)>) {
          using Type = std::remove_reference_t<decltype(config.*member)>;
          if constexpr (std::is_constructible_v<Type, std::uint64_t>)
            config.*member = static_cast<Type>(*number);
        }
      },
      row.field);
  return true;
}

bool set(Config& config, const Row& row, std::string_view value) {
  if (const auto* flag = std::get_if<bool Config::*>(&row.field)) {
    if (value != "true" && value != "false") return false;
    config.*(*flag) = value == "true";
    return true;
  }
  if (const auto* text = std::get_if<std::string Config::*>(&row.field)) {
    if (value.size() < row.low || value.size() > row.high) return false;
    config.*(*text) = value;
    return true;
  }
  if (const auto* written_out = std::get_if<WrittenOut>(&row.field)) return written_out->set(config, value);
  return set_number(config, row, value);
}

std::string text_of(const Config& config, const Row& row) {
  if (const auto* written_out = std::get_if<WrittenOut>(&row.field)) return written_out->text(config);
  return std::visit(
      [&](auto member) -> std::string {
        if constexpr (std::same_as<decltype(member), WrittenOut>)
          return {};
        else if constexpr (std::same_as<decltype(member), seconds Config::*>)
          return config.*member == codec::kNeverExpires ? "never"
                                                        : fmt::format("{}", (config.*member).count());
        else
          return fmt::format("{}", config.*member);
      },
      row.field);
}

}  // namespace

std::optional<std::string> apply(Config& config, std::string_view key, std::string_view value) {
  const auto row = std::ranges::find(config_table(), key, &Row::name);
  if (row == config_table().end()) return unknown(key);
  Config changed = config;
  if (!set(changed, *row, value)) return fmt::format("{}: expected {}, not '{}'", key, expected(*row), value);
  if (changed.first_packet_id > changed.last_packet_id)
    return fmt::format("{}: first_packet_id {} would be above last_packet_id {}", key,
                       changed.first_packet_id, changed.last_packet_id);
  config = changed;
  return std::nullopt;
}

std::vector<ConfigKey> config_keys() {
  return config_keys(program_defaults());
}

std::vector<ConfigKey> config_keys(const Config& config) {
  std::vector<ConfigKey> keys;
  for (const Row& row : config_table()) {
    const bool is_text = std::holds_alternative<std::string Config::*>(row.field) ||
                         std::holds_alternative<WrittenOut>(row.field);
    keys.push_back(
        {row.name, row.unit, text_of(config, row), row.section, row.description, row.emqttd, is_text});
  }
  return keys;
}

}  // namespace mqttvet::driver
