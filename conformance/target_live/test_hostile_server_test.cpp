#include "conformance/target_live/test_hostile_server.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>

namespace mqttvet::conformance::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

template <class Stream>
class Peer : public HostilePeer {
 public:
  explicit Peer(Stream& stream) : stream_(stream) {}
  bool write(std::string_view bytes) override {
    error_code error;
    asio::write(stream_, asio::buffer(bytes), error);
    return !error;
  }
  bool read() override {
    error_code error;
    stream_.read_some(asio::buffer(buffer_), error);
    return !error;
  }

 private:
  Stream& stream_;
  std::array<char, 4096> buffer_;
};

// Signed by itself; nobody verifies it.
void make_certificate(asio::ssl::context& context) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  SSL_CTX_use_certificate(context.native_handle(), certificate.get());
  SSL_CTX_use_PrivateKey(context.native_handle(), key.get());
}

// What proves that the server has understood the request (RFC 6455, 4.2.2).
std::string accept_key(std::string text) {
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 32> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

template <class Stream>
bool upgrade(Stream& stream) {
  std::string request;
  error_code error;
  asio::read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", error);
  constexpr std::string_view kField = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(kField);
  if (error || at == std::string::npos) return false;
  const std::size_t begin = at + kField.size();
  const std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: " +
      accept_key(request.substr(begin, request.find("\r\n", begin) - begin)) + "\r\n\r\n";
  asio::write(stream, asio::buffer(answer), error);
  return !error;
}

template <class Stream>
void serve_layer(Stream& stream, bool websocket, const HostileServer::Serve& serve) {
  if (websocket && !upgrade(stream)) return;
  Peer<Stream> peer(stream);
  serve(peer);
}

HostileServer::ServeSocket with_handshakes(Url::Scheme scheme, HostileServer::Serve serve) {
  const bool websocket = scheme == Url::Scheme::ws || scheme == Url::Scheme::wss;
  if (scheme == Url::Scheme::mqtt || scheme == Url::Scheme::ws)
    return [=](tcp::socket socket) { serve_layer(socket, websocket, serve); };
  const auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  make_certificate(*context);
  return [=](tcp::socket socket) {
    asio::ssl::stream<tcp::socket> stream(std::move(socket), *context);
    error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    if (!error) serve_layer(stream, websocket, serve);
  };
}

}  // namespace

std::string_view name_of(Url::Scheme scheme) {
  constexpr std::string_view kNames[] = {"mqtt", "mqtts", "ws", "wss"};
  return kNames[static_cast<std::size_t>(scheme)];
}

HostileServer::HostileServer(Url::Scheme scheme, Serve serve)
    : HostileServer(scheme, with_handshakes(scheme, std::move(serve))) {}

HostileServer::HostileServer(Url::Scheme scheme, ServeSocket serve)
    : scheme_(scheme),
      serve_(std::move(serve)),
      acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  accept();
  thread_ = std::thread([this] { context_.run(); });
}

HostileServer::~HostileServer() {
  context_.stop();
  thread_.join();
  for (std::thread& connection : connections_) connection.join();
}

std::string HostileServer::url() const {
  return std::string(name_of(scheme_)) + "://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void HostileServer::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error) return;
    connections_.emplace_back([this](tcp::socket taken) { serve_(std::move(taken)); }, std::move(socket));
    accept();
  });
}

}  // namespace mqttvet::conformance::testing
