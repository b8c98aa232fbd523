#include "broker/net/listener.h"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <chrono>

#include "broker/net/clock.h"
#include "broker/net/tcp_connection.h"
#include "broker/net/tls_connection.h"
#include "broker/net/websocket_connection.h"

namespace mqttvet::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Level = core::Log::Level;

constexpr std::chrono::milliseconds kPauseWhenExhausted{100};

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                    : fmt::format("{}:{}", host, endpoint.port());
}

}  // namespace

Listener::Listener(asio::io_context& io, ListenerConfig config, TlsContextPtr context, Reports reports)
    : io_(io),
      acceptor_(io),
      pause_(io),
      config_(std::move(config)),
      context_(std::move(context)),
      reports_(std::move(reports)),
      address_(config_.address),
      admission_(config_.limits) {}

std::optional<std::string> Listener::open() {
  const tcp::endpoint endpoint(asio::ip::make_address(address_.host), address_.port);
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fmt::format("cannot listen on {}: {}", to_string(address_), error.message());
  address_.port = acceptor_.local_endpoint().port();
  return std::nullopt;
}

void Listener::start() {
  accept();
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& greeting : greetings_) greeting->connection->abandon();
}

void Listener::reconfigure(ListenerConfig config, TlsContextPtr context) {
  config_ = std::move(config);
  context_ = std::move(context);
  admission_.set_limits(config_.limits);
}

void Listener::log(Level level, std::string text) const {
  reports_.log({level, core::Log::Area::net, std::move(text)});
}

void Listener::accept() {
  acceptor_.async_accept(
      [this](error_code error, TcpSocket socket) { handle_accepted(error, std::move(socket)); });
}

void Listener::handle_accepted(error_code error, TcpSocket socket) {
  if (!acceptor_.is_open()) return;
  if (!error) {
    error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (!gone) admit(std::move(socket), text_of(peer));
    return accept();
  }
  // The client gave up before we came to it: no reason to wait.
  if (error == asio::error::connection_aborted) return accept();
  log(Level::error, fmt::format("cannot accept connections on {}: {}", to_string(address_), error.message()));
  pause_.expires_after(kPauseWhenExhausted);
  pause_.async_wait([this](error_code cancelled) {
    if (!cancelled && acceptor_.is_open()) accept();
  });
}

void Listener::admit(TcpSocket socket, std::string peer) {
  const core::Monotonic now = net::now().monotonic;
  std::optional<Place> place = admission_.admit(now);
  if (!place) {
    if (const auto refused = admission_.report(now))
      log(Level::warning, fmt::format("{}: {}", to_string(address_), *refused));
    return;
  }
  error_code ignored;  // a connection that is gone already says so at the first read
  socket.set_option(tcp::no_delay(true), ignored);

  const ListenerLimits& limits = config_.limits;
  core::ConnectionLimits of_connection;
  if (limits.packet_size_bytes_max != 0) of_connection.packet_size_bytes_max = limits.packet_size_bytes_max;
  of_connection.message_rate_max = limits.message_rate_max;
  of_connection.connect_by =
      now + (limits.connect_timeout.count() != 0 ? limits.connect_timeout : reports_.connect_timeout);
  core::Opened opened{{}, std::move(peer), std::nullopt, of_connection};
  ConnectionPtr connection = make_connection(std::move(socket), std::move(*place));
  if (config_.address.scheme == Scheme::mqtt)
    return reports_.arrived(std::move(connection), std::move(opened));
  greet(std::make_shared<Greeting>(
      Greeting{std::move(connection), std::move(opened), asio::steady_timer(io_)}));
}

ConnectionPtr Listener::make_connection(TcpSocket socket, Place place) {
  Surroundings surroundings{io_, reports_.events, reports_.gate, std::move(place)};
  switch (config_.address.scheme) {
    case Scheme::mqtt:
      return make_tcp_connection(std::move(socket), std::move(surroundings));
    case Scheme::mqtts:
      return make_tls_connection(std::move(socket), context_, std::move(surroundings));
    case Scheme::ws:
    case Scheme::wss:
      break;
  }
  return make_websocket_connection(std::move(socket), context_, config_.address.path,
                                   std::move(surroundings));
}

void Listener::greet(const std::shared_ptr<Greeting>& greeting) {
  greetings_.insert(greeting);
  greeting->limit.expires_at(
      std::chrono::steady_clock::time_point(greeting->opened.limits.connect_by->time_since_epoch()));
  greeting->limit.async_wait([greeting](error_code cancelled) {
    if (!cancelled) greeting->connection->abandon();
  });
  greeting->connection->handshake(
      [this, greeting](const Handshake& handshake) { handle_greeted(greeting, handshake); });
}

void Listener::handle_greeted(const std::shared_ptr<Greeting>& greeting, const Handshake& handshake) {
  greeting->limit.cancel();
  greetings_.erase(greeting);
  if (!acceptor_.is_open()) return;
  if (handshake.error)
    return log(Level::info, fmt::format("{}: {}", greeting->opened.peer, *handshake.error));
  if (config_.use_certificate_name) greeting->opened.certificate_name = handshake.certificate_name;
  reports_.arrived(std::move(greeting->connection), std::move(greeting->opened));
}

}  // namespace mqttvet::net
