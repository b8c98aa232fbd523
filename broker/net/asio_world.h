// The real world, as a driver sees it: the system's clocks and sockets, a timer, a store on its own thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "broker/driver/world.h"
#include "broker/net/clock.h"
#include "broker/net/connection.h"
#include "broker/net/storage_thread.h"

namespace mqttvet::net {

class AsioWorld {
 public:
  using Connection = ConnectionPtr;
  using Log = std::function<void(const core::Log&)>;

  // Reports on the thread that runs `io`.
  struct Events {
    std::function<void()> tick;
    std::function<void()> turn_ended;
    std::function<void(std::optional<storage::StorageError>)> committed;
    std::function<void(core::Authenticated)> authenticated;
  };

  // Finds out who a client is; slow. Called from several threads at once.
  using Authenticator = std::function<core::Authenticated(const core::Authenticate&)>;

  // No store: nothing is kept, and every commit is done as soon as it is asked for. No authenticator: nobody
  // is known.
  AsioWorld(boost::asio::io_context& io, std::optional<storage::Store> store, Authenticator authenticator,
            Log log);

  void report_to(Events events) { events_ = std::move(events); }
  ReadGate& read_gate() { return read_gate_; }

  // --- driver::World ---
  core::Now now() { return net::now(); }
  void write(ConnectionPtr& connection, std::span<const codec::BytesView> views) { connection->write(views); }
  void close(ConnectionPtr& connection, driver::CloseHow how) { connection->close(how); }
  void end_turn_soon();
  void commit(std::span<const core::Record> batch);
  void authenticate(core::Authenticate question);
  void arm(std::optional<core::Monotonic> deadline);
  void hold_reads(bool hold) { read_gate_.set_shut(hold); }
  void hold_reads(ConnectionPtr& connection, bool hold) { connection->hold_reads(hold); }
  void log(const core::Log& line) { log_(line); }

 private:
  void post_committed(std::optional<storage::StorageError> error);
  void wait();

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  Authenticator authenticator_;
  Log log_;
  Events events_;
  std::optional<core::Monotonic> deadline_;  // the one asked for
  std::optional<core::Monotonic> waiting_;   // the one the timer waits for; never later than deadline_
  ReadGate read_gate_;
  std::optional<StorageThread> storage_;  // these are last: their threads report to all of the above
  std::optional<boost::asio::thread_pool> authentication_;  // made for the first question
};
static_assert(driver::TakesTurns<AsioWorld>);

}  // namespace mqttvet::net
