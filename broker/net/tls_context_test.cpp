#include "broker/net/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "broker/net/test_certificates.h"

namespace mqttvet::net::testing {
namespace {

using SslPtr = std::unique_ptr<SSL, decltype(&SSL_free)>;

// What the server of `context` says about a client that has this certificate, or none.
Handshake handshake(SSL_CTX* context, const std::optional<CertificateAuthority::Files>& own) {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  std::thread client([&] {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings(SSL_CTX_new(TLS_client_method()),
                                                                     SSL_CTX_free);
    if (own) {
      SSL_CTX_use_certificate_file(settings.get(), own->certificate.c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(settings.get(), own->key.c_str(), SSL_FILETYPE_PEM);
    }
    const SslPtr stream(SSL_new(settings.get()), SSL_free);
    SSL_set_fd(stream.get(), ends[0]);
    EXPECT_EQ(SSL_connect(stream.get()), 1);
  });
  const SslPtr stream(SSL_new(context), SSL_free);
  SSL_set_fd(stream.get(), ends[1]);
  EXPECT_EQ(SSL_accept(stream.get()), 1);
  client.join();
  const Handshake result = tls_handshake_result(stream.get(), {});
  ::close(ends[0]);
  ::close(ends[1]);
  return result;
}

TEST(TlsContext, TheCommonNameOfAVerifiedCertificate_IsTheClientsName) {
  CertificateAuthority authority;
  const CertificateAuthority::Files broker = authority.issue("broker");
  ListenerConfig config{.address = {Scheme::mqtts, "127.0.0.1", 0, true},
                        .certificate_file = broker.certificate,
                        .key_file = broker.key,
                        .client_ca_file = authority.certificate_file(),
                        .verify_client = VerifyClient::optional};
  const auto loaded = load_tls_context(config);
  ASSERT_TRUE(std::holds_alternative<TlsContextPtr>(loaded)) << std::get<std::string>(loaded);
  SSL_CTX* context = std::get<TlsContextPtr>(loaded)->native_handle();
  EXPECT_EQ(handshake(context, authority.issue("sensor 7")).certificate_name, "sensor 7");
  EXPECT_EQ(handshake(context, std::nullopt).certificate_name, std::nullopt);
}

TEST(TlsContext, WithoutVerification_ACertificateNamesNobody) {
  CertificateAuthority authority;
  const CertificateAuthority::Files broker = authority.issue("broker");
  ListenerConfig config{.address = {Scheme::mqtts, "127.0.0.1", 0, true},
                        .certificate_file = broker.certificate,
                        .key_file = broker.key};
  const auto loaded = load_tls_context(config);
  ASSERT_TRUE(std::holds_alternative<TlsContextPtr>(loaded));
  SSL_CTX* context = std::get<TlsContextPtr>(loaded)->native_handle();
  EXPECT_EQ(handshake(context, authority.issue("mallory")).certificate_name, std::nullopt);
}

}  // namespace
}  // namespace mqttvet::net::testing
