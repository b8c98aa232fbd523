#include "broker/net/tls_connection.h"

#include <boost/asio/ssl/stream.hpp>
#include <utility>

#include "broker/net/kept_buffers.h"

namespace mqttvet::net {
namespace {

namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;

class TlsConnection final : public StreamConnection {
 public:
  TlsConnection(tcp::socket socket, TlsContextPtr context, Surroundings surroundings)
      : StreamConnection(std::move(surroundings)),
        context_(std::move(context)),
        stream_(std::move(socket), *context_) {}

  void handshake(std::function<void(Handshake)> done) override {
    stream_.async_handshake(ssl::stream_base::server,
                            [self = self<TlsConnection>(), done = std::move(done)](error_code error) {
                              done(tls_handshake_result(self->stream_.native_handle(), error));
                            });
  }

 private:
  void begin_read(std::size_t bytes_max) override {
    stream_.async_read_some(incoming_.room(bytes_max),
                            [self = self<TlsConnection>()](error_code error, std::size_t n) {
                              self->handle_read(error, self->incoming_.filled(n));
                            });
  }

  void begin_write(Views from) override {
    stream_.async_write_some(
        outgoing_.keep(from),
        [self = self<TlsConnection>()](error_code error, std::size_t n) { self->handle_written(error, n); });
  }

  // Says close_notify and waits for the peer's. A peer that never says it is the driver's to give up: it
  // closes at once after its flush limit. One that still sends is read on.
  void begin_end_of_stream() override {
    stream_.async_shutdown([self = self<TlsConnection>()](error_code) {
      error_code ignored;
      self->stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
      self->handle_stream_ended();
    });
  }

  void abort() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

  TlsContextPtr context_;  // reload gives the listener another one
  ssl::stream<tcp::socket> stream_;
  KeptReadBuffer incoming_;
  KeptPieces outgoing_;
};

}  // namespace

ConnectionPtr make_tls_connection(tcp::socket socket, TlsContextPtr context, Surroundings surroundings) {
  return std::make_shared<TlsConnection>(std::move(socket), std::move(context), std::move(surroundings));
}

}  // namespace mqttvet::net
