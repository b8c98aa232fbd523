#include "broker/storage/sqlite.h"

#include <fmt/format.h>

namespace mqttvet::storage {

namespace {

// Before anything starts SQLite: its statistics of memory take a mutex with every allocation, and nobody
// reads them.
[[maybe_unused]] const int kWithoutStatistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

}  // namespace

// --- Database ----------------------------------------------------------------------------------------------

Database::Database(std::string path, const std::string& vfs) : path_(std::move(path)) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) {
    const std::string reason = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    sqlite3_close(handle_);
    throw Failure{{fmt::format("{}: cannot be opened: {}", path_, reason)}};
  }
  if (sqlite3_db_readonly(handle_, "main") == 1) {
    sqlite3_close(handle_);
    throw Failure{{fmt::format("{}: cannot be written to, expected read and write permission", path_)}};
  }
}

Database::~Database() {
  sqlite3_close(handle_);
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

void Database::try_execute(const char* sql) noexcept {
  sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
}

void Database::checkpoint_on_close(bool enabled) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, enabled ? 0 : 1, nullptr);
}

void Database::fail(std::string_view what) const {
  throw Failure{{fmt::format("{}: {}", path_, what)}};
}

void Database::fail(int code) const {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      fail("is in use by another process, expected to be the only one");
    case SQLITE_NOTADB:
      fail("is not a mqttvet database, expected an SQLite file or none");
    case SQLITE_CORRUPT:
      fail(fmt::format("is damaged ({}); restore it from a copy", sqlite3_errmsg(handle_)));
    case SQLITE_FULL:
      fail("the disk is full");
    case SQLITE_IOERR:  // which operation, is in the code: sqlite.org/rescode.html
      fail(fmt::format("the disk failed (SQLite result code {})", code));
    default:
      fail(fmt::format("{} (SQLite result code {})", sqlite3_errmsg(handle_), code));
  }
}

// --- Statement: parameters ---------------------------------------------------------------------------------

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  const int code = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code == SQLITE_ERROR) {  // a table or column that is not there
    database.fail(fmt::format("is damaged ({}); restore it from a copy", sqlite3_errmsg(database.handle())));
  }
  if (code != SQLITE_OK) database.fail(code);
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

void Statement::check_bound(int code) {
  if (code != SQLITE_OK) database_.fail(code);
}

Statement& Statement::integer(std::int64_t value) {
  check_bound(sqlite3_bind_int64(handle_, ++parameter_, value));
  return *this;
}

Statement& Statement::optional_integer(std::optional<std::int64_t> value) {
  return value ? integer(*value) : null();
}

Statement& Statement::text(std::string_view value) {
  const char* bytes = value.data() != nullptr ? value.data() : "";  // a null pointer would be bound as NULL
  check_bound(sqlite3_bind_text64(handle_, ++parameter_, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::optional_text(const std::optional<std::string>& value) {
  return value ? text(std::string_view(*value)) : null();
}

Statement& Statement::blob(std::string_view value) {
  const char* bytes = value.data() != nullptr ? value.data() : "";
  check_bound(sqlite3_bind_blob64(handle_, ++parameter_, bytes, value.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::optional_blob(const std::optional<std::string>& value) {
  return value ? blob(std::string_view(*value)) : null();
}

Statement& Statement::null() {
  check_bound(sqlite3_bind_null(handle_, ++parameter_));
  return *this;
}

// --- Statement: running ------------------------------------------------------------------------------------

void Statement::run() {
  while (next()) {
  }
}

bool Statement::next() {
  const int code = sqlite3_step(handle_);
  column_ = 0;
  if (code == SQLITE_ROW) return true;
  reset();
  if (code != SQLITE_DONE) database_.fail(code);
  return false;
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  parameter_ = 0;
  column_ = 0;
}

// --- Statement: columns ------------------------------------------------------------------------------------

std::int64_t Statement::read_integer(std::int64_t low, std::int64_t high) {
  check_type(SQLITE_INTEGER, "an integer");
  const std::int64_t value = sqlite3_column_int64(handle_, column_++);
  if (value < low || value > high) fail_column(fmt::format("is {}, expected {} to {}", value, low, high));
  return value;
}

std::string Statement::read_text() {
  check_type(SQLITE_TEXT, "a text");
  return read_bytes();
}

std::string Statement::read_blob() {
  check_type(SQLITE_BLOB, "a blob");
  return read_bytes();
}

bool Statement::skip_null() {
  if (sqlite3_column_type(handle_, column_) != SQLITE_NULL) return false;
  ++column_;
  return true;
}

void Statement::fail_column(std::string_view problem) const {
  const std::string name = sqlite3_column_name(handle_, column_ - 1);
  database_.fail(fmt::format("has a damaged row: {} {} (in: {})", name, problem, sqlite3_sql(handle_)));
}

void Statement::check_type(int expected, const char* name) {
  if (sqlite3_column_type(handle_, column_) == expected) return;
  ++column_;
  fail_column(fmt::format("is missing or of another type, expected {}", name));
}

std::string Statement::read_bytes() {
  const void* bytes = sqlite3_column_blob(handle_, column_);  // null if empty
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column_));
  ++column_;
  return bytes != nullptr ? std::string(static_cast<const char*>(bytes), size) : std::string();
}

}  // namespace mqttvet::storage
