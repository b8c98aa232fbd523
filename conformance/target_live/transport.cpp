#include "conformance/target_live/transport.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace mqttvet::conformance {
namespace {

using asio::ip::tcp;

// Small, so that a client that stalls is felt by the target before megabytes have gone.
constexpr int kReceiveBufferBytes = 64 * 1024;

class TcpTransport : public Transport {
 public:
  explicit TcpTransport(tcp::socket socket) : socket_(std::move(socket)) {}

  void open(const Endpoints& endpoints, Done done) override {
    connect_socket(socket_, endpoints, std::move(done));
  }
  void read_some(asio::mutable_buffer into, Read done) override {
    socket_.async_read_some(into, std::move(done));
  }
  void write(Framing, asio::const_buffer bytes, Done done) override {
    asio::async_write(socket_, bytes,
                      [done = std::move(done)](error_code error, std::size_t) { done(error); });
  }
  void finish(Done done) override {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    done(error);
  }
  tcp::socket& socket() override { return socket_; }

 private:
  tcp::socket socket_;
};

class TlsTransport : public Transport {
 public:
  TlsTransport(asio::io_context& context, asio::ssl::context& tls, const Url& url) : stream_(context, tls) {
    SSL_set_tlsext_host_name(stream_.native_handle(), url.host.c_str());
  }

  void open(const Endpoints& endpoints, Done done) override {
    connect_socket(stream_.next_layer(), endpoints, [this, done = std::move(done)](error_code error) {
      if (error) return done(error);
      stream_.async_handshake(asio::ssl::stream_base::client, done);
    });
  }
  void read_some(asio::mutable_buffer into, Read done) override {
    stream_.async_read_some(into, std::move(done));
  }
  void write(Framing, asio::const_buffer bytes, Done done) override {
    asio::async_write(stream_, bytes,
                      [done = std::move(done)](error_code error, std::size_t) { done(error); });
  }
  // Waiting for the peer's close_notify would be another read beside ours: FIN is enough.
  void finish(Done done) override {
    error_code error;
    stream_.next_layer().shutdown(tcp::socket::shutdown_send, error);
    done(error);
  }
  tcp::socket& socket() override { return stream_.next_layer(); }

 private:
  asio::ssl::stream<tcp::socket> stream_;
};

}  // namespace

void connect_socket(tcp::socket& socket, const Endpoints& endpoints, Transport::Done done) {
  asio::async_connect(
      socket, endpoints, [&socket, done = std::move(done)](error_code error, const tcp::endpoint&) {
        error_code ignored;
        if (!error) {
          socket.set_option(tcp::no_delay(true), ignored);
          socket.set_option(asio::socket_base::receive_buffer_size(kReceiveBufferBytes), ignored);
        }
        done(error);
      });
}

std::unique_ptr<Transport> make_transport(asio::io_context& context, asio::ssl::context& tls,
                                          const Url& url) {
  if (url.has_websocket()) return make_websocket_transport(context, tls, url);
  if (url.has_tls()) return std::make_unique<TlsTransport>(context, tls, url);
  return make_tcp_transport(tcp::socket(context));
}

std::unique_ptr<Transport> make_tcp_transport(tcp::socket socket) {
  return std::make_unique<TcpTransport>(std::move(socket));
}

}  // namespace mqttvet::conformance
