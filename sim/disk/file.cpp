#include "sim/disk/file.h"

#include <algorithm>

namespace mqttvet::sim {
namespace {

void put(std::string& content, std::size_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

std::string_view DiskFile::read(std::size_t offset, std::size_t size) const {
  if (offset >= visible_.size()) return {};
  return std::string_view(visible_).substr(offset, size);
}

void DiskFile::write(std::size_t offset, std::string_view bytes) {
  put(visible_, offset, bytes);
  unsynced_.push_back({Change::Kind::write, offset, std::string(bytes)});
}

void DiskFile::truncate(std::size_t size) {
  visible_.resize(size, '\0');
  unsynced_.push_back({Change::Kind::truncate, size, {}});
}

void DiskFile::sync() {
  for (const Change& change : unsynced_) apply(change, durable_);
  unsynced_.clear();
}

void DiskFile::crash(Random& random, std::size_t sector_bytes, CrashToll& toll) {
  // Drawn one by one, a long list would never be kept or lost as a whole; real caches often do just that.
  enum class Fate { survives, is_lost, is_torn };
  const std::uint64_t whole = random.below(4);
  for (const Change& change : unsynced_) {
    const Fate fate = static_cast<Fate>(whole < 2 ? whole : random.below(3));
    switch (fate) {
      case Fate::survives:
        apply(change, durable_);
        ++toll.survived;
        break;
      case Fate::is_lost:
        ++toll.lost;
        break;
      case Fate::is_torn:
        apply_torn(change, durable_, random, sector_bytes);
        ++toll.torn;
        break;
    }
  }
  unsynced_.clear();
  visible_ = durable_;
  locks = {};
}

void DiskFile::apply(const Change& change, std::string& content) {
  if (change.kind == Change::Kind::write) {
    put(content, change.offset, change.bytes);
  } else {
    content.resize(change.offset, '\0');
  }
}

void DiskFile::apply_torn(const Change& change, std::string& content, Random& random,
                          std::size_t sector_bytes) {
  if (change.kind == Change::Kind::truncate) {  // not divisible
    if (random.chance(1, 2)) apply(change, content);
    return;
  }
  const std::size_t end = change.offset + change.bytes.size();
  for (std::size_t start = change.offset; start < end;) {
    const std::size_t stop = std::min(end, (start / sector_bytes + 1) * sector_bytes);
    if (random.chance(1, 2)) {
      put(content, start, std::string_view(change.bytes).substr(start - change.offset, stop - start));
    }
    start = stop;
  }
}

}  // namespace mqttvet::sim
