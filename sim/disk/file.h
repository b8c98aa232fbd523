// One file of a simulated disk: what programs see, and what would still be there if the power went now.
//
//   write, truncate --> visible content, and a list of changes not yet on the platter
//   sync            --> the changes are on the platter
//   crash           --> each change on the list survives, is lost, or is torn; what results is what programs
//   then see
//
// A write is torn between sectors: any subset of its sectors may survive, a sector is written whole or not at
// all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world/random.h"

namespace mqttvet::sim {

// What a crash did to the changes that were not synced.
struct CrashToll {
  std::uint64_t survived = 0;
  std::uint64_t lost = 0;
  std::uint64_t torn = 0;
};

class DiskFile {
 public:
  // As long as the file has it; shorter at its end.
  std::string_view read(std::size_t offset, std::size_t size) const;
  void write(std::size_t offset, std::string_view bytes);
  void truncate(std::size_t size);
  std::size_t size() const { return visible_.size(); }

  void sync();
  // A sync has failed, and the cache has given the changes up, as Linux does: they stay visible, and no later
  // sync writes them. "Can applications recover from fsync failures?", Rebello et al., USENIX ATC 2020.
  void drop_unsynced() { unsynced_.clear(); }
  void crash(Random& random, std::size_t sector_bytes, CrashToll& toll);

  std::string_view durable() const { return durable_; }

  // Advisory locks, as SQLite takes them. The disk forgets them in a crash.
  struct Locks {
    int shared_count = 0;
    const void* reserved_by = nullptr;
    const void* exclusive_by = nullptr;
  };
  Locks locks;

 private:
  struct Change {
    enum class Kind : std::uint8_t { write, truncate } kind = Kind::write;
    std::size_t offset = 0;  // truncate: the new size
    std::string bytes;
  };
  static void apply(const Change& change, std::string& content);
  static void apply_torn(const Change& change, std::string& content, Random& random,
                         std::size_t sector_bytes);

  std::string visible_;
  std::string durable_;
  std::vector<Change> unsynced_;
};

}  // namespace mqttvet::sim
