// A simulated disk: named files in memory with a volatile cache, and everything that can go wrong with it.
//
// Deterministic: the same calls, and the same generator given to crash(), give the same bytes. A disk with
// programs on it looks like this over time:
//
//   running --stop(), stop_after()--> stopped: every operation fails, as in a machine without power
//           --crash(random)---------> running again: un-synced changes have survived, are lost or torn;
//                                     files opened before the crash fail for ever
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/disk/file.h"
#include "sim/world/random.h"

namespace mqttvet::sim {

struct DiskOptions {
  std::size_t sector_bytes = 512;  // a power of two, at least 512: what is written whole or not at all
  std::uint64_t capacity_bytes = std::numeric_limits<std::uint64_t>::max();  // of all files together
  std::chrono::nanoseconds write_latency{0};                                 // told by take_latency()
  std::chrono::nanoseconds sync_latency{0};
  bool lying_sync = false;  // a sync does nothing and says it did: to prove that a test would notice
};

// Counted since the Disk was made. The second part: for each kind of fault, how often it took effect.
struct DiskCounters {
  std::uint64_t changes = 0;  // write, truncate, sync, create, delete: what stop_after() counts
  std::uint64_t writes = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t syncs = 0;
  std::uint64_t crashes = 0;

  std::uint64_t stops = 0;
  std::uint64_t failed_writes = 0;
  std::uint64_t failed_syncs = 0;
  std::uint64_t refused_when_full = 0;
  CrashToll toll;                // over all crashes
  std::uint64_t lost_names = 0;  // creations and deletions undone by a crash
};

class Disk {
 public:
  enum class Outcome : std::uint8_t { ok, failed, full, not_found };

  // A file as opened by a program. Fails for ever after a crash.
  struct Handle {
    std::shared_ptr<DiskFile> file;
    std::uint64_t boot = 0;
  };

  explicit Disk(DiskOptions options = {}) : options_(options) {}
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // --- For programs: the operating system's calls ---

  Outcome open(const std::string& name, bool create, Handle& handle);
  // Deletes the name; the content lives as long as somebody has it open.
  Outcome remove(const std::string& name);
  bool exists(const std::string& name) const { return names_.contains(name); }
  // False after a stop, and for a handle from before a crash.
  bool usable(const Handle& handle) const { return !stopped_ && handle.boot == boot_; }
  // Up to `size` bytes; fewer at the end of the file. REQUIRES: usable(handle).
  std::string_view read(const Handle& handle, std::size_t offset, std::size_t size) const {
    return handle.file->read(offset, size);
  }
  Outcome write(const Handle& handle, std::size_t offset, std::string_view bytes);
  Outcome truncate(const Handle& handle, std::size_t size);
  // Makes the content durable; its name is not, before sync_directory().
  Outcome sync(const Handle& handle);
  Outcome sync_directory();

  // --- For the simulation: faults ---

  // What the kernel does with the changes that a failed sync could not write: it gives them up, or keeps them
  // for the next.
  enum class FailedSync : std::uint8_t { drops_changes, keeps_changes };

  void fail_write(std::uint64_t nth = 1) { fail_write_in_ = nth; }  // the nth write from now, once
  void fail_sync(std::uint64_t nth = 1, FailedSync how = FailedSync::drops_changes);
  void set_capacity(std::uint64_t bytes) { options_.capacity_bytes = bytes; }
  // The power goes after this many more changes. With 0, at the next one.
  void stop_after(std::uint64_t changes) { stop_in_ = changes; }
  void stop();
  bool stopped() const { return stopped_; }
  // Ends the life of every open file and lock, draws the fate of every change that was not synced, and starts
  // the disk anew. Faults still armed are disarmed; the capacity stays.
  void crash(Random& random);
  // Every program has ended, killed, and the machine runs on: files and locks are closed, no change is lost.
  void end_programs();

  // How long the operations since the last call would have taken.
  std::chrono::nanoseconds take_latency();
  const DiskCounters& counters() const { return counters_; }
  std::uint64_t used_bytes() const;
  // Of every durable name and byte: equal for equal disks.
  std::uint64_t hash() const;

  const DiskOptions& options() const { return options_; }

 private:
  using Names = std::map<std::string, std::shared_ptr<DiskFile>>;
  struct NameChange {
    std::string name;
    std::shared_ptr<DiskFile> file;  // null: deleted
  };

  // Counts one change. False: the power is gone.
  bool begin_change();
  static void apply(const NameChange& change, Names& names);
  void crash_names(Random& random);

  DiskOptions options_;
  DiskCounters counters_;
  std::chrono::nanoseconds latency_{0};
  Names names_;
  Names durable_names_;
  std::vector<NameChange> unsynced_names_;
  std::uint64_t boot_ = 1;
  bool stopped_ = false;
  std::optional<std::uint64_t> stop_in_;
  std::uint64_t fail_write_in_ = 0;  // 0: not armed
  std::uint64_t fail_sync_in_ = 0;
  FailedSync failed_sync_ = FailedSync::drops_changes;
};

}  // namespace mqttvet::sim
