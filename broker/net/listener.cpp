#include "broker/net/listener.h"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <chrono>

namespace mqttvet::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kPauseWhenExhausted{100};

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                    : fmt::format("{}:{}", host, endpoint.port());
}

}  // namespace

std::optional<std::string> Listener::open(const ListenAddress& address) {
  address_ = address;
  const tcp::endpoint endpoint(asio::ip::make_address(address.host), address.port);
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fmt::format("cannot listen on {}: {}", to_string(address), error.message());
  address_.port = acceptor_.local_endpoint().port();
  return std::nullopt;
}

void Listener::start(Accepted accepted, Trouble trouble) {
  accepted_ = std::move(accepted);
  trouble_ = std::move(trouble);
  accept();
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::accept() {
  acceptor_.async_accept(
      [this](error_code error, tcp::socket socket) { handle_accepted(error, std::move(socket)); });
}

void Listener::handle_accepted(error_code error, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (!error) {
    error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (!gone) accepted_(std::move(socket), text_of(peer));
    return accept();
  }
  // The client gave up before we came to it: no reason to wait.
  if (error == asio::error::connection_aborted) return accept();
  trouble_(fmt::format("cannot accept connections on {}: {}", to_string(address_), error.message()));
  pause_.expires_after(kPauseWhenExhausted);
  pause_.async_wait([this](error_code cancelled) {
    if (!cancelled && acceptor_.is_open()) accept();
  });
}

}  // namespace mqttvet::net
