#include "broker/access/primitives.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>

namespace mqttvet::access {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint64_t kScryptBytesMax = 1ull << 30;

const unsigned char* bytes_of(BytesView text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(Bytes& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
OSSL_PARAM octets(const char* name, BytesView text) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(text.data()), text.size());
}

// An OpenSSL without SHA-256 is not one.
void require(bool done) {
  if (!done) std::abort();
}

}  // namespace

Bytes sha256(BytesView data) {
  Bytes digest(kSha256Bytes, '\0');
  require(EVP_Digest(data.data(), data.size(), bytes_of(digest), nullptr, EVP_sha256(), nullptr) == 1);
  return digest;
}

Bytes hmac_sha256(BytesView key, BytesView data) {
  Bytes mac(kSha256Bytes, '\0');
  // A null key means something else to OpenSSL than an empty one.
  const char* key_bytes = key.empty() ? "" : key.data();
  require(HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()), bytes_of(data), data.size(),
               bytes_of(mac), nullptr) != nullptr);
  return mac;
}

Bytes pbkdf2_sha256(BytesView password, BytesView salt, std::uint32_t iterations) {
  Bytes key(kSha256Bytes, '\0');
  require(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                            static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                            static_cast<int>(key.size()), bytes_of(key)) == 1);
  return key;
}

std::optional<Bytes> scrypt(BytesView password, BytesView salt, const ScryptCost& cost) {
  using Kdf = std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)>;
  using Context = std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)>;
  const Kdf kdf(EVP_KDF_fetch(nullptr, "SCRYPT", nullptr), EVP_KDF_free);
  if (!kdf || cost.log2_n < 1 || cost.log2_n > 24) return std::nullopt;
  const Context context(EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free);
  std::uint64_t n = 1ull << cost.log2_n;
  std::uint32_t r = cost.r;
  std::uint32_t p = cost.p;
  std::uint64_t most = kScryptBytesMax;
  // An empty octet string must still have an address.
  const OSSL_PARAM parameters[] = {
      octets(OSSL_KDF_PARAM_PASSWORD, password.empty() ? BytesView("") : password),
      octets(OSSL_KDF_PARAM_SALT, salt.empty() ? BytesView("") : salt),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &most),
      OSSL_PARAM_construct_end(),
  };
  Bytes key(kSha256Bytes, '\0');
  if (EVP_KDF_derive(context.get(), bytes_of(key), key.size(), parameters) != 1) return std::nullopt;
  return key;
}

bool equal_in_constant_time(BytesView a, BytesView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count, '\0');
  require(RAND_bytes(bytes_of(bytes), static_cast<int>(count)) == 1);
  return bytes;
}

std::string to_base64(BytesView bytes, bool padded) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j <= count; ++j) text += kDigits[group >> (18 - 6 * j) & 63];
    if (padded) text.append(3 - count, '=');
  }
  return text;
}

std::optional<Bytes> from_base64(std::string_view text, bool padded) {
  if (padded) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 255);
  }
  const bool canonical = (bits & ((1u << count) - 1)) == 0;
  return canonical ? std::optional(bytes) : std::nullopt;
}

}  // namespace mqttvet::access
