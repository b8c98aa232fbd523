// A thin layer over SQLite's C interface: a connection and its prepared statements, as values.
//
// Inside broker/storage a failure travels as an exception (Failure), since a row has twenty places where it
// can be wrong; the public functions of Store catch it and return the StorageError it carries. It never
// leaves this folder.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "broker/storage/error.h"

namespace mqttvet::storage {

struct Failure {
  StorageError error;
};

class Database {
 public:
  // Opens or creates the file. vfs: empty for SQLite's own. Throws Failure.
  Database(std::string path, const std::string& vfs);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs one or more statements, ignores their rows.
  void execute(const std::string& sql);
  // The same, for the way out of a failure: its own failure says nothing new.
  void try_execute(const char* sql) noexcept;

  // Whether closing may copy the log into the database file; on unless it is told otherwise.
  void checkpoint_on_close(bool enabled);

  // The file, and what is wrong with it.
  [[noreturn]] void fail(std::string_view what) const;
  // The same for the result code of SQLite's last call.
  [[noreturn]] void fail(int code) const;

  sqlite3* handle() const { return handle_; }

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

// A prepared statement. Parameters are bound in the order they stand in the SQL, columns read in the order of
// the SELECT. The bytes of a bound text or blob must live until the statement has run; those read, until the
// next call of next().
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // The next parameter. Those that are not bound are NULL.
  Statement& integer(std::int64_t value);
  Statement& optional_integer(std::optional<std::int64_t> value);
  Statement& text(std::string_view value);
  Statement& optional_text(const std::optional<std::string>& value);
  Statement& blob(std::string_view value);
  Statement& optional_blob(const std::optional<std::string>& value);
  Statement& null();

  // Runs to the end; the statement can then be bound anew. For statements without rows.
  void run();
  // True: on a row. False: at the end, and the statement can be bound anew.
  bool next();
  // Gives up the rest of the rows.
  void reset();

  // The next column of the row. Each throws Failure if the value is missing, of another type or outside [low,
  // high].
  std::int64_t read_integer(std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                            std::int64_t high = std::numeric_limits<std::int64_t>::max());
  std::string read_text();
  std::string read_blob();
  bool read_flag() { return read_integer(0, 1) != 0; }
  // Whether the next column is NULL; if it is, it is passed over.
  bool skip_null();

  // The row it stands on cannot be: names the column that was read last.
  [[noreturn]] void fail_column(std::string_view problem) const;

 private:
  void check_bound(int code);
  void check_type(int expected, const char* name);
  std::string read_bytes();

  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
  int parameter_ = 0;  // bound so far
  int column_ = 0;     // read so far
};

}  // namespace mqttvet::storage
