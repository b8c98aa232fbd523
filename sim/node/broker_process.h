// One life of the broker on its node: from its start until it crashes. The World of its driver.
//
// Its events hold it weakly: those of a life that has ended do nothing. While the node is paused they wait in
// line.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/access/authenticator.h"
#include "broker/driver/world.h"
#include "broker/storage/store.h"
#include "sim/node/broker_node.h"

namespace mqttvet::sim {

class BrokerProcess : public std::enable_shared_from_this<BrokerProcess> {
 public:
  struct Socket {
    EndpointPtr endpoint;
    core::ConnectionId id{};
    std::vector<codec::BytesView> to_write;  // the driver's; empty: no write is in progress
    bool holding = false;                    // not read: it sends faster than it may
    bool finishing = false;                  // our stream has ended; what still comes is forgotten
    bool closed = false;
  };
  using Connection = std::shared_ptr<Socket>;

  BrokerProcess(BrokerNode& node, storage::Store store, core::Snapshot restored, std::uint64_t seed);
  ~BrokerProcess();

  void start();
  // It is over: nothing of it runs any more. The system closes its connections.
  void kill();
  // The same, without a word to anybody.
  void vanish();
  // The node's users and access lists are new ones.
  void reload();
  // After a pause: what has happened meanwhile, in order.
  void catch_up();

  core::Resources resources() const;
  const core::Counters& counters() const;
  std::size_t connection_count() const;

  // --- driver::World ---
  core::Now now() const { return node_.clock().now(); }
  void write(Connection& socket, std::span<const codec::BytesView> views);
  void close(Connection& socket, driver::CloseHow how);
  void commit(std::span<const core::Record> batch);
  void authenticate(core::Authenticate question);
  void arm(std::optional<core::Monotonic> deadline);
  void hold_reads(bool hold);
  void hold_reads(Connection& socket, bool hold);
  void log(const core::Log& line);

 private:
  using Work = std::function<void()>;

  // Wraps what is to happen in this life, and not during a pause.
  Work in_this_life(Work work);
  void run(Work work);

  void accept(EndpointPtr endpoint);
  void handle_change(const Connection& socket);
  bool rests(const Socket& socket) const;
  void read(const Connection& socket);
  void try_write(const Connection& socket);
  void gone(const Connection& socket);
  codec::Bytes random_bytes(std::size_t count);
  void execute_commit(std::span<const core::Record> batch);
  void end_commit(const std::optional<storage::StorageError>& error, bool disk_fault);
  void tick();
  Duration commit_latency();
  void check();

  BrokerNode& node_;
  World& world_;
  std::optional<storage::Store> store_;
  Random authentication_random_;
  access::Authenticator authenticator_;
  struct Running;  // broker and driver; the driver needs to know all of this class
  std::unique_ptr<Running> running_;
  std::map<core::ConnectionId, Connection> sockets_;
  std::deque<Work> waiting_;  // for the end of a pause
  std::optional<core::Monotonic> deadline_;
  World::EventId tick_event_ = World::EventId::none;
  Time tick_at_{0};
  std::uint64_t steps_until_check_ = 1;
  bool holding_ = false;
  bool dead_ = false;
};

}  // namespace mqttvet::sim
