// What is kept of a user's password: enough to check it, not enough to know it.
//
//   $scrypt$ln=14,r=8,p=1$SALT$HASH                        for user name and password (PHC string format)
//   $scram-sha-256$i=4096$SALT$STORED_KEY$SERVER_KEY       for SCRAM-SHA-256 (RFC 5802, section 3)
//
// SALT and the rest are base64 without padding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/access/primitives.h"

namespace mqttvet::access {

struct PasswordHash {
  ScryptCost cost;
  Bytes salt;
  Bytes hash;
  bool operator==(const PasswordHash&) const = default;
};

struct ScramCredentials {
  std::uint32_t iterations = 4096;
  Bytes salt;
  Bytes stored_key;
  Bytes server_key;
  bool operator==(const ScramCredentials&) const = default;
};

struct Credentials {
  std::optional<PasswordHash> password;
  std::optional<ScramCredentials> scram;
  bool operator==(const Credentials&) const = default;
};

// How hard a guess is to be. RFC 7677 asks for 4096 iterations at least; a simulation takes less of both.
struct Hardness {
  ScryptCost scrypt;
  std::uint32_t scram_iterations = 4096;
};

// Salts: 16 bytes each.
Credentials make_credentials(BytesView password, BytesView scrypt_salt, BytesView scram_salt,
                             const Hardness& hardness = {});

// Slow on purpose.
bool is_password(const PasswordHash& known, BytesView password);

// Of one password hash or SCRAM credentials, as above; nullopt: it is neither, or would cost more than 256
// MiB of memory or a million iterations.
std::optional<PasswordHash> parse_password_hash(std::string_view text);
std::optional<ScramCredentials> parse_scram_credentials(std::string_view text);
std::string to_text(const PasswordHash& hash);
std::string to_text(const ScramCredentials& scram);

}  // namespace mqttvet::access
