#include "broker/codec/topic.h"

#include <algorithm>

#include "broker/codec/topic_levels.h"

namespace mqttvet::codec {

namespace {

constexpr std::string_view kSharePrefix = "$share/";

bool has_wildcard_character(std::string_view text) {
  return text.find_first_of("#+") != std::string_view::npos;
}

}  // namespace

bool is_valid_topic_name(std::string_view topic_name) {
  return !topic_name.empty() &&
         std::none_of(topic_name.begin(), topic_name.end(), [](char c) { return c == '#' || c == '+'; });
}

bool is_valid_topic_filter(std::string_view topic_filter) {
  if (topic_filter.empty()) return false;
  Levels levels(topic_filter);
  while (levels.more()) {
    const std::string_view level = levels.next();
    if (level == "#") return !levels.more();
    if (level != "+" && has_wildcard_character(level)) return false;
  }
  return true;
}

bool has_wildcard(std::string_view topic_filter) {
  return has_wildcard_character(topic_filter);
}

std::size_t level_count(std::string_view topic) {
  return 1 + static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/'));
}

bool is_shared(std::string_view topic_filter) {
  return topic_filter.starts_with(kSharePrefix);
}

std::optional<SharedFilter> parse_shared(std::string_view topic_filter) {
  if (!is_shared(topic_filter)) return std::nullopt;
  const std::string_view group_and_filter = topic_filter.substr(kSharePrefix.size());
  const std::size_t slash = group_and_filter.find('/');
  if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
  const SharedFilter shared{group_and_filter.substr(0, slash), group_and_filter.substr(slash + 1)};
  if (has_wildcard_character(shared.group) || !is_valid_topic_filter(shared.filter)) return std::nullopt;
  return shared;
}

bool matches(std::string_view topic_filter, std::string_view topic_name) {
  const bool starts_with_wildcard = topic_filter.starts_with('#') || topic_filter.starts_with('+');
  if (starts_with_wildcard && topic_name.starts_with('$')) return false;

  Levels filter_levels(topic_filter);
  Levels name_levels(topic_name);
  while (filter_levels.more()) {
    const std::string_view filter_level = filter_levels.next();
    // '#' stands for any number of levels, none included: "a/#" matches "a".
    if (filter_level == "#") return true;
    if (!name_levels.more()) return false;
    const std::string_view name_level = name_levels.next();
    if (filter_level != "+" && filter_level != name_level) return false;
  }
  return !name_levels.more();
}

}  // namespace mqttvet::codec
