// Topic Names and Topic Filters (section 4.7; shared subscriptions: section 4.8.2).
//
// All functions expect well-formed UTF-8 without U+0000; the decoder has made sure of it. None of them
// recurses or allocates, whatever the number of levels.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mqttvet::codec {

// At least one character, no wildcard [MQTT5-4.7.0-1, MQTT5-4.7.3-1; MQTT311-4.7.1-1, MQTT311-4.7.3-1].
bool is_valid_topic_name(std::string_view topic_name);

// At least one character; '#' alone in the last level; '+' alone in its level
// [MQTT5-4.7.1-1, MQTT5-4.7.1-2; MQTT311-4.7.1-2, MQTT311-4.7.1-3]. Doesn't look for a share name: see
// parse_shared().
bool is_valid_topic_filter(std::string_view topic_filter);

// Whether a level of the filter is '#' or '+'. The filter is valid.
bool has_wildcard(std::string_view topic_filter);

// Levels, separated by '/': "a/b" has 2, "/" has 2, "" has 1.
std::size_t level_count(std::string_view topic);

// Whether the filter claims to be that of a shared subscription: it starts with "$share/".
bool is_shared(std::string_view topic_filter);

// "$share/GROUP/FILTER". The views point into what was parsed.
struct SharedFilter {
  std::string_view group;   // the standard's ShareName
  std::string_view filter;  // what the topic names are matched with
};

// The parts of a shared subscription's filter. nullopt: it is not one, or not a well-formed one; the group
// must have a character, no wildcard, and be followed by '/' and a valid filter [MQTT5-4.8.2-1,
// MQTT5-4.8.2-2].
std::optional<SharedFilter> parse_shared(std::string_view topic_filter);

// Whether a valid, not shared filter matches a valid topic name, byte by byte [MQTT5-4.7.3-4]. A filter that
// starts with a wildcard doesn't match a topic name that starts with '$' [MQTT5-4.7.2-1].
bool matches(std::string_view topic_filter, std::string_view topic_name);

}  // namespace mqttvet::codec
