// MQTT over WebSocket (chapter 6): binary messages, sub-protocol "mqtt"; a packet may be split over messages.
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "conformance/target_live/transport.h"

namespace mqttvet::conformance {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;

// The least that Beast permits.
constexpr std::size_t kFragmentBytes = 8;
constexpr std::size_t kBufferBytes = 4096;

using TlsStream = asio::ssl::stream<tcp::socket>;

template <class Layer>
class WebsocketTransport : public Transport {
 public:
  template <class... Arguments>
  explicit WebsocketTransport(const Url& url, Arguments&&... arguments)
      : url_(url), stream_(std::forward<Arguments>(arguments)...) {
    stream_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(beast::http::field::sec_websocket_protocol, "mqtt");
      request.set(beast::http::field::user_agent, "mqttvet");
    }));
  }

  void open(const Endpoints& endpoints, Done done) override {
    connect_socket(socket(), endpoints, [this, done = std::move(done)](error_code error) {
      if (error) return done(error);
      secure([this, done](error_code failed) {
        if (failed) return done(failed);
        const std::string host = url_.host + ":" + std::to_string(url_.port);
        stream_.async_handshake(answer_, host, url_.path, done);
      });
    });
  }
  void read_some(asio::mutable_buffer into, Read done) override {
    stream_.async_read_some(into, [this, done = std::move(done)](error_code error, std::size_t bytes) {
      // Control packets travel in binary messages only [MQTT5-6.0.0-1].
      if (!error && bytes > 0 && stream_.got_text()) error = websocket::error::bad_opcode;
      done(error, bytes);
    });
  }
  void write(Framing framing, asio::const_buffer bytes, Done done) override {
    stream_.text(framing == Framing::text);
    stream_.auto_fragment(framing == Framing::fragmented);
    stream_.write_buffer_bytes(framing == Framing::fragmented ? kFragmentBytes : kBufferBytes);
    stream_.async_write(bytes, [done = std::move(done)](error_code error, std::size_t) { done(error); });
  }
  std::string sub_protocol() const override {
    return std::string(answer_[beast::http::field::sec_websocket_protocol]);
  }
  // A Close frame; its answer is read by whoever reads.
  void finish(Done done) override { stream_.async_close(websocket::close_code::normal, std::move(done)); }
  tcp::socket& socket() override { return beast::get_lowest_layer(stream_); }

 private:
  void secure(Done done) {
    if constexpr (std::is_same_v<Layer, TlsStream>) {
      SSL_set_tlsext_host_name(stream_.next_layer().native_handle(), url_.host.c_str());
      stream_.next_layer().async_handshake(asio::ssl::stream_base::client, std::move(done));
    } else {
      done({});
    }
  }

  Url url_;
  websocket::stream<Layer> stream_;
  websocket::response_type answer_;
};

}  // namespace

std::unique_ptr<Transport> make_websocket_transport(asio::io_context& context, asio::ssl::context& tls,
                                                    const Url& url) {
  if (url.has_tls()) return std::make_unique<WebsocketTransport<TlsStream>>(url, context, tls);
  return std::make_unique<WebsocketTransport<tcp::socket>>(url, context);
}

}  // namespace mqttvet::conformance
