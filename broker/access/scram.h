// SCRAM-SHA-256, the server's side (RFC 5802, RFC 7677), without channel binding.
//
//   client                                     server
//   n,,n=ann,r=CNONCE                 -->
//                                     <--      r=CNONCE SNONCE,s=SALT,i=4096
//   c=biws,r=CNONCE SNONCE,p=PROOF    -->
//                                     <--      v=SIGNATURE
//
// Names and passwords are compared byte by byte: SASLprep, which changes nothing of what is ASCII, is not
// applied. A user that does not exist gets an answer like all others, and fails at the end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/access/users.h"

namespace mqttvet::access {

inline constexpr std::string_view kScramSha256 = "SCRAM-SHA-256";

// What the server has to remember between its two answers.
struct ScramExchange {
  std::string user_name;
  Bytes gs2_header;
  Bytes client_first_bare;
  Bytes server_first;
};
Bytes to_bytes(const ScramExchange& exchange);
std::optional<ScramExchange> scram_exchange_from(BytesView bytes);

// The answer to the client's first message; nullopt: the message is malformed, or asks for channel binding.
// server_nonce: printable, without ','. secret: what the salts of users that do not exist are made from.
std::optional<ScramExchange> answer_client_first(const Users& users, BytesView client_first,
                                                 std::string_view server_nonce, BytesView secret);

// v=SIGNATURE, the answer to the client's last message; nullopt: it does not prove that it knows the
// password.
std::optional<Bytes> answer_client_final(const Users& users, const ScramExchange& exchange,
                                         BytesView client_final);

}  // namespace mqttvet::access
