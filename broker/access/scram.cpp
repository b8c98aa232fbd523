#include "broker/access/scram.h"

#include <fmt/format.h>

#include <algorithm>

namespace mqttvet::access {
namespace {

// Takes "NAME=VALUE" off the front, and the ',' behind it. nullopt: something else is there.
std::optional<std::string_view> take_attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') return std::nullopt;
  const std::size_t end = std::min(text.find(','), text.size());
  const std::string_view value = text.substr(2, end - 2);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

bool is_nonce(std::string_view text) {
  const auto is_printable = [](char c) { return c >= 0x21 && c <= 0x7E && c != ','; };
  return !text.empty() && text.size() <= 1024 && std::all_of(text.begin(), text.end(), is_printable);
}

// "=2C" is ',' and "=3D" is '='; no other '=' may be there.
std::optional<std::string> user_name_from(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    if (text.starts_with("=2C") || text.starts_with("=3D")) {
      name += text[1] == '2' ? ',' : '=';
      text.remove_prefix(3);
    } else if (text[0] == '=' || text[0] == '\0') {
      return std::nullopt;
    } else {
      name += text[0];
      text.remove_prefix(1);
    }
  }
  return name.empty() ? std::nullopt : std::optional(name);
}

// The part before the message proper: "n,," or "y,,", perhaps with an authorization identity, which must be
// the user's own.
struct Gs2Header {
  Bytes text;
  std::optional<std::string> authorization_identity;
};
std::optional<Gs2Header> take_gs2_header(std::string_view& message) {
  const std::string_view whole = message;
  if (!message.starts_with("n,") && !message.starts_with("y,")) return std::nullopt;
  message.remove_prefix(2);
  Gs2Header header;
  if (message.starts_with(',')) {
    message.remove_prefix(1);
  } else {
    const auto identity = take_attribute(message, 'a');
    if (!identity) return std::nullopt;
    header.authorization_identity = user_name_from(*identity);
    if (!header.authorization_identity) return std::nullopt;
  }
  header.text = Bytes(whole.substr(0, whole.size() - message.size()));
  return header;
}

Bytes exclusive_or(BytesView a, BytesView b) {
  Bytes result(a);
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<char>(a[i] ^ b[i]);
  return result;
}

const ScramCredentials* scram_of(const Users& users, std::string_view user_name) {
  const Credentials* credentials = users.find(user_name);
  return credentials != nullptr && credentials->scram ? &*credentials->scram : nullptr;
}

// A user that does not exist has as many iterations as the others.
std::uint32_t usual_iterations(const Users& users) {
  for (const auto& [name, credentials] : users.all())
    if (credentials.scram) return credentials.scram->iterations;
  return ScramCredentials{}.iterations;
}

}  // namespace

// Four texts, each behind its length in four bytes.
Bytes to_bytes(const ScramExchange& exchange) {
  Bytes bytes;
  for (const std::string* part :
       {&exchange.user_name, &exchange.gs2_header, &exchange.client_first_bare, &exchange.server_first}) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(part->size() >> shift & 255);
    bytes += *part;
  }
  return bytes;
}

std::optional<ScramExchange> scram_exchange_from(BytesView bytes) {
  ScramExchange exchange;
  for (std::string* part :
       {&exchange.user_name, &exchange.gs2_header, &exchange.client_first_bare, &exchange.server_first}) {
    if (bytes.size() < 4) return std::nullopt;
    std::size_t size = 0;
    for (int i = 0; i < 4; ++i)
      size = size << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    bytes.remove_prefix(4);
    if (bytes.size() < size) return std::nullopt;
    *part = bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
  return bytes.empty() ? std::optional(exchange) : std::nullopt;
}

std::optional<ScramExchange> answer_client_first(const Users& users, BytesView client_first,
                                                 std::string_view server_nonce, BytesView secret) {
  std::string_view rest = client_first;
  const auto header = take_gs2_header(rest);
  if (!header) return std::nullopt;
  ScramExchange exchange;
  exchange.gs2_header = header->text;
  exchange.client_first_bare = Bytes(rest);
  const auto name = take_attribute(rest, 'n');  // "m=", an extension we must know, is refused here, too
  const auto nonce = name ? take_attribute(rest, 'r') : std::nullopt;
  const auto user_name = nonce && is_nonce(*nonce) ? user_name_from(*name) : std::nullopt;
  if (!user_name) return std::nullopt;
  if (header->authorization_identity && header->authorization_identity != user_name) return std::nullopt;
  exchange.user_name = *user_name;
  const ScramCredentials* known = scram_of(users, *user_name);
  const Bytes salt = known != nullptr ? known->salt : hmac_sha256(secret, *user_name).substr(0, 16);
  exchange.server_first = fmt::format("r={}{},s={},i={}", *nonce, server_nonce, to_base64(salt),
                                      known != nullptr ? known->iterations : usual_iterations(users));
  return exchange;
}

std::optional<Bytes> answer_client_final(const Users& users, const ScramExchange& exchange,
                                         BytesView client_final) {
  const std::size_t proof_at = client_final.rfind(",p=");
  if (proof_at == BytesView::npos) return std::nullopt;
  const BytesView without_proof = client_final.substr(0, proof_at);
  std::string_view rest = without_proof;
  const auto binding = take_attribute(rest, 'c');
  const auto nonce = binding ? take_attribute(rest, 'r') : std::nullopt;
  std::string_view server_first = exchange.server_first;
  if (!nonce || from_base64(*binding) != exchange.gs2_header || take_attribute(server_first, 'r') != *nonce)
    return std::nullopt;
  const auto proof = from_base64(client_final.substr(proof_at + 3));
  if (!proof || proof->size() != kSha256Bytes) return std::nullopt;

  const ScramCredentials* known = scram_of(users, exchange.user_name);
  const ScramCredentials nobody{1, {}, Bytes(kSha256Bytes, '\0'), Bytes(kSha256Bytes, '\0')};
  const ScramCredentials& credentials = known != nullptr ? *known : nobody;
  const Bytes auth_message =
      exchange.client_first_bare + "," + exchange.server_first + "," + Bytes(without_proof);
  const Bytes client_key = exclusive_or(*proof, hmac_sha256(credentials.stored_key, auth_message));
  const bool proven = equal_in_constant_time(sha256(client_key), credentials.stored_key);
  if (!proven || known == nullptr) return std::nullopt;
  return "v=" + to_base64(hmac_sha256(credentials.server_key, auth_message));
}

}  // namespace mqttvet::access
