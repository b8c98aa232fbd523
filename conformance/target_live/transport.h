// A byte stream over TCP, TLS, WebSocket or both: what differs between the schemes. Internal to this folder.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conformance/harness/target.h"
#include "conformance/target_live/url.h"

namespace mqttvet::conformance {

namespace asio = boost::asio;
using boost::system::error_code;
using Endpoints = std::vector<asio::ip::tcp::endpoint>;

// Everything is asynchronous on one io_context; at most one read and one write at a time. Whoever calls keeps
// it alive until the handler came.
class Transport {
 public:
  using Done = std::function<void(error_code)>;
  using Read = std::function<void(error_code, std::size_t bytes)>;

  virtual ~Transport() = default;
  // TCP, then the handshakes above it.
  virtual void open(const Endpoints& endpoints, Done done) = 0;
  virtual void read_some(asio::mutable_buffer into, Read done) = 0;
  // One WebSocket message for each call, framed so.
  virtual void write(Framing framing, asio::const_buffer bytes, Done done) = 0;
  // Of WebSocket, once open: what the target has chosen.
  virtual std::string sub_protocol() const { return {}; }
  // The goodbye of the layers above TCP, where there is one; FIN.
  virtual void finish(Done done) = 0;
  virtual asio::ip::tcp::socket& socket() = 0;  // the lowest layer
};

// `tls`: for mqtts and wss.
std::unique_ptr<Transport> make_transport(asio::io_context& context, asio::ssl::context& tls, const Url& url);
std::unique_ptr<Transport> make_websocket_transport(asio::io_context& context, asio::ssl::context& tls,
                                                    const Url& url);

// A connection that is open already.
std::unique_ptr<Transport> make_tcp_transport(asio::ip::tcp::socket socket);

// The first endpoint that answers; then options that every connection has.
void connect_socket(asio::ip::tcp::socket& socket, const Endpoints& endpoints, Transport::Done done);

}  // namespace mqttvet::conformance
