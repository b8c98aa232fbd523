#include "broker/net/server.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <deque>
#include <tuple>
#include <utility>
#include <variant>

#include "broker/driver/driver.h"
#include "broker/net/asio_world.h"
#include "broker/net/listener.h"

namespace mqttvet::net {

using Level = core::Log::Level;
using boost::system::error_code;

namespace {
const std::string kSameAddresses = "listeners come and go with a restart only, not with a reload";
}  // namespace

class Server::State final : public ConnectionEvents {
 public:
  State(ServerOptions options, std::optional<storage::Store> store, core::Snapshot restored, core::Now now)
      : options_(std::move(options)),
        signals_(io_, SIGINT, SIGTERM, SIGHUP),
        world_(io_, std::move(store), options_.authenticate, options_.log),
        driver_(world_, core::Broker(options_.config, options_.seed, std::move(restored), now)) {
    world_.report_to(
        {.tick = [this] { tick(); },
         .turn_ended = [this] { driver_.turn_ended(); },
         .committed = [this](const std::optional<storage::StorageError>& error) { committed(error); },
         .authenticated = [this](core::Authenticated answer) { driver_.authenticated(std::move(answer)); }});
  }

  std::optional<std::string> listen(const ListenerConfig& config) {
    auto context = context_of(config);
    if (auto* error = std::get_if<std::string>(&context)) return *error;
    Listener& listener =
        listeners_.emplace_back(io_, config, std::get<TlsContextPtr>(std::move(context)), reports());
    std::optional<std::string> error = listener.open();
    if (error) listeners_.pop_back();
    return error;
  }

  std::optional<std::string> reload(const std::vector<ListenerConfig>& configs) {
    if (configs.size() != listeners_.size()) return kSameAddresses;
    std::vector<std::tuple<Listener*, const ListenerConfig*, TlsContextPtr>> changes;
    for (Listener& listener : listeners_) {
      const auto config = std::ranges::find_if(configs, [&](const ListenerConfig& one) {
        return to_string(one.address) == to_string(listener.config().address);
      });
      if (config == configs.end()) return kSameAddresses;
      auto context = context_of(*config);
      if (auto* error = std::get_if<std::string>(&context)) return *error;
      changes.emplace_back(&listener, &*config, std::get<TlsContextPtr>(std::move(context)));
    }
    for (auto& [listener, config, context] : changes) listener->reconfigure(*config, std::move(context));
    return std::nullopt;
  }

  void reload(core::AccessLists access_lists, const core::Config& config) {
    driver_.reload(std::move(access_lists), config);
  }

  std::vector<ListenAddress> addresses() const {
    std::vector<ListenAddress> addresses;
    for (const Listener& listener : listeners_) addresses.push_back(listener.address());
    return addresses;
  }

  std::optional<std::string> run() {
    wait_for_signal();
    for (Listener& listener : listeners_) listener.start();
    driver_.start();
    io_.run();
    return failure_;
  }

  void stop_from_anywhere() {
    boost::asio::post(io_, [this] { stop(); });
  }

 private:
  // --- Connections ---

  // None for what needs none.
  static std::variant<TlsContextPtr, std::string> context_of(const ListenerConfig& config) {
    if (!uses_tls(config.address.scheme)) return TlsContextPtr();
    return load_tls_context(config);
  }

  Listener::Reports reports() {
    return {.arrived = [this](ConnectionPtr connection,
                              core::Opened opened) { arrived(std::move(connection), std::move(opened)); },
            .log = options_.log,
            .events = *this,
            .gate = world_.read_gate(),
            .connect_timeout = options_.config.connect_timeout};
  }

  void arrived(ConnectionPtr connection, core::Opened opened) {
    const core::ConnectionId id = opened.connection = driver_.add(connection, connection->gather());
    driver_.opened(std::move(opened));
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
    signals_.async_wait([this](error_code error, int signal) {
      if (error) return;
      if (signal != SIGHUP && stopping_) return io_.stop();
      wait_for_signal();
      if (signal != SIGHUP) return stop();
      if (options_.on_hangup && !stopping_) options_.on_hangup();
    });
  }

  void stop() {
    if (std::exchange(stopping_, true)) return;
    options_.log({Level::info, core::Log::Area::broker, "stopping"});
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
  bool stopping_ = false;
};

Server::Server(ServerOptions options, std::optional<storage::Store> store, core::Snapshot restored,
               core::Now now)
    : state_(std::make_unique<State>(std::move(options), std::move(store), std::move(restored), now)) {}
Server::~Server() = default;

std::optional<std::string> Server::listen(const ListenerConfig& config) {
  return state_->listen(config);
}
std::optional<std::string> Server::reload(const std::vector<ListenerConfig>& configs) {
  return state_->reload(configs);
}
void Server::reload(core::AccessLists access_lists, const core::Config& config) {
  state_->reload(std::move(access_lists), config);
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
