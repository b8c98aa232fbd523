// For tests: a server on 127.0.0.1 that does with each connection what the test wants, over TCP, TLS,
// WebSocket or both.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/target_live/url.h"

namespace mqttvet::conformance::testing {

std::string_view name_of(Url::Scheme scheme);  // "mqtts"

// A connection whose handshakes, if it has any, are done. What is written over WebSocket is what frames are
// made of.
class HostilePeer {
 public:
  virtual ~HostilePeer() = default;
  virtual bool write(std::string_view bytes) = 0;  // blocks; false: the client has gone
  virtual bool read() = 0;                         // something, and forgets it
  void write_for_ever(std::string_view bytes) {
    while (write(bytes)) {
    }
  }
  void read_to_the_end() {
    while (read()) {
    }
  }
};

class HostileServer {
 public:
  using Serve = std::function<void(HostilePeer& peer)>;
  using ServeSocket = std::function<void(boost::asio::ip::tcp::socket socket)>;

  // With every handshake of the scheme done as it should be.
  HostileServer(Url::Scheme scheme, Serve serve);
  // From the first byte on.
  HostileServer(Url::Scheme scheme, ServeSocket serve);
  ~HostileServer();  // waits for its clients to leave

  std::string url() const;

 private:
  void accept();

  Url::Scheme scheme_;
  ServeSocket serve_;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<std::thread> connections_;
  std::thread thread_;
};

}  // namespace mqttvet::conformance::testing
