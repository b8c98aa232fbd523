#include "sim/disk/disk.h"

#include <gtest/gtest.h>

namespace mqttvet::sim {
namespace {

using Outcome = Disk::Outcome;

Disk::Handle created(Disk& disk, const std::string& name) {
  Disk::Handle handle;
  EXPECT_EQ(disk.open(name, true, handle), Outcome::ok);
  return handle;
}

// The content of a file, or "(none)".
std::string content(Disk& disk, const std::string& name) {
  Disk::Handle handle;
  if (disk.open(name, false, handle) != Outcome::ok) return "(none)";
  return std::string(disk.read(handle, 0, 1 << 20));
}

TEST(Disk, KeepsWhatWasSynced_WhateverTheCrashDoes) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Disk disk;
    Disk::Handle file = created(disk, "a");
    disk.write(file, 0, "durable");
    disk.sync(file);
    disk.sync_directory();
    Random random(seed);
    disk.crash(random);
    EXPECT_EQ(content(disk, "a"), "durable");
  }
}

TEST(Disk, LosesKeepsOrTearsBetweenSectors_WhatWasNotSynced) {
  const std::string sector_a(512, 'a'), sector_b(512, 'b');
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Disk disk;
    Disk::Handle file = created(disk, "a");
    disk.write(file, 0, std::string(1024, '-'));
    disk.sync(file);
    disk.sync_directory();
    disk.write(file, 0, sector_a + sector_b);
    EXPECT_EQ(content(disk, "a"), sector_a + sector_b);  // programs see it at once
    Random random(seed);
    disk.crash(random);
    seen.insert(content(disk, "a"));
  }
  const std::string old(512, '-');
  EXPECT_EQ(seen, (std::set<std::string>{old + old, sector_a + sector_b, old + sector_b, sector_a + old}));
}

TEST(Disk, UnsyncedChangesSurviveIndependently_LaterOnesWithoutEarlierOnes) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Disk disk;
    Disk::Handle file = created(disk, "a");
    disk.sync_directory();
    disk.write(file, 0, "1");
    disk.write(file, 1, "2");
    Random random(seed);
    disk.crash(random);
    seen.insert(content(disk, "a"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"", "1", "12", std::string("\0002", 2)}));
}

TEST(Disk, ForgetsNamesThatWereNotSynced_AndRemembersDeletedOnes) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Disk disk;
    Disk::Handle old_file = created(disk, "old");
    disk.sync_directory();
    Disk::Handle new_file = created(disk, "new");
    disk.write(new_file, 0, "x");
    disk.sync(new_file);  // its content; not its name
    disk.remove("old");
    EXPECT_EQ(content(disk, "old"), "(none)");
    Random random(seed);
    disk.crash(random);
    seen.insert(content(disk, "old") + " " + content(disk, "new"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{" (none)", " x", "(none) (none)", "(none) x"}));
}

TEST(Disk, FailsEverythingAfterTheStop_AndOldHandlesAfterTheCrash) {
  Disk disk;
  Disk::Handle file = created(disk, "a");
  disk.sync_directory();
  disk.stop_after(1);
  EXPECT_EQ(disk.write(file, 0, "1"), Outcome::ok);
  EXPECT_EQ(disk.write(file, 1, "2"), Outcome::failed);
  EXPECT_TRUE(disk.stopped());
  EXPECT_EQ(disk.sync(file), Outcome::failed);
  EXPECT_FALSE(disk.usable(file));
  Disk::Handle again;
  EXPECT_EQ(disk.open("a", true, again), Outcome::failed);

  Random random(1);
  disk.crash(random);
  EXPECT_EQ(disk.write(file, 0, "1"), Outcome::failed);
  ASSERT_EQ(disk.open("a", false, again), Outcome::ok);
  EXPECT_EQ(disk.write(again, 0, "1"), Outcome::ok);
  EXPECT_EQ(disk.counters().stops, 1u);
  EXPECT_EQ(disk.counters().crashes, 1u);
}

TEST(Disk, LosesNothingWhenOnlyTheProgramsEnd) {
  Disk disk;
  Disk::Handle file = created(disk, "a");
  disk.write(file, 0, "1");
  disk.end_programs();
  EXPECT_FALSE(disk.usable(file));
  EXPECT_EQ(disk.write(file, 1, "2"), Outcome::failed);
  EXPECT_EQ(content(disk, "a"), "1");
  Random random(1);
  disk.crash(random);  // still not synced
  EXPECT_EQ(disk.counters().lost_names + disk.counters().toll.survived + disk.counters().toll.lost, 1u);
}

TEST(Disk, FailsTheNthWriteOnce) {
  Disk disk;
  Disk::Handle file = created(disk, "a");
  disk.fail_write(2);
  EXPECT_EQ(disk.write(file, 0, "1"), Outcome::ok);
  EXPECT_EQ(disk.counters().failed_writes, 0u);
  EXPECT_EQ(disk.write(file, 1, "2"), Outcome::failed);
  EXPECT_EQ(disk.write(file, 1, "3"), Outcome::ok);
  EXPECT_EQ(content(disk, "a"), "13");
  EXPECT_EQ(disk.counters().failed_writes, 1u);
}

TEST(Disk, FailedSyncGivesItsChangesUp_ThoughTheyStayVisible) {
  Disk disk;
  Disk::Handle file = created(disk, "a");
  disk.sync_directory();
  disk.write(file, 0, "1");
  disk.fail_sync();
  EXPECT_EQ(disk.sync(file), Outcome::failed);
  EXPECT_EQ(content(disk, "a"), "1");
  disk.write(file, 1, "2");
  EXPECT_EQ(disk.sync(file), Outcome::ok);
  Random random(1);
  disk.crash(random);
  EXPECT_EQ(content(disk, "a"), std::string("\0002", 2));
  EXPECT_EQ(disk.counters().failed_syncs, 1u);
}

TEST(Disk, FailedSyncThatKeepsItsChanges_IsMadeUpForByTheNext) {
  Disk disk;
  Disk::Handle file = created(disk, "a");
  disk.sync_directory();
  disk.write(file, 0, "1");
  disk.fail_sync(1, Disk::FailedSync::keeps_changes);
  EXPECT_EQ(disk.sync(file), Outcome::failed);
  EXPECT_EQ(disk.sync(file), Outcome::ok);
  Random random(1);
  disk.crash(random);
  EXPECT_EQ(content(disk, "a"), "1");
}

TEST(Disk, RefusesToGrowWhenFull_ButOverwrites) {
  Disk disk({.capacity_bytes = 4});
  Disk::Handle file = created(disk, "a");
  EXPECT_EQ(disk.write(file, 0, "1234"), Outcome::ok);
  EXPECT_EQ(disk.write(file, 4, "5"), Outcome::full);
  EXPECT_EQ(disk.write(file, 0, "abcd"), Outcome::ok);
  EXPECT_EQ(disk.counters().refused_when_full, 1u);
  disk.truncate(file, 0);
  EXPECT_EQ(disk.write(file, 0, "1"), Outcome::ok);
}

TEST(Disk, TellsHowLongItWouldHaveTaken) {
  Disk disk({.write_latency = std::chrono::milliseconds(1), .sync_latency = std::chrono::milliseconds(10)});
  Disk::Handle file = created(disk, "a");
  disk.write(file, 0, "1");
  disk.write(file, 1, "2");
  disk.sync(file);
  EXPECT_EQ(disk.take_latency(), std::chrono::milliseconds(12));
  EXPECT_EQ(disk.take_latency(), std::chrono::milliseconds(0));
}

}  // namespace
}  // namespace mqttvet::sim
