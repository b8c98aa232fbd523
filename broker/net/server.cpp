#include "broker/net/server.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <deque>
#include <utility>

#include "broker/driver/driver.h"
#include "broker/net/asio_world.h"
#include "broker/net/listener.h"
#include "broker/net/tcp_connection.h"

namespace mqttvet::net {

using Level = core::Log::Level;
using boost::system::error_code;

class Server::State final : public ConnectionEvents {
 public:
  State(ServerOptions options, std::optional<storage::Store> store, core::Snapshot restored, core::Now now)
      : options_(std::move(options)),
        signals_(io_, SIGINT, SIGTERM),
        world_(io_, std::move(store), options_.log),
        driver_(world_, core::Broker(options_.config, options_.seed, std::move(restored), now)) {
    world_.report_to(
        {.tick = [this] { tick(); },
         .committed = [this](const std::optional<storage::StorageError>& error) { committed(error); }});
  }

  std::optional<std::string> listen(const ListenAddress& address) {
    Listener& listener = listeners_.emplace_back(io_);
    std::optional<std::string> error = listener.open(address);
    if (error) listeners_.pop_back();
    return error;
  }

  std::vector<ListenAddress> addresses() const {
    std::vector<ListenAddress> addresses;
    for (const Listener& listener : listeners_) addresses.push_back(listener.address());
    return addresses;
  }

  std::optional<std::string> run() {
    wait_for_signal();
    for (Listener& listener : listeners_)
      listener.start([this](auto socket, std::string peer) { accepted(std::move(socket), std::move(peer)); },
                     [this](const std::string& text) { options_.log(Level::error, text); });
    driver_.start();
    io_.run();
    return failure_;
  }

  void stop_from_anywhere() {
    boost::asio::post(io_, [this] { stop(); });
  }

 private:
  // --- Connections ---

  void accepted(boost::asio::ip::tcp::socket socket, std::string peer) {
    const bool full = driver_.connection_count() >= options_.connections_max;
    if (full != std::exchange(full_, full))
      options_.log(Level::warning,
                   full ? fmt::format("{} connections: no more are taken", options_.connections_max)
                        : std::string("connections are taken again"));
    if (full) return;
    const auto connection = std::make_shared<TcpConnection>(std::move(socket), *this, world_.read_gate());
    const core::ConnectionId id = driver_.add(connection);
    driver_.opened({id, std::move(peer)});
    connection->start(id);
  }

  void received(core::ConnectionId id, codec::BytesView bytes) override { driver_.received(id, bytes); }
  void wrote(core::ConnectionId id, std::size_t bytes) override { driver_.wrote(id, bytes); }
  void closed(core::ConnectionId id) override {
    driver_.closed(id);
    end_when_drained();
  }

  // --- Time and disk ---

  void tick() { driver_.tick(); }

  void committed(const std::optional<storage::StorageError>& error) {
    if (error) {
      // What is on disk is not known any more: only a new start can tell.
      failure_ = error->text;
      driver_.committed(false);
      return io_.stop();
    }
    driver_.committed(true);
    end_when_drained();
  }

  // --- The end ---

  void wait_for_signal() {
    signals_.async_wait([this](error_code error, int) {
      if (error) return;
      if (stopping_) return io_.stop();
      wait_for_signal();
      stop();
    });
  }

  void stop() {
    if (std::exchange(stopping_, true)) return;
    options_.log(Level::info, "stopping");
    for (Listener& listener : listeners_) listener.close();
    driver_.stop();
    end_when_drained();
  }

  void end_when_drained() {
    if (stopping_ && driver_.drained()) io_.stop();
  }

  ServerOptions options_;
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_;
  AsioWorld world_;
  driver::Driver<AsioWorld> driver_;
  std::deque<Listener> listeners_;
  std::optional<std::string> failure_;
  bool full_ = false;
  bool stopping_ = false;
};

Server::Server(ServerOptions options, std::optional<storage::Store> store, core::Snapshot restored,
               core::Now now)
    : state_(std::make_unique<State>(std::move(options), std::move(store), std::move(restored), now)) {}
Server::~Server() = default;

std::optional<std::string> Server::listen(const ListenAddress& address) {
  return state_->listen(address);
}
std::vector<ListenAddress> Server::addresses() const {
  return state_->addresses();
}
std::optional<std::string> Server::run() {
  return state_->run();
}
void Server::stop() {
  state_->stop_from_anywhere();
}

}  // namespace mqttvet::net
