// A broker that serves real clients: sockets, signals, store and driver put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/config.h"
#include "broker/core/record.h"
#include "broker/core/seam.h"
#include "broker/net/listener_config.h"
#include "broker/storage/store.h"

namespace mqttvet::net {

struct ServerOptions {
  core::Config config;
  std::uint64_t seed = 1;  // of the generated client ids
  std::function<void(const core::Log&)> log{};
  // Finds out who a client is, on threads of its own and several at once. None: nobody is known.
  std::function<core::Authenticated(const core::Authenticate&)> authenticate{};
  // What SIGHUP does, on the thread of run(); it may call reload(). None: the signal is ignored.
  std::function<void()> on_hangup{};
};

class Server {
 public:
  // What is to be served: an opened store, or none, and what it had. `now` is the time the snapshot was
  // loaded with.
  Server(ServerOptions options, std::optional<storage::Store> store, core::Snapshot restored, core::Now now);
  ~Server();

  // Reads the listener's files and binds its address. Returns what went wrong, in one line, or nullopt.
  std::optional<std::string> listen(const ListenerConfig& config);
  // Reads the files of all listeners again and gives them to those who come from now on, together with the
  // limits; nobody who is connected notices. Returns what went wrong, in one line: then nothing has changed.
  // REQUIRES, or else says so: the same addresses as those that listen() was given, in any order. From within
  // on_hangup, or before run().
  std::optional<std::string> reload(const std::vector<ListenerConfig>& configs);
  // Gives the broker other users and rules, and what it takes of another configuration while it runs
  // (core/live_config.h). From within on_hangup, or before run().
  void reload(core::AccessLists access_lists, const core::Config& config);
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
