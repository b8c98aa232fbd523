// Accepts TCP connections on one address.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>

#include "broker/net/listen_address.h"

namespace mqttvet::net {

class Listener {
 public:
  using Accepted =
      std::function<void(boost::asio::ip::tcp::socket, std::string peer)>;  // peer: "127.0.0.1:40312"
  using Trouble = std::function<void(std::string text)>;

  explicit Listener(boost::asio::io_context& io) : acceptor_(io), pause_(io) {}

  // Binds and listens. Returns what went wrong, in one line, or nullopt.
  std::optional<std::string> open(const ListenAddress& address);

  // Accepts until close(). Without file descriptors or memory left it says so, waits a little, and goes on.
  void start(Accepted accepted, Trouble trouble);
  void close();

  // With the port that was given, if any was asked for. REQUIRES: open() succeeded.
  ListenAddress address() const { return address_; }

 private:
  void accept();
  void handle_accepted(boost::system::error_code error, boost::asio::ip::tcp::socket socket);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  ListenAddress address_;
  Accepted accepted_;
  Trouble trouble_;
};

}  // namespace mqttvet::net
