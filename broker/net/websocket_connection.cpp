#include "broker/net/websocket_connection.h"

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <type_traits>
#include <utility>

#include "broker/net/kept_buffers.h"
#include "broker/net/websocket_upgrade.h"

namespace mqttvet::net {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = boost::asio::ssl;
namespace websocket = beast::websocket;
using boost::asio::ip::tcp;

// Of the HTTP request: browsers send a few hundred, with cookies some thousand.
constexpr std::uint32_t kHeaderBytesMax = 16 * 1024;

using SecureLayer = ssl::stream<tcp::socket>;

// Below: tcp::socket or SecureLayer.
template <class Below>
class WebSocketConnection final : public StreamConnection {
 public:
  template <class... Argument>
  WebSocketConnection(TlsContextPtr context, std::string path, Surroundings surroundings, Argument&&... below)
      : StreamConnection(std::move(surroundings)),
        context_(std::move(context)),
        path_(std::move(path)),
        stream_(std::forward<Argument>(below)...) {}

  void handshake(std::function<void(Handshake)> done) override {
    upgrade_ = std::make_unique<Upgrade>();
    upgrade_->done = std::move(done);
    upgrade_->parser.header_limit(kHeaderBytesMax);
    upgrade_->parser.body_limit(0);
    if constexpr (std::is_same_v<Below, SecureLayer>) {
      stream_.next_layer().async_handshake(
          ssl::stream_base::server, [self = self<WebSocketConnection>()](error_code error) {
            self->upgrade_->result = tls_handshake_result(self->stream_.next_layer().native_handle(), error);
            if (self->upgrade_->result.error) return self->end_handshake();
            self->read_request();
          });
    } else {
      read_request();
    }
  }

  // A packet is a frame, though it need not be: Paho C 1.3.12 looks at the second one in a frame only when
  // more bytes arrive.
  driver::Gather gather() const override { return driver::Gather::one; }

 private:
  // What is needed until the stream speaks WebSocket.
  struct Upgrade {
    std::function<void(Handshake)> done;
    Handshake result;
    beast::flat_buffer buffer{kHeaderBytesMax};
    http::request_parser<http::empty_body> parser;
    UpgradeRefusal refusal;
  };

  void read_request() {
    http::async_read_header(stream_.next_layer(), upgrade_->buffer, upgrade_->parser,
                            [self = self<WebSocketConnection>()](error_code error, std::size_t) {
                              if (error) return self->fail_handshake(error.message());
                              // RFC 6455 has the client wait for our answer; what it sends before is lost.
                              if (self->upgrade_->buffer.size() != 0)
                                return self->fail_handshake("bytes behind the request");
                              self->answer_request();
                            });
  }

  void answer_request() {
    auto judged = judge_upgrade(upgrade_->parser.get(), path_);
    if (auto* refusal = std::get_if<UpgradeRefusal>(&judged)) {
      upgrade_->refusal = std::move(*refusal);
      http::async_write(stream_.next_layer(), upgrade_->refusal,
                        [self = self<WebSocketConnection>()](error_code, std::size_t) {
                          std::string reason = self->upgrade_->refusal.body();
                          reason.pop_back();  // its line's end
                          self->fail_handshake(reason);
                        });
      return;
    }
    stream_.set_option(
        websocket::stream_base::decorator([protocol = std::get<std::string>(judged)](auto& response) {
          response.set(http::field::sec_websocket_protocol, protocol);
        }));
    stream_.async_accept(upgrade_->parser.get(), [self = self<WebSocketConnection>()](error_code error) {
      if (error) return self->fail_handshake(error.message());
      self->stream_.binary(true);
      self->stream_.auto_fragment(false);
      self->stream_.read_message_max(0);  // packets have a limit, messages of WebSocket need none
      self->end_handshake();
    });
  }

  void fail_handshake(const std::string& reason) {
    upgrade_->result.error = "WebSocket upgrade failed: " + reason;
    end_handshake();
  }
  void end_handshake() {
    const std::unique_ptr<Upgrade> ended = std::move(upgrade_);
    ended->done(std::move(ended->result));
  }

  void begin_read(std::size_t bytes_max) override {
    stream_.async_read_some(incoming_.room(bytes_max),
                            [self = self<WebSocketConnection>()](error_code error, std::size_t n) {
                              // A text frame ends the connection [MQTT5-6.0.0-1, MQTT311-6.0.0-1].
                              if (!error && n != 0 && self->stream_.got_text())
                                error = websocket::error::bad_opcode;
                              self->handle_read(error, self->incoming_.filled(n));
                            });
  }

  void begin_write(Views from) override {
    stream_.async_write(outgoing_.keep(from),
                        [self = self<WebSocketConnection>()](error_code error, std::size_t n) {
                          self->handle_written(error, n);
                        });
  }

  // Sends a Close frame, waits for the peer's, and ends what is below. A peer that never sends one is the
  // driver's to give up.
  void begin_end_of_stream() override {
    stream_.async_close(websocket::close_code::normal,
                        [self = self<WebSocketConnection>()](error_code) { self->handle_stream_ended(); });
  }

  void abort() override {
    error_code ignored;
    beast::get_lowest_layer(stream_).close(ignored);
  }

  TlsContextPtr context_;  // null without TLS
  std::string path_;
  websocket::stream<Below, false> stream_;  // false: no compression
  std::unique_ptr<Upgrade> upgrade_;        // during the handshake
  KeptReadBuffer incoming_;
  KeptPieces outgoing_;
};

}  // namespace

ConnectionPtr make_websocket_connection(tcp::socket socket, TlsContextPtr context, std::string path,
                                        Surroundings surroundings) {
  if (context) {
    ssl::context& tls = *context;
    return std::make_shared<WebSocketConnection<SecureLayer>>(
        std::move(context), std::move(path), std::move(surroundings), std::move(socket), tls);
  }
  return std::make_shared<WebSocketConnection<tcp::socket>>(nullptr, std::move(path), std::move(surroundings),
                                                            std::move(socket));
}

}  // namespace mqttvet::net
