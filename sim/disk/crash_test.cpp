// The broker's store on the simulated disk: wherever the power goes, what is found afterwards is the state
// after the last successful commit, or after the one in progress. Never anything between them, never anything
// unreadable.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/storage/store.h"
#include "broker/storage/testing/model.h"
#include "broker/storage/testing/random_records.h"
#include "broker/storage/testing/records.h"
#include "sim/disk/vfs.h"

namespace mqttvet::sim {
namespace {

using storage::Result;
using storage::StorageError;
using storage::Store;
using storage::testing::describe;
using storage::testing::kWallFrame;
using storage::testing::Model;
using storage::testing::RandomRecords;

// One machine with one store: programs start, commit, end, and the power goes.
class Machine {
 public:
  Machine(DiskOptions options, std::uint64_t seed)
      : disk(options),
        vfs_(disk, seed),
        random_(seed),
        records_([this](std::uint64_t n) { return random_.below(n); }) {}
  ~Machine() { store_.reset(); }

  // Starts the program: opens and compares what is found. False: the disk let it down, which may be.
  bool start() {
    // A small log, so that it is copied into the database every few commits.
    Result<Store> store = Store::open("/mqttvet.db", {.vfs = vfs_.name(), .checkpoint_after_pages = 8});
    if (!store.ok()) return refuse(store.error());
    Result<core::Snapshot> snapshot = store->load(kWallFrame);
    if (!snapshot.ok()) return refuse(snapshot.error());
    const std::string found = describe(*snapshot);
    if (in_progress_ && found == describe(in_progress_->snapshot())) {
      committed_ = *in_progress_;
      ++in_progress_found;
    } else if (found != describe(committed_.snapshot())) {
      violation = "found neither the last commit nor the one in progress:\n" + found + "expected:\n" +
                  describe(committed_.snapshot());
    }
    in_progress_.reset();
    for (const std::string& problem : store->check_invariants()) violation = problem;
    store_ = std::move(*store);
    return true;
  }

  // False: the commit failed; the program has ended.
  bool commit() {
    Model next = committed_;
    std::vector<core::Record> batch;
    for (std::uint64_t count = random_.below(6); count > 0; --count) {
      batch.push_back(records_.next(next, kWallFrame));
      next.apply(batch.back(), kWallFrame);
    }
    batch.push_back(storage::testing::put_session("commit " + std::to_string(++commit_count_)));
    next.apply(batch.back(), kWallFrame);  // no two states are the same
    const std::optional<StorageError> error = store_->commit(batch, kWallFrame);
    if (!error) {
      committed_ = std::move(next);
      return true;
    }
    in_progress_ = std::move(next);
    store_.reset();
    return false;
  }

  void end() { store_.reset(); }

  // Killed: nothing is closed or copied any more, but the machine runs on.
  void kill() {
    disk.end_programs();
    store_.reset();
  }

  void lose_power() {
    disk.stop();
    store_.reset();
    disk.crash(random_);
  }

  // The faults up to now are over: they are no excuse for the next start.
  void settle() { forgiven_faults_ = fault_count(); }

  Random& random() { return random_; }

  Disk disk;
  std::string violation;  // empty: none
  int in_progress_found = 0;

 private:
  // Only a disk that has just let it down may stop a program from starting.
  bool refuse(const StorageError& error) {
    if (fault_count() == forgiven_faults_) violation = "cannot be opened: " + error.text;
    return false;
  }

  std::uint64_t fault_count() const {
    const DiskCounters& counters = disk.counters();
    return counters.stops + counters.failed_syncs + counters.failed_writes + counters.refused_when_full;
  }

  DiskVfs vfs_;
  Random random_;
  RandomRecords records_;
  Model committed_;
  std::optional<Model> in_progress_;
  std::optional<Store> store_;
  std::uint64_t forgiven_faults_ = 0;
  std::uint64_t commit_count_ = 0;
};

// Two programs, one after the other, a few commits each, and then the power goes. Stops at `stop_after`
// changes already if it is given. Afterwards a third program looks what there is, and a fourth after another
// crash.
std::string live_and_crash(DiskOptions options, std::uint64_t seed, std::optional<std::uint64_t> stop_after,
                           std::uint64_t* changes = nullptr) {
  Machine machine(options, seed);
  if (stop_after) machine.disk.stop_after(*stop_after);
  for (int program = 0; program < 2 && !machine.disk.stopped(); ++program) {
    if (!machine.start()) break;
    for (int i = 0; i < 6; ++i) {
      if (!machine.commit()) break;
    }
    if (program == 0) machine.end();
  }
  if (changes != nullptr) *changes = machine.disk.counters().changes;
  for (int crash = 0; crash < 2 && machine.violation.empty(); ++crash) {
    machine.lose_power();
    machine.settle();
    if (machine.start()) machine.commit();
  }
  return machine.violation;
}

TEST(CrashOfTheStore, LeavesTheLastCommitOrTheNext_AtEveryChangeOnTheDisk) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    std::uint64_t changes = 0;
    ASSERT_EQ(live_and_crash({}, seed, std::nullopt, &changes), "");
    ASSERT_GT(changes, 50u);
    for (std::uint64_t k = 0; k <= changes; ++k) {
      ASSERT_EQ(live_and_crash({}, seed, k), "")
          << "seed " << seed << ", power gone after " << k << " changes";
    }
  }
}

TEST(CrashOfTheStore, IsNoticed_WhenTheDiskLiesAboutItsSyncs) {
  int violations = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (std::uint64_t k = 0; k < 120; k += 3) {
      if (!live_and_crash({.lying_sync = true}, seed, k).empty()) ++violations;
    }
  }
  EXPECT_GT(violations, 20);
}

// Many lives of one machine, with every fault there is.
std::string live_dangerously(std::uint64_t seed, DiskCounters& total, int& in_progress_found) {
  Machine machine({.sector_bytes = seed % 2 == 0 ? 512u : 4096u}, seed);
  Random& random = machine.random();
  for (int life = 0; life < 15 && machine.violation.empty(); ++life) {
    machine.settle();
    if (machine.start()) {
      switch (random.below(6)) {
        case 0:
          machine.disk.fail_write(1 + random.below(20));
          break;
        case 1:
          machine.disk.fail_sync(1 + random.below(5), Disk::FailedSync::drops_changes);
          break;
        case 2:
          machine.disk.fail_sync(1 + random.below(5), Disk::FailedSync::keeps_changes);
          break;
        case 3:
          machine.disk.set_capacity(machine.disk.used_bytes() + random.below(30000));
          break;
        case 4:
          machine.disk.stop_after(random.below(40));
          break;
        default:
          break;
      }
      for (std::uint64_t commits = random.below(12); commits > 0 && machine.commit(); --commits) {
      }
    }
    if (random.chance(1, 3)) machine.kill();
    machine.end();  // ends in peace, or has ended; the next program finds the same machine, or one that lost
                    // its power
    machine.disk.set_capacity(std::numeric_limits<std::uint64_t>::max());
    if (machine.disk.stopped() || random.chance(1, 2)) machine.lose_power();
  }
  const DiskCounters& counters = machine.disk.counters();
  total.stops += counters.stops;
  total.failed_writes += counters.failed_writes;
  total.failed_syncs += counters.failed_syncs;
  total.refused_when_full += counters.refused_when_full;
  total.toll.torn += counters.toll.torn;
  total.lost_names += counters.lost_names;
  in_progress_found += machine.in_progress_found;
  return machine.violation;
}

TEST(CrashOfTheStore, LeavesTheLastCommitOrTheNext_ThroughManyLivesWithEveryFault) {
  DiskCounters total;
  int in_progress_found = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    ASSERT_EQ(live_dangerously(seed, total, in_progress_found), "") << "seed " << seed;
  }
  // Every fault took effect, and both outcomes were seen.
  EXPECT_GT(total.stops, 50u);
  EXPECT_GT(total.failed_writes, 50u);
  EXPECT_GT(total.failed_syncs, 50u);
  EXPECT_GT(total.refused_when_full, 50u);
  EXPECT_GT(total.toll.torn, 50u);
  EXPECT_GT(total.lost_names, 50u);
  EXPECT_GT(in_progress_found, 10);
}

// "fsyncgate": the sync of the log fails, and the system keeps showing what it will never write. A new
// program finds the failed commit complete, takes it for good, and appends the next behind it. That one is
// then synced, truly, and must stay.
TEST(CrashOfTheStore, KeepsACommitThatFollowsAFailedSync_ThoughTheProgramWasStartedAnewBetweenThem) {
  int in_progress_found = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Machine machine({}, seed);
    ASSERT_TRUE(machine.start());
    ASSERT_TRUE(machine.commit());
    machine.disk.fail_sync(1, Disk::FailedSync::drops_changes);
    ASSERT_FALSE(machine.commit());  // and the program ends
    machine.settle();
    ASSERT_TRUE(machine.start());
    in_progress_found += machine.in_progress_found;
    ASSERT_TRUE(machine.commit());
    machine.lose_power();
    machine.settle();
    machine.start();
    ASSERT_EQ(machine.violation, "") << "seed " << seed;
  }
  EXPECT_GT(in_progress_found, 10);  // the failed commit was there
}

TEST(StoreOnDisk, NeedsOneSyncForACommit) {
  Disk disk;
  DiskVfs vfs(disk);
  Result<Store> store = Store::open("/mqttvet.db", {.vfs = vfs.name()});
  ASSERT_TRUE(store.ok()) << store.error().text;
  ASSERT_FALSE(store->commit(std::vector<core::Record>{storage::testing::put_session("c")}, kWallFrame));
  const std::uint64_t before = disk.counters().syncs;
  std::vector<core::Record> batch;
  for (core::PacketId id = 1; id <= 100; ++id) batch.push_back(core::PutIncoming{"c", id});
  ASSERT_FALSE(store->commit(batch, kWallFrame));
  EXPECT_EQ(disk.counters().syncs, before + 1);
}

TEST(StoreOnDisk, RefusesASecondStore) {
  Disk disk;
  DiskVfs vfs(disk);
  Result<Store> first = Store::open("/mqttvet.db", {.vfs = vfs.name()});
  ASSERT_TRUE(first.ok());
  Result<Store> second = Store::open("/mqttvet.db", {.vfs = vfs.name()});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().text, "/mqttvet.db: is in use by another process, expected to be the only one");
}

TEST(StoreOnDisk, WritesTheSameBytes_WithTheSameSeed) {
  std::set<std::uint64_t> hashes;
  for (int run = 0; run < 3; ++run) {
    Machine machine({}, 7);
    machine.start();
    for (int i = 0; i < 10; ++i) machine.commit();
    hashes.insert(machine.disk.hash());
  }
  EXPECT_EQ(hashes.size(), 1u);
}

TEST(StoreOnDisk, LivesOnInAForkedProcess_WithoutItsParentNoticing) {
  Machine machine({}, 1);
  ASSERT_TRUE(machine.start());
  ASSERT_TRUE(machine.commit());
  const std::uint64_t before = machine.disk.hash();
  const pid_t child = ::fork();
  if (child == 0) {
    const bool fine = machine.commit() && machine.disk.hash() != before;
    machine.lose_power();
    ::_exit(fine && machine.start() && machine.violation.empty() ? 42 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_EQ(machine.disk.hash(), before);
  EXPECT_TRUE(machine.commit());
}

TEST(StoreOnDisk, LivesBesideOthersOnOtherDisks) {
  Machine one({}, 1), two({}, 2);
  ASSERT_TRUE(one.start());
  ASSERT_TRUE(two.start());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(one.commit() && two.commit());
  one.lose_power();
  ASSERT_TRUE(two.commit());
  ASSERT_TRUE(one.start());
  EXPECT_EQ(one.violation + two.violation, "");
}

}  // namespace
}  // namespace mqttvet::sim
