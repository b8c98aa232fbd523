#include "sim/disk/vfs.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

namespace mqttvet::sim {
namespace {

constexpr std::int64_t kJulianOf1970Milliseconds = 210866760000000;

// What SQLite allocates for one open file; it begins with what SQLite knows of it.
struct OpenFile {
  sqlite3_file base;
  Disk* disk;
  Disk::Handle handle;
  std::string name;
  int lock;
  bool name_is_new;  // of a journal or log: to be made durable with the first sync
  bool delete_on_close;
};

OpenFile& open_file(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

int to_sqlite(Disk::Outcome outcome, int failure) {
  switch (outcome) {
    case Disk::Outcome::ok:
      return SQLITE_OK;
    case Disk::Outcome::full:
      return SQLITE_FULL;
    case Disk::Outcome::failed:
    case Disk::Outcome::not_found:
      break;
  }
  return failure;
}

// --- An open file: sqlite3_io_methods ----------------------------------------------------------------------

int x_unlock(sqlite3_file* file, int level);

int x_close(sqlite3_file* file) {
  OpenFile& f = open_file(file);
  x_unlock(file, SQLITE_LOCK_NONE);
  if (f.delete_on_close && f.disk->usable(f.handle)) f.disk->remove(f.name);
  f.~OpenFile();
  return SQLITE_OK;
}

int x_read(sqlite3_file* file, void* buffer, int size, sqlite3_int64 offset) {
  const OpenFile& f = open_file(file);
  if (!f.disk->usable(f.handle)) return SQLITE_IOERR_READ;
  const auto wanted = static_cast<std::size_t>(size);
  const std::string_view bytes = f.disk->read(f.handle, static_cast<std::size_t>(offset), wanted);
  char* end = std::copy(bytes.begin(), bytes.end(), static_cast<char*>(buffer));
  if (bytes.size() == wanted) return SQLITE_OK;
  std::memset(end, 0, wanted - bytes.size());  // SQLite relies on it
  return SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* buffer, int size, sqlite3_int64 offset) {
  const OpenFile& f = open_file(file);
  const std::string_view bytes(static_cast<const char*>(buffer), static_cast<std::size_t>(size));
  return to_sqlite(f.disk->write(f.handle, static_cast<std::size_t>(offset), bytes), SQLITE_IOERR_WRITE);
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  const OpenFile& f = open_file(file);
  return to_sqlite(f.disk->truncate(f.handle, static_cast<std::size_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int x_sync(sqlite3_file* file, int) {
  OpenFile& f = open_file(file);
  const Disk::Outcome content = f.disk->sync(f.handle);
  if (content != Disk::Outcome::ok || !f.name_is_new) return to_sqlite(content, SQLITE_IOERR_FSYNC);
  const Disk::Outcome name = f.disk->sync_directory();
  if (name == Disk::Outcome::ok) f.name_is_new = false;
  return to_sqlite(name, SQLITE_IOERR_DIR_FSYNC);
}

int x_file_size(sqlite3_file* file, sqlite3_int64* size) {
  const OpenFile& f = open_file(file);
  if (!f.disk->usable(f.handle)) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(f.handle.file->size());
  return SQLITE_OK;
}

// SHARED: any number, while nobody is EXCLUSIVE. RESERVED: one, beside readers. EXCLUSIVE: one, alone.
int x_lock(sqlite3_file* file, int level) {
  OpenFile& f = open_file(file);
  if (!f.disk->usable(f.handle)) return SQLITE_IOERR_LOCK;
  if (level <= f.lock) return SQLITE_OK;
  DiskFile::Locks& locks = f.handle.file->locks;
  const auto is_other = [&f](const void* holder) { return holder != nullptr && holder != &f; };
  if (is_other(locks.exclusive_by)) return SQLITE_BUSY;
  if (level >= SQLITE_LOCK_RESERVED && is_other(locks.reserved_by)) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && locks.shared_count > (f.lock >= SQLITE_LOCK_SHARED ? 1 : 0)) {
    return SQLITE_BUSY;
  }
  if (f.lock == SQLITE_LOCK_NONE) ++locks.shared_count;
  if (level >= SQLITE_LOCK_RESERVED) locks.reserved_by = &f;
  if (level == SQLITE_LOCK_EXCLUSIVE) locks.exclusive_by = &f;
  f.lock = level;
  return SQLITE_OK;
}

int x_unlock(sqlite3_file* file, int level) {
  OpenFile& f = open_file(file);
  if (level >= f.lock) return SQLITE_OK;
  if (f.disk->usable(f.handle)) {  // else: the crash has already forgotten the locks
    DiskFile::Locks& locks = f.handle.file->locks;
    if (locks.exclusive_by == &f) locks.exclusive_by = nullptr;
    if (locks.reserved_by == &f) locks.reserved_by = nullptr;
    if (level == SQLITE_LOCK_NONE) --locks.shared_count;
  }
  f.lock = level;
  return SQLITE_OK;
}

int x_check_reserved_lock(sqlite3_file* file, int* held) {
  const OpenFile& f = open_file(file);
  if (!f.disk->usable(f.handle)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  *held = f.handle.file->locks.reserved_by != nullptr;
  return SQLITE_OK;
}

int x_file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int x_sector_size(sqlite3_file* file) {
  return static_cast<int>(open_file(file).disk->options().sector_bytes);
}

// As on Linux: a write leaves the bytes beside it alone.
int x_device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 1,  // no shared memory, no memory mapping
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_file_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_check_reserved_lock,
    .xFileControl = x_file_control,
    .xSectorSize = x_sector_size,
    .xDeviceCharacteristics = x_device_characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

std::string unused_name() {
  static std::atomic<std::uint64_t> count{0};
  return "mqttvet-disk-" + std::to_string(++count);
}

}  // namespace

// --- The file system: sqlite3_vfs --------------------------------------------------------------------------

struct DiskVfsCalls {
  static DiskVfs& self(sqlite3_vfs* vfs) { return *static_cast<DiskVfs*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    DiskVfs& v = self(vfs);
    file->pMethods = nullptr;  // so that a failed open is not closed
    const std::string name = path != nullptr ? path : "temporary-" + std::to_string(++v.temporary_count_);
    const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
    Disk::Handle handle;
    if (v.disk_.open(name, create, handle) != Disk::Outcome::ok) return SQLITE_CANTOPEN;
    const bool is_log =
        (flags & (SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    const bool delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    new (file) OpenFile{{&kMethods},      &v.disk_,         std::move(handle), name,
                        SQLITE_LOCK_NONE, create && is_log, delete_on_close};
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
    Disk& disk = self(vfs).disk_;
    const Disk::Outcome outcome = disk.remove(path);
    if (outcome == Disk::Outcome::not_found) return SQLITE_IOERR_DELETE_NOENT;
    if (outcome != Disk::Outcome::ok) return SQLITE_IOERR_DELETE;
    return sync_directory != 0 ? to_sqlite(disk.sync_directory(), SQLITE_IOERR_DIR_FSYNC) : SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* path, int, int* answer) {
    const Disk& disk = self(vfs).disk_;
    if (disk.stopped()) return SQLITE_IOERR_ACCESS;
    *answer = disk.exists(path);
    return SQLITE_OK;
  }

  static int full_pathname(sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
  }

  static int randomness(sqlite3_vfs* vfs, int size, char* out) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(self(vfs).random_.below(256));
    return size;
  }

  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

  static int current_time_int64(sqlite3_vfs* vfs, sqlite3_int64* julian_milliseconds) {
    const DiskVfs& v = self(vfs);
    *julian_milliseconds = kJulianOf1970Milliseconds + (v.clock_ ? v.clock_() : 0);
    return SQLITE_OK;
  }

  static int current_time(sqlite3_vfs* vfs, double* julian_days) {
    sqlite3_int64 milliseconds = 0;
    current_time_int64(vfs, &milliseconds);
    *julian_days = static_cast<double>(milliseconds) / 86400000.0;
    return SQLITE_OK;
  }

  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

DiskVfs::DiskVfs(Disk& disk, std::uint64_t seed, Clock clock)
    : disk_(disk), random_(seed), clock_(std::move(clock)), name_(unused_name()) {
  sqlite3_initialize();
  const auto sqlite_seed = static_cast<int>(random_.below(0x7FFF'FFFF) + 1);  // 0 would mean: not seeded
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, sqlite_seed, static_cast<sqlite3*>(nullptr));
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.mxPathname = 512;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = DiskVfsCalls::open;
  vfs_.xDelete = DiskVfsCalls::remove;
  vfs_.xAccess = DiskVfsCalls::access;
  vfs_.xFullPathname = DiskVfsCalls::full_pathname;
  vfs_.xRandomness = DiskVfsCalls::randomness;
  vfs_.xSleep = DiskVfsCalls::sleep;
  vfs_.xCurrentTime = DiskVfsCalls::current_time;
  vfs_.xCurrentTimeInt64 = DiskVfsCalls::current_time_int64;
  vfs_.xGetLastError = DiskVfsCalls::last_error;
  sqlite3_vfs_register(&vfs_, 0);
}

DiskVfs::~DiskVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

}  // namespace mqttvet::sim
