// Accepts connections on one address, within its limits, and makes their streams ready.
//
//   accept --> admitted? --no--> closed, counted, now and then logged
//                 | yes
//                 v
//   handshakes of TLS and WebSocket, at most until the time that CONNECT has --> arrived
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "broker/net/admission.h"
#include "broker/net/connection.h"
#include "broker/net/listener_config.h"
#include "broker/net/tcp_connection.h"
#include "broker/net/tls_context.h"

namespace mqttvet::net {

class Listener {
 public:
  // What it works with; the references must outlive it and its connections.
  struct Reports {
    // A stream that is ready; `opened` is complete but for the id.
    std::function<void(ConnectionPtr, core::Opened opened)> arrived;
    std::function<void(const core::Log&)> log;
    ConnectionEvents& events;
    ReadGate& gate;
    std::chrono::seconds connect_timeout;  // where the listener has none of its own
  };

  // context: of mqtts and wss.
  Listener(boost::asio::io_context& io, ListenerConfig config, TlsContextPtr context, Reports reports);

  // Binds and listens. Returns what went wrong, in one line, or nullopt.
  std::optional<std::string> open();

  // Accepts until close(). Without file descriptors or memory left it says so, waits a little, and goes on.
  void start();
  // Whoever is in a handshake has to go, too.
  void close();

  // Other limits and certificates for those who come from now on. REQUIRES: the same address.
  void reconfigure(ListenerConfig config, TlsContextPtr context);

  const ListenerConfig& config() const { return config_; }
  // With the port that was given, if any was asked for. REQUIRES: open() succeeded.
  ListenAddress address() const { return address_; }

 private:
  // One client in its handshake.
  struct Greeting {
    ConnectionPtr connection;
    core::Opened opened;
    boost::asio::steady_timer limit;
  };

  void log(core::Log::Level level, std::string text) const;
  void accept();
  void handle_accepted(boost::system::error_code error, TcpSocket socket);
  void admit(TcpSocket socket, std::string peer);
  ConnectionPtr make_connection(TcpSocket socket, Place place);
  void greet(const std::shared_ptr<Greeting>& greeting);
  void handle_greeted(const std::shared_ptr<Greeting>& greeting, const Handshake& handshake);

  boost::asio::io_context& io_;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type> acceptor_;
  boost::asio::steady_timer pause_;
  ListenerConfig config_;
  TlsContextPtr context_;
  Reports reports_;
  ListenAddress address_;
  Admission admission_;
  std::set<std::shared_ptr<Greeting>> greetings_;
};

}  // namespace mqttvet::net
