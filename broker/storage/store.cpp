#include "broker/storage/store.h"

#include <fmt/format.h>

#include "broker/mutants/mutants.h"
#include "broker/storage/reader.h"
#include "broker/storage/schema.h"
#include "broker/storage/sqlite.h"
#include "broker/storage/writer.h"

namespace mqttvet::storage {
namespace {

std::int64_t ask_integer(Database& database, const char* sql) {
  Statement question(database, sql);
  question.next();
  return question.read_integer();
}

std::string ask_text(Database& database, const char* sql) {
  Statement question(database, sql);
  question.next();
  return question.read_text();
}

// True: the file is ours. False: it is empty, and may become ours. Throws Failure if it is neither, before
// anything has been written to it.
bool is_ours(Database& database) {
  const std::int64_t application_id = ask_integer(database, "PRAGMA application_id");
  const std::int64_t version = ask_integer(database, "PRAGMA user_version");
  if (application_id == 0 && version == 0 &&
      ask_integer(database, "SELECT count(*) FROM sqlite_schema") == 0) {
    return false;
  }
  if (application_id != kApplicationId) {
    database.fail(fmt::format("is not a mqttvet database: its application id is {:#x}, expected {:#x}",
                              application_id, kApplicationId));
  }
  if (version != kSchemaVersion) {
    database.fail(fmt::format("has schema version {}, expected {}: it was written by {} version of mqttvet",
                              version, kSchemaVersion, version > kSchemaVersion ? "a newer" : "another"));
  }
  return true;
}

// A log in which a commit appends pages and syncs once. The exclusive lock was asked for before, so that the
// log's index lives in this process's memory and needs no shared memory.
void use_write_ahead_log(Database& database) {
  const std::string mode = ask_text(database, "PRAGMA journal_mode = WAL");
  if (mode != "wal") database.fail(fmt::format("has journal mode {}, expected wal", mode));
}

void create_tables(Database& database) {
  database.execute("BEGIN IMMEDIATE");
  database.execute(kSchema);
  database.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, kSchemaVersion));
  database.execute("COMMIT");
}

void check_structure(Database& database) {
  const std::string answer = ask_text(database, "PRAGMA quick_check(1)");
  if (answer != "ok") database.fail(fmt::format("is damaged ({}); restore it from a copy", answer));
}

// Writes the log once more, byte for byte, and syncs it. After a failed sync the system may show bytes it
// will never write (docs/storage-format.md): the process that failed has ended, this one finds a complete
// commit, takes it for good, and what it appends behind would be lost with it. Copying the log into the
// database would not do: if the log's truncation is lost in the same way, its older commits come back over
// newer pages.
void make_log_durable(Database& database) {
  sqlite3_file* log = nullptr;
  const int code = sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code != SQLITE_OK || log == nullptr || log->pMethods == nullptr)
    database.fail("has no log that can be read");
  const auto check = [&database](int result) {
    if (result != SQLITE_OK) database.fail(result);
  };
  sqlite3_int64 size = 0;
  check(log->pMethods->xFileSize(log, &size));
  if (size == 0) return;
  std::vector<char> chunk(64 * 1024);
  for (sqlite3_int64 offset = 0; offset < size;) {
    const auto length =
        static_cast<int>(std::min<sqlite3_int64>(size - offset, static_cast<int>(chunk.size())));
    check(log->pMethods->xRead(log, chunk.data(), length, offset));
    check(log->pMethods->xWrite(log, chunk.data(), length, offset));
    offset += length;
  }
  check(log->pMethods->xSync(log, SQLITE_SYNC_NORMAL));
}

}  // namespace

class Store::State {
 public:
  State(const std::string& path, const StoreOptions& options) : database_(path, options.vfs) {
    database_.checkpoint_on_close(false);  // not before we know whose file it is
    database_.execute(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL");
    if (MUTANT(B123_torn_snapshot)) database_.execute("PRAGMA synchronous = OFF");
    database_.execute(fmt::format("PRAGMA cache_size = -{}; PRAGMA wal_autocheckpoint = {}",
                                  options.page_cache_bytes / 1024, options.checkpoint_after_pages));
    const bool ours = is_ours(database_);
    use_write_ahead_log(database_);
    if (!ours) create_tables(database_);
    check_structure(database_);
    make_log_durable(database_);
    writer_.emplace(database_);
    begin_.emplace(database_, "BEGIN");
    commit_.emplace(database_, "COMMIT");
    database_.checkpoint_on_close(true);
  }

  core::Snapshot load(core::Now now) { return read_snapshot(database_, now); }

  std::optional<StorageError> commit(std::span<const core::Record> batch, core::Now now) {
    if (failed_ || batch.empty()) return failed_;
    try {
      begin_->run();
      for (const core::Record& record : batch) writer_->write(record, now);
      writer_->finish_batch();
      commit_->run();
    } catch (const Failure& failure) {
      failed_ = failure.error;
      database_.try_execute("ROLLBACK");
      database_.checkpoint_on_close(false);
    }
    return failed_;
  }

  std::vector<std::string> check_invariants() { return writer_->check_invariants(); }

 private:
  Database database_;
  std::optional<Writer> writer_;
  std::optional<Statement> begin_, commit_;
  std::optional<StorageError> failed_;  // of the commit that was the last
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

Result<Store> Store::open(const std::string& path, const StoreOptions& options) {
  try {
    return Store(std::make_unique<State>(path, options));
  } catch (const Failure& failure) {
    return failure.error;
  }
}

Result<core::Snapshot> Store::load(core::Now now) {
  try {
    return state_->load(now);
  } catch (const Failure& failure) {
    return failure.error;
  }
}

std::optional<StorageError> Store::commit(std::span<const core::Record> batch, core::Now now) {
  return state_->commit(batch, now);
}

std::vector<std::string> Store::check_invariants() {
  try {
    return state_->check_invariants();
  } catch (const Failure& failure) {
    return {failure.error.text};
  }
}

}  // namespace mqttvet::storage
