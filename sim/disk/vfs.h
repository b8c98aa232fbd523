// Puts SQLite on a simulated disk: an SQLite VFS (sqlite.org/vfs.html) over a Disk.
//
//   Disk disk;
//   DiskVfs vfs(disk, seed, [&world] { return wall_clock_ms; });
//   Store::open("/data/mqttvet.db", {.vfs = vfs.name()});
//
// Deterministic: what SQLite asks the system for - randomness, time, sleep - comes from the arguments. It
// offers what a write-ahead log needs under an exclusive lock; no shared memory, and so no second connection
// to the same file. It behaves as SQLite's own VFS does on Linux: the first sync of a journal or log makes
// its name durable, too.
//
// REQUIRES: every connection on it is closed before it ends. Any number of them may exist; a process that
// forks keeps its.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/disk/disk.h"

namespace mqttvet::sim {

class DiskVfs {
 public:
  // Milliseconds since 1970-01-01 UTC.
  using Clock = std::function<std::int64_t()>;

  // Registers itself, under a name no other VFS of this process has. Seeds SQLite's own generator (it has one
  // for the process) as well, so that a run that begins with a new DiskVfs always writes the same bytes.
  explicit DiskVfs(Disk& disk, std::uint64_t seed = 0, Clock clock = nullptr);
  ~DiskVfs();
  DiskVfs(const DiskVfs&) = delete;
  DiskVfs& operator=(const DiskVfs&) = delete;

  const std::string& name() const { return name_; }

 private:
  friend struct DiskVfsCalls;

  Disk& disk_;
  Random random_;
  Clock clock_;
  std::string name_;
  std::uint64_t temporary_count_ = 0;
  sqlite3_vfs vfs_{};
};

}  // namespace mqttvet::sim
