// The cryptographic primitives that users and SCRAM are made of, all of them OpenSSL's; and base64.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/codec/bytes.h"

namespace mqttvet::access {

using codec::Bytes;
using codec::BytesView;

inline constexpr std::size_t kSha256Bytes = 32;

Bytes sha256(BytesView data);
Bytes hmac_sha256(BytesView key, BytesView data);

// Hi() of RFC 5802, section 2.2: PBKDF2 with HMAC-SHA-256, 32 bytes. iterations: at least 1.
Bytes pbkdf2_sha256(BytesView password, BytesView salt, std::uint32_t iterations);

// RFC 7914. N is 2 to the power of log2_n; it takes 128 * r * N bytes of memory.
struct ScryptCost {
  std::uint32_t log2_n = 14;
  std::uint32_t r = 8;
  std::uint32_t p = 1;
  bool operator==(const ScryptCost&) const = default;
};
// 32 bytes. nullopt: OpenSSL refuses the cost.
std::optional<Bytes> scrypt(BytesView password, BytesView salt, const ScryptCost& cost);

// Takes as long for any two texts of the same length.
bool equal_in_constant_time(BytesView a, BytesView b);

// From the system's generator.
Bytes random_bytes(std::size_t count);

// RFC 4648, section 4.
std::string to_base64(BytesView bytes, bool padded = true);
// Strict: no blanks, no line ends; padded or not, as said. nullopt: it is not base64.
std::optional<Bytes> from_base64(std::string_view text, bool padded = true);

}  // namespace mqttvet::access
