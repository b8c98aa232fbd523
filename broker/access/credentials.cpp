#include "broker/access/credentials.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace mqttvet::access {
namespace {

constexpr std::uint64_t kScryptBytesMax = 256ull << 20;
constexpr std::uint64_t kIterationsMax = 1'000'000;
constexpr std::size_t kSaltBytesMax = 64;

// The fields between '$'; the first, before the first '$', must be empty.
std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> fields;
  if (!text.starts_with('$')) return fields;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::size_t end = std::min(text.find('$'), text.size());
    fields.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return fields;
}

// "i=4096" with the name "i=" gives 4096, and takes it off; a following ',' too.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view name, std::uint64_t most) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 1 || number > most) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(',')) text.remove_prefix(1);
  return static_cast<std::uint32_t>(number);
}

bool read_salt(std::string_view text, Bytes& salt) {
  salt = from_base64(text, false).value_or("");
  return !salt.empty() && salt.size() <= kSaltBytesMax;
}

bool read_key(std::string_view text, Bytes& key) {
  key = from_base64(text, false).value_or("");
  return key.size() == kSha256Bytes;
}

}  // namespace

Credentials make_credentials(BytesView password, BytesView scrypt_salt, BytesView scram_salt,
                             const Hardness& hardness) {
  Credentials credentials;
  if (auto hash = scrypt(password, scrypt_salt, hardness.scrypt))
    credentials.password = PasswordHash{hardness.scrypt, Bytes(scrypt_salt), std::move(*hash)};
  const Bytes salted = pbkdf2_sha256(password, scram_salt, hardness.scram_iterations);
  credentials.scram =
      ScramCredentials{hardness.scram_iterations, Bytes(scram_salt),
                       sha256(hmac_sha256(salted, "Client Key")), hmac_sha256(salted, "Server Key")};
  return credentials;
}

bool is_password(const PasswordHash& known, BytesView password) {
  const auto hash = scrypt(password, known.salt, known.cost);
  return hash && equal_in_constant_time(*hash, known.hash);
}

std::optional<PasswordHash> parse_password_hash(std::string_view text) {
  const std::vector<std::string_view> fields = fields_of(text);
  if (fields.size() != 4 || fields[0] != "scrypt") return std::nullopt;
  std::string_view cost = fields[1];
  const auto log2_n = take_number(cost, "ln=", 20);
  const auto r = log2_n ? take_number(cost, "r=", 64) : std::nullopt;
  const auto p = r ? take_number(cost, "p=", 16) : std::nullopt;
  if (!p || !cost.empty()) return std::nullopt;
  if (128ull * *r * (1ull << *log2_n) > kScryptBytesMax) return std::nullopt;
  PasswordHash hash{{*log2_n, *r, *p}, {}, {}};
  if (!read_salt(fields[2], hash.salt) || !read_key(fields[3], hash.hash)) return std::nullopt;
  return hash;
}

std::optional<ScramCredentials> parse_scram_credentials(std::string_view text) {
  const std::vector<std::string_view> fields = fields_of(text);
  if (fields.size() != 5 || fields[0] != "scram-sha-256") return std::nullopt;
  std::string_view cost = fields[1];
  const auto iterations = take_number(cost, "i=", kIterationsMax);
  if (!iterations || !cost.empty()) return std::nullopt;
  ScramCredentials scram{*iterations, {}, {}, {}};
  if (!read_salt(fields[2], scram.salt) || !read_key(fields[3], scram.stored_key) ||
      !read_key(fields[4], scram.server_key))
    return std::nullopt;
  return scram;
}

std::string to_text(const PasswordHash& hash) {
  return fmt::format("$scrypt$ln={},r={},p={}${}${}", hash.cost.log2_n, hash.cost.r, hash.cost.p,
                     to_base64(hash.salt, false), to_base64(hash.hash, false));
}

std::string to_text(const ScramCredentials& scram) {
  return fmt::format("$scram-sha-256$i={}${}${}${}", scram.iterations, to_base64(scram.salt, false),
                     to_base64(scram.stored_key, false), to_base64(scram.server_key, false));
}

}  // namespace mqttvet::access
