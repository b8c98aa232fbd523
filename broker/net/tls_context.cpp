#include "broker/net/tls_context.h"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace mqttvet::net {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

struct Problem {
  std::string text;
};

std::string read_file(std::string_view key, const std::string& name) {
  if (name.empty()) throw Problem{fmt::format("{} is missing", key)};
  std::ifstream file(name, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad())
    throw Problem{fmt::format("{} '{}': {}", key, name, std::strerror(errno))};
  return content;
}

void require(const error_code& error, std::string_view key, const std::string& name,
             std::string_view expected) {
  if (error) throw Problem{fmt::format("{} '{}': expected {}: {}", key, name, expected, error.message())};
}

void load_certificate(ssl::context& context, const ListenerConfig& config) {
  error_code error;
  const std::string chain = read_file("certificate_file", config.certificate_file);
  context.use_certificate_chain(boost::asio::buffer(chain), error);
  require(error, "certificate_file", config.certificate_file, "a certificate in PEM form");

  const std::string key = read_file("key_file", config.key_file);
  // A daemon has nobody to ask for a pass phrase.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); },
                                error);
  context.use_private_key(boost::asio::buffer(key), ssl::context::pem, error);
  require(error, "key_file", config.key_file, "a private key in PEM form, without a pass phrase");
  if (SSL_CTX_check_private_key(context.native_handle()) != 1)
    throw Problem{fmt::format("key_file '{}': it is not the key of the certificate in '{}'", config.key_file,
                              config.certificate_file)};
}

void load_client_ca(ssl::context& context, const ListenerConfig& config) {
  if (config.verify_client == VerifyClient::off) return;
  error_code error;
  const std::string authorities = read_file("client_ca_file", config.client_ca_file);
  context.add_certificate_authority(boost::asio::buffer(authorities), error);
  require(error, "client_ca_file", config.client_ca_file, "certificates in PEM form");
  // What the client is told when it is asked for a certificate.
  SSL_CTX_set_client_CA_list(context.native_handle(), SSL_load_client_CA_file(config.client_ca_file.c_str()));
  context.set_verify_mode(config.verify_client == VerifyClient::required
                              ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert
                              : ssl::verify_peer);
}

TlsContextPtr load(const ListenerConfig& config) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Sessions are resumed with tickets, whose keys are this context's: a reload ends them.
  constexpr unsigned char kName[] = "mqttvet";
  SSL_CTX_set_session_id_context(native, kName, sizeof kName - 1);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  load_certificate(*context, config);
  load_client_ca(*context, config);
  return context;
}

// Absent unless there is exactly one, with text: it stands for a user, and must not leave a choice.
std::optional<std::string> common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return std::nullopt;
  unsigned char* text = nullptr;
  const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (length < 0) return std::nullopt;
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
  OPENSSL_free(text);
  if (name.empty() || name.find('\0') != std::string::npos) return std::nullopt;
  return name;
}

}  // namespace

std::variant<TlsContextPtr, std::string> load_tls_context(const ListenerConfig& config) {
  try {
    return load(config);
  } catch (const Problem& problem) {
    return fmt::format("{}: {}", to_string(config.address), problem.text);
  }
}

std::optional<std::string> check_files(const ListenerConfig& config) {
  if (!uses_tls(config.address.scheme)) return std::nullopt;
  const auto loaded = load_tls_context(config);
  const auto* wrong = std::get_if<std::string>(&loaded);
  return wrong == nullptr ? std::nullopt : std::optional(*wrong);
}

Handshake tls_handshake_result(SSL* tls, const error_code& error) {
  if (error) return {"TLS handshake failed: " + error.message(), std::nullopt};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(tls), X509_free);
  if (!certificate || SSL_get_verify_result(tls) != X509_V_OK) return {};
  return {std::nullopt, common_name(certificate.get())};
}

}  // namespace mqttvet::net
