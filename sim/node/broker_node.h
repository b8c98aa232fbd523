// A machine of the simulated world with a broker on it: the broker value, its driver, its store on a
// simulated disk, its own clocks. It crashes and restarts; what the store kept comes back.
//
//   start() --> up --crash(), torn commit, failed commit--> down --after a while--> up, sessions restored
//               up --pause()--> nothing runs; what happens meanwhile is dealt with afterwards, in its order
//
// Everything it does is an event of the world and stands in the trace.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "broker/access/users.h"
#include "broker/core/broker.h"
#include "broker/core/config.h"
#include "sim/disk/disk.h"
#include "sim/disk/vfs.h"
#include "sim/network/network.h"
#include "sim/node/node_clock.h"
#include "sim/node/unsettled.h"
#include "sim/world/world.h"

namespace mqttvet::sim {

class BrokerProcess;

struct BrokerNodeOptions {
  std::string host = "broker";  // added to the network
  std::uint16_t port = 1883;
  core::Config config;
  core::ConnectionLimits limits;  // of its listener
  DiskOptions disk;
  // From the request of a commit to its execution, and again from there to the word of it: each is drawn from
  // here. What the disk itself takes comes on top.
  Duration commit_latency_min = std::chrono::microseconds(100);
  Duration commit_latency_max = std::chrono::microseconds(1500);
  // With config.access_lists.users: what their passwords are checked against, and how long that takes.
  std::shared_ptr<const access::Users> users;
  Duration authentication_latency_min = std::chrono::milliseconds(1);
  Duration authentication_latency_max = std::chrono::milliseconds(60);
  std::int64_t clock_drift_ppm = 0;
  Duration wall_clock_offset{0};
  std::uint64_t steps_per_check = 1;      // check_invariants() after every so many steps; 0: never
  Unsettled unsettled = Unsettled::none;  // delays each commit
};

// Something that must not be, whatever faults were injected.
struct NodeFinding {
  enum class Kind : std::uint8_t {
    invariant,     // Broker::check_invariants() or Store::check_invariants() named something
    load_failed,   // the store could not be opened or read after a crash; the node stays down
    store_failed,  // a commit failed though no fault of the disk was in play
  } kind = Kind::invariant;
  std::string text;
};

// How often each kind of fault took effect.
struct NodeEffects {
  int power_losses = 0;
  int kills = 0;
  int torn_commits = 0;    // among the power losses: those within a commit
  int failed_commits = 0;  // a disk fault made a commit fail, and the process ended itself
  int failed_starts = 0;   // the same, while the store was read
  int pauses = 0;
  int clock_jumps = 0;
  int restarts = 0;
};

class BrokerNode {
 public:
  using Report = std::function<void(const NodeFinding&)>;

  // World and network must outlive it. `report` is called from within events.
  BrokerNode(World& world, Network& network, BrokerNodeOptions options, Report report);
  ~BrokerNode();
  BrokerNode(const BrokerNode&) = delete;
  BrokerNode& operator=(const BrokerNode&) = delete;

  // Switches the machine on: loads the store and listens. No effect if it is up.
  void start();
  bool up() const { return process_ != nullptr; }
  // Called with true when the broker has come up, with false when it is gone; from within events.
  void on_life(std::function<void(bool up)> listener) { on_life_ = std::move(listener); }
  bool paused() const { return world_.now() < paused_until_; }

  // --- Faults. Each says whether it had an effect, or can have one: a node that is down can't crash. ---

  enum class CrashKind : std::uint8_t {
    power_lost,      // no word to anybody; un-synced changes of the disk are lost or torn
    process_killed,  // kill -9: the system closes the connections, and keeps what was written
  };
  bool crash(CrashKind kind, Duration restart_after);
  // The power goes at the nth change of the disk from now (1: the next), which is within a commit.
  bool crash_at_write(std::uint64_t nth, Duration restart_after);
  // The nth sync from now fails; the broker cannot trust its disk any more and ends itself.
  bool fail_sync(std::uint64_t nth, Duration restart_after);
  // The disk has no room from now on, until give_room(). What a commit then lacks makes it fail.
  bool fill_disk(Duration restart_after);
  void give_room();
  bool pause(Duration duration);
  bool jump_wall_clock(Duration by);
  // What SIGHUP does: other users and rules, now and after every restart. False: it is down, and will have
  // them when it comes up.
  bool reload(std::shared_ptr<const access::Users> users, core::AccessLists access_lists);
  // What the broker is configured with from its next start on.
  void configure(const core::Config& config) { options_.config = config; }
  // Disarms what has not struck yet, makes room on the disk, ends a pause, and starts the node if it is down.
  void heal();

  const NodeEffects& effects() const { return effects_; }

  // --- Looking in ---

  core::Resources resources() const;  // all 0 while it is down
  core::Counters counters() const;    // of all its lives
  std::size_t connection_count() const;
  const DiskCounters& disk_counters() const { return disk_.counters(); }
  const NodeClock& clock() const { return clock_; }

 private:
  friend class BrokerProcess;

  void fail_to_start(const std::string& error, std::uint64_t faults_before);
  std::uint64_t disk_faults() const;  // that have struck

  // What the process reports about its own end.
  void lose_power_in_commit();
  void fail_stop(const std::string& error, bool disk_fault);

  void end_process(CrashKind kind);
  void restart_after(Duration delay);
  void resume();
  void note(std::string_view what, std::uint64_t number = 0);

  World& world_;
  Network& network_;
  BrokerNodeOptions options_;
  Report report_;
  std::function<void(bool up)> on_life_;
  Random random_;
  NodeClock clock_;
  Disk disk_;
  DiskVfs vfs_;
  NodeEffects effects_;
  core::Counters past_;  // of the lives before this one
  Time paused_until_{0};
  Duration armed_restart_after_{std::chrono::seconds(1)};  // of the disk fault armed last
  World::EventId restart_event_ = World::EventId::none;
  World::EventId resume_event_ = World::EventId::none;
  std::shared_ptr<BrokerProcess> process_;  // null: down
};

}  // namespace mqttvet::sim
