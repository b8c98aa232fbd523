#include "broker/storage/encoding.h"

#include <limits>

namespace mqttvet::storage {
namespace {

constexpr std::size_t kStringBytesMax = 65535;

void append_string(std::string& bytes, std::string_view text) {
  bytes.push_back(static_cast<char>(text.size() >> 8));
  bytes.push_back(static_cast<char>(text.size() & 0xFF));
  bytes.append(text);
}

std::uint8_t byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

// Takes the first string off `bytes`.
std::optional<std::string> take_string(std::string_view& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const std::size_t size = static_cast<std::size_t>(byte_at(bytes, 0) << 8 | byte_at(bytes, 1));
  if (bytes.size() < 2 + size) return std::nullopt;
  std::string text(bytes.substr(2, size));
  bytes.remove_prefix(2 + size);
  return text;
}

// a + b - c, held within the range of the type.
std::int64_t saturated(std::int64_t a, std::int64_t b, std::int64_t c) {
  const __int128 sum = static_cast<__int128>(a) + b - c;
  if (sum < std::numeric_limits<std::int64_t>::min()) return std::numeric_limits<std::int64_t>::min();
  if (sum > std::numeric_limits<std::int64_t>::max()) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(sum);
}

}  // namespace

std::optional<std::string> encode(const codec::UserProperties& properties) {
  std::string bytes;
  for (const codec::UserProperty& property : properties) {
    if (property.name.size() > kStringBytesMax || property.value.size() > kStringBytesMax)
      return std::nullopt;
    append_string(bytes, property.name);
    append_string(bytes, property.value);
  }
  return bytes;
}

std::optional<codec::UserProperties> decode_user_properties(std::string_view bytes) {
  codec::UserProperties properties;
  while (!bytes.empty()) {
    auto name = take_string(bytes);
    auto value = name ? take_string(bytes) : std::nullopt;
    if (!value) return std::nullopt;
    properties.push_back({std::move(*name), std::move(*value)});
  }
  return properties;
}

std::string encode(const std::vector<std::uint32_t>& subscription_identifiers) {
  std::string bytes;
  for (const std::uint32_t identifier : subscription_identifiers) {
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(identifier >> shift & 0xFF));
  }
  return bytes;
}

std::optional<std::vector<std::uint32_t>> decode_subscription_identifiers(std::string_view bytes) {
  if (bytes.size() % 4 != 0) return std::nullopt;
  std::vector<std::uint32_t> identifiers;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    std::uint32_t identifier = 0;
    for (std::size_t k = 0; k < 4; ++k) identifier = identifier << 8 | byte_at(bytes, i + k);
    identifiers.push_back(identifier);
  }
  return identifiers;
}

std::int64_t to_column(core::Monotonic instant, core::Now now) {
  return saturated(instant.time_since_epoch().count(), now.wall.time_since_epoch().count(),
                   now.monotonic.time_since_epoch().count());
}

core::Monotonic to_monotonic(std::int64_t column, core::Now now) {
  return core::Monotonic(std::chrono::nanoseconds(
      saturated(column, now.monotonic.time_since_epoch().count(), now.wall.time_since_epoch().count())));
}

}  // namespace mqttvet::storage
