// The durable state of one broker: the records of broker/core/record.h in one SQLite file
// (docs/storage-format.md).
//
// A Store owns its file alone: while it is open, a second Store on the same file, in this process or another,
// is refused. It reads no clock and draws no random number; the same commits give the same rows.
//
// Usage:
//   Result<Store> store = Store::open(path);          // or: open_data_directory("/var/lib/mqttvet")
//   Result<core::Snapshot> snapshot = store->load(now);
//   store->commit(batch, now);                        // durable when it returns without an error
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "broker/core/record.h"
#include "broker/core/time.h"
#include "broker/storage/error.h"

namespace mqttvet::storage {

struct StoreOptions {
  std::string vfs = {};  // name of the SQLite VFS; empty: the operating system's files
  std::size_t page_cache_bytes = 8 * 1024 * 1024;  // SQLite's page cache
  // The log is copied into the database when it has grown to this. 16 MB: seldom enough that a page which
  // changes with every commit is not copied every time; little enough to be written once more at the next
  // start.
  std::size_t checkpoint_after_pages = 4000;
};

class Store {
 public:
  // Opens the file, or creates it if it is missing or empty. Errors: the file cannot be opened or created;
  // another process has it open; it is not a mqttvet database; it was written by a newer version; it is
  // damaged. None of these changes the file.
  static Result<Store> open(const std::string& path, const StoreOptions& options = {});

  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  // Everything stored. Wall-clock instants of messages become monotonic ones with `now`, and none is later
  // than it. Messages held by several queues come back as one shared message. Errors: a row that cannot be
  // (an unknown state, a missing message, a session that is not there): nothing is dropped in silence, the
  // file stays as it is.
  Result<core::Snapshot> load(core::Now now);

  // Applies the records in order, as one transaction: all of them are durable when this returns nothing, with
  // one sync. Put replaces, Delete of what is not there has no effect. Errors: the disk failed or is full; a
  // record contradicts what is stored (of a session that does not exist, an update of an outgoing message
  // that does not exist).
  //
  // After an error the batch may or may not be found on the next open (never a part of it), and this Store is
  // done: every later commit returns the same error. A disk that failed a sync cannot be trusted to succeed
  // at the next.
  std::optional<StorageError> commit(std::span<const core::Record> batch, core::Now now);

  // Recounts the references of the stored messages and looks for rows without their session. Empty: all is
  // well. Each line names what differs. Reads the whole file.
  std::vector<std::string> check_invariants();

 private:
  class State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mqttvet::storage
