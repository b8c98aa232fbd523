#include "conformance/scram/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <optional>

namespace mqttvet::conformance {
namespace {

using Digest = std::array<unsigned char, 32>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Digest mac(std::string_view key, std::string_view data) {
  Digest digest{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(), digest.data(),
       nullptr);
  return digest;
}
Digest hash(const Digest& data) {
  Digest digest{};
  EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}
std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string base64(const Digest& digest) {
  std::array<unsigned char, 45> text{};
  const int size = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) text.remove_suffix(1), ++padding;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// r=NONCE,s=SALT,i=ITERATIONS
struct ServerFirst {
  std::string nonce;
  std::string salt;
  int iterations = 0;
};
std::optional<ServerFirst> parse(std::string_view text) {
  const std::size_t salt_at = text.find(",s=");
  const std::size_t iterations_at = text.find(",i=");
  if (!text.starts_with("r=") || salt_at == text.npos || iterations_at == text.npos ||
      iterations_at < salt_at)
    return std::nullopt;
  ServerFirst first{std::string(text.substr(2, salt_at - 2)), {}, 0};
  const auto salt = from_base64(text.substr(salt_at + 3, iterations_at - salt_at - 3));
  const std::string_view number = text.substr(iterations_at + 3);
  std::from_chars(number.data(), number.data() + number.size(), first.iterations);
  if (!salt || first.iterations < 1) return std::nullopt;
  first.salt = *salt;
  return first;
}

// What both sides prove that they know.
struct Keys {
  Digest salted_password{};
  std::string without_proof;
  std::string auth_message;
};
std::optional<Keys> keys_of(std::string_view client_first, std::string_view server_first,
                            std::string_view password) {
  const auto first = parse(server_first);
  const std::size_t nonce_at = client_first.find(",r=");
  if (!first || !client_first.starts_with("n,,") || nonce_at == client_first.npos) return std::nullopt;
  if (!first->nonce.starts_with(client_first.substr(nonce_at + 3))) return std::nullopt;
  Keys keys;
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(first->salt),
                    static_cast<int>(first->salt.size()), first->iterations, EVP_sha256(),
                    static_cast<int>(keys.salted_password.size()), keys.salted_password.data());
  keys.without_proof = "c=biws,r=" + first->nonce;
  keys.auth_message =
      std::string(client_first.substr(3)) + "," + std::string(server_first) + "," + keys.without_proof;
  return keys;
}

}  // namespace

std::string scram_client_final(std::string_view client_first, std::string_view server_first,
                               std::string_view password) {
  const auto keys = keys_of(client_first, server_first, password);
  if (!keys) return {};
  Digest proof = mac(view(keys->salted_password), "Client Key");
  const Digest signature = mac(view(hash(proof)), keys->auth_message);
  for (std::size_t i = 0; i < proof.size(); ++i)
    proof[i] = static_cast<unsigned char>(proof[i] ^ signature[i]);
  return keys->without_proof + ",p=" + base64(proof);
}

bool scram_is_from_server(std::string_view client_first, std::string_view server_first,
                          std::string_view server_final, std::string_view password) {
  const auto keys = keys_of(client_first, server_first, password);
  if (!keys) return false;
  const Digest server_key = mac(view(keys->salted_password), "Server Key");
  return server_final == "v=" + base64(mac(view(server_key), keys->auth_message));
}

}  // namespace mqttvet::conformance
