#include "sim/disk/disk.h"

#include <set>

namespace mqttvet::sim {
namespace {

// Counts an armed fault down. True: now.
bool is_due(std::uint64_t& countdown) {
  return countdown > 0 && --countdown == 0;
}

}  // namespace

bool Disk::begin_change() {
  if (!stopped_ && stop_in_ && (*stop_in_)-- == 0) stop();
  if (stopped_) return false;
  ++counters_.changes;
  return true;
}

// --- Names -------------------------------------------------------------------------------------------------

Disk::Outcome Disk::open(const std::string& name, bool create, Handle& handle) {
  if (stopped_) return Outcome::failed;
  const auto found = names_.find(name);
  if (found != names_.end()) {
    handle = {found->second, boot_};
    return Outcome::ok;
  }
  if (!create) return Outcome::not_found;
  if (!begin_change()) return Outcome::failed;
  unsynced_names_.push_back({name, std::make_shared<DiskFile>()});
  apply(unsynced_names_.back(), names_);
  handle = {unsynced_names_.back().file, boot_};
  return Outcome::ok;
}

Disk::Outcome Disk::remove(const std::string& name) {
  if (stopped_) return Outcome::failed;
  if (!exists(name)) return Outcome::not_found;
  if (!begin_change()) return Outcome::failed;
  unsynced_names_.push_back({name, nullptr});
  apply(unsynced_names_.back(), names_);
  return Outcome::ok;
}

Disk::Outcome Disk::sync_directory() {
  if (!begin_change()) return Outcome::failed;
  ++counters_.syncs;
  latency_ += options_.sync_latency;
  if (is_due(fail_sync_in_)) {  // names are kept for the next: journalled, not cached
    ++counters_.failed_syncs;
    return Outcome::failed;
  }
  if (options_.lying_sync) return Outcome::ok;
  for (const NameChange& change : unsynced_names_) apply(change, durable_names_);
  unsynced_names_.clear();
  return Outcome::ok;
}

void Disk::apply(const NameChange& change, Names& names) {
  if (change.file != nullptr) {
    names[change.name] = change.file;
  } else {
    names.erase(change.name);
  }
}

// --- Content -----------------------------------------------------------------------------------------------

Disk::Outcome Disk::write(const Handle& handle, std::size_t offset, std::string_view bytes) {
  if (handle.boot != boot_ || !begin_change()) return Outcome::failed;
  ++counters_.writes;
  latency_ += options_.write_latency;
  if (is_due(fail_write_in_)) {
    ++counters_.failed_writes;
    return Outcome::failed;
  }
  const std::size_t end = offset + bytes.size();
  const std::size_t growth = end > handle.file->size() ? end - handle.file->size() : 0;
  if (growth > 0 && used_bytes() + growth > options_.capacity_bytes) {
    ++counters_.refused_when_full;
    return Outcome::full;
  }
  counters_.written_bytes += bytes.size();
  handle.file->write(offset, bytes);
  return Outcome::ok;
}

Disk::Outcome Disk::truncate(const Handle& handle, std::size_t size) {
  if (handle.boot != boot_ || !begin_change()) return Outcome::failed;
  handle.file->truncate(size);
  return Outcome::ok;
}

Disk::Outcome Disk::sync(const Handle& handle) {
  if (handle.boot != boot_ || !begin_change()) return Outcome::failed;
  ++counters_.syncs;
  latency_ += options_.sync_latency;
  if (is_due(fail_sync_in_)) {
    ++counters_.failed_syncs;
    if (failed_sync_ == FailedSync::drops_changes) handle.file->drop_unsynced();
    return Outcome::failed;
  }
  if (!options_.lying_sync) handle.file->sync();
  return Outcome::ok;
}

std::uint64_t Disk::used_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : names_) bytes += file->size();
  return bytes;
}

// --- Faults ------------------------------------------------------------------------------------------------

void Disk::fail_sync(std::uint64_t nth, FailedSync how) {
  fail_sync_in_ = nth;
  failed_sync_ = how;
}

void Disk::stop() {
  if (stopped_) return;
  stopped_ = true;
  ++counters_.stops;
}

void Disk::crash(Random& random) {
  ++counters_.crashes;
  crash_names(random);
  std::set<const DiskFile*> done;  // only asked, never walked: a file may have two names for a moment
  for (const auto& [name, file] : names_) {
    if (done.insert(file.get()).second) file->crash(random, options_.sector_bytes, counters_.toll);
  }
  ++boot_;
  stopped_ = false;
  stop_in_.reset();
  fail_write_in_ = fail_sync_in_ = 0;
}

void Disk::end_programs() {
  for (const auto& [name, file] : names_) file->locks = {};
  ++boot_;
}

// The changes of one name take place in their order: a prefix of them survives. Different names are
// independent.
void Disk::crash_names(Random& random) {
  std::set<std::string> given_up;
  const std::uint64_t whole = random.below(4);  // as in DiskFile::crash: often all or nothing
  for (const NameChange& change : unsynced_names_) {
    const bool survives = whole < 2 ? whole == 0 : random.chance(1, 2);
    if (!survives) given_up.insert(change.name);
    if (given_up.contains(change.name)) {
      ++counters_.lost_names;
    } else {
      apply(change, durable_names_);
    }
  }
  unsynced_names_.clear();
  names_ = durable_names_;
}

// --- Looking in --------------------------------------------------------------------------------------------

std::chrono::nanoseconds Disk::take_latency() {
  const std::chrono::nanoseconds latency = latency_;
  latency_ = std::chrono::nanoseconds(0);
  return latency;
}

std::uint64_t Disk::hash() const {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  const auto add = [&hash](std::string_view bytes) {
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ bytes.size()) * 0x100000001b3;
  };
  for (const auto& [name, file] : durable_names_) {
    add(name);
    add(file->durable());
  }
  return hash;
}

}  // namespace mqttvet::sim
