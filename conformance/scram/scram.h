// SCRAM-SHA-256, the client's side (RFC 5802, RFC 7677): for the cases of enhanced authentication, and for
// what a raw client of a scenario answers when the plan gives it a password. Written apart from the broker's.
#pragma once

#include <string>
#include <string_view>

namespace mqttvet::conformance {

inline constexpr std::string_view kScramSha256 = "SCRAM-SHA-256";

// client_first: "n,,n=ann,r=NONCE", as it was sent; server_first: the broker's answer. Empty: the answer is
// not one to it.
std::string scram_client_final(std::string_view client_first, std::string_view server_first,
                               std::string_view password);

// Whether "v=SIGNATURE" proves that the broker knows the password too.
bool scram_is_from_server(std::string_view client_first, std::string_view server_first,
                          std::string_view server_final, std::string_view password);

}  // namespace mqttvet::conformance
