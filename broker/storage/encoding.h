// The few values that no SQLite type holds: how they are written into a column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/codec/properties.h"
#include "broker/core/time.h"

namespace mqttvet::storage {

// User properties, as the standard writes them (section 1.5.7, UTF-8 String Pair): for each the name and the
// value, each with its length before it, in two bytes, most significant first. Absent: one of them is longer
// than 65535 bytes.
std::optional<std::string> encode(const codec::UserProperties& properties);
// Absent: the bytes end in the middle of a string, or after a name.
std::optional<codec::UserProperties> decode_user_properties(std::string_view bytes);

// Subscription identifiers: four bytes each, most significant first.
std::string encode(const std::vector<std::uint32_t>& subscription_identifiers);
// Absent: the length is no multiple of four.
std::optional<std::vector<std::uint32_t>> decode_subscription_identifiers(std::string_view bytes);

// An instant: nanoseconds since 1970-01-01 UTC. Far instants stop at the first or last that can be written.
std::int64_t to_column(core::Monotonic instant, core::Now now);
core::Monotonic to_monotonic(std::int64_t column, core::Now now);

}  // namespace mqttvet::storage
