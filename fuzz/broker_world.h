// A broker value and a world that keeps its side of the seam's contract and nothing more: clients come and
// go, the disk is slow or fails, time jumps, the process dies. After every step the broker's invariants are
// recomputed, and what the seam promises is required (broker/core/seam.h):
//   - actions name connections that are there; nothing is sent or closed after Close;
//   - records are numbered without a gap, and no Send waits for one that does not exist;
//   - the store can apply every record to what the records before it have made;
//   - a Tick leaves nothing that is due, and a connection is never asked to rest until a time that has
//   passed;
//   - who a client is, is asked for one step of an exchange at a time, with what the step before has left;
//   - whatever is sent makes sense to the client that gets it (client_view.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/core/broker.h"
#include "broker/core/test_store.h"
#include "fuzz/client_view.h"

namespace mqttvet::fuzz {

class BrokerWorld {
 public:
  // What happens by itself, at once, after each step.
  struct Habits {
    bool persists = true;
    bool writes = true;
    bool authenticates = true;  // success for everybody
  };
  BrokerWorld(core::Config config, Habits habits);

  // --- Connections: 0 .. kConnections-1, each one at a time ---
  static constexpr std::size_t kConnections = 4;
  // Closes what was there.
  void open(std::size_t which, core::ConnectionLimits limits = {},
            std::optional<std::string> certificate_name = {});
  void send(std::size_t which, const std::string& bytes);
  // These bytes come before the next ones that this connection sends.
  void hold_back(std::size_t which, const std::string& bytes);
  void written(std::size_t which, std::size_t bytes);  // as many, if there are so many
  void close(std::size_t which);
  ClientView* view(std::size_t which);  // nullptr: not connected

  // --- Who the clients are ---
  // Answers the oldest question, if there is one; only an exchange of AUTH packets can go on.
  void answer_authenticate(codec::ReasonCode reason_code, std::string user_name);
  void reload(core::AccessLists access_lists);

  // --- Disk, time, process ---
  void persist(std::size_t steps);  // the records of the oldest steps
  void fail_disk();                 // what waits is lost, and the broker stops
  void advance(std::chrono::nanoseconds time, bool ticks_late);
  void jump_wall_clock(std::chrono::nanoseconds by) { now_.wall += by; }
  void stop();
  void crash(std::chrono::nanoseconds down);  // and another process begins with what is on disk
  void hear_peer(const std::string& bytes);
  void redirect(core::Redirect redirect);
  core::Now now() const { return now_; }

  // The end: everybody leaves, every session expires, and nothing may be left of them.
  void finish(std::chrono::hours longest_life);

 private:
  struct Peer {
    core::ConnectionId id{};
    ClientView view;
    std::string held_back;
    std::size_t unwritten = 0;
    codec::Bytes exchange;  // what the last answer about it left to be remembered
    bool closed_by_broker = false;
  };
  struct Batch {  // of one step
    core::RecordSequence up_to{};
    std::vector<core::Record> records;
  };

  void step(const core::Input& input);
  void take(core::Send& send);
  void take(const core::Close& close);
  void take(core::Persist& persist);
  void take(const core::Throttle& throttle);
  void take(const core::Authenticate& question);
  template <class Other>
  void take(const Other&) {}  // nothing is promised of it
  Peer& find(core::ConnectionId id);
  void check();
  void tick();

  core::Config config_;
  Habits habits_;
  core::Now now_{core::Monotonic(std::chrono::hours(1)), core::Wall(std::chrono::hours(24 * 20000))};
  core::testing::Store store_;
  std::unique_ptr<core::Broker> broker_;
  std::map<std::size_t, Peer> peers_;
  std::deque<Batch> unpersisted_;
  std::deque<core::Authenticate> questions_;  // not answered yet
  std::uint64_t last_connection_ = 0;
  std::uint64_t last_record_ = 0;
  bool ended_ = false;  // stopped, or the disk has failed: another process has to begin
};

}  // namespace mqttvet::fuzz
