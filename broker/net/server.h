// A broker that serves real clients: sockets, signals, store and driver put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/config.h"
#include "broker/core/record.h"
#include "broker/core/seam.h"
#include "broker/net/listen_address.h"
#include "broker/storage/store.h"

namespace mqttvet::net {

struct ServerOptions {
  core::Config config;
  std::uint64_t seed = 1;                 // of the generated client ids
  std::size_t connections_max = 100'000;  // more are accepted and closed at once
  std::function<void(core::Log::Level, std::string_view)> log;
};

class Server {
 public:
  // What is to be served: an opened store, or none, and what it had. `now` is the time the snapshot was
  // loaded with.
  Server(ServerOptions options, std::optional<storage::Store> store, core::Snapshot restored, core::Now now);
  ~Server();

  // Binds the address. Returns what went wrong, in one line, or nullopt.
  std::optional<std::string> listen(const ListenAddress& address);
  // What it listens on, with the ports that were given.
  std::vector<ListenAddress> addresses() const;

  // Serves until SIGTERM or SIGINT; then says good-bye to every client, commits, and returns nullopt. A
  // second signal does not wait for the clients. Returns what went wrong if the store fails.
  std::optional<std::string> run();

  // As SIGTERM does. May be called from another thread.
  void stop();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace mqttvet::net
