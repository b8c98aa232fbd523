// Commits on a thread of its own, so that a slow disk delays acknowledgements and nothing else.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "broker/core/record.h"
#include "broker/core/time.h"
#include "broker/storage/store.h"

namespace mqttvet::net {

class StorageThread {
 public:
  // Called on the storage thread at the end of each commit.
  using Done = std::function<void(std::optional<storage::StorageError>)>;

  StorageThread(storage::Store store, Done done);
  ~StorageThread();  // ends the commit in progress first
  StorageThread(const StorageThread&) = delete;
  StorageThread& operator=(const StorageThread&) = delete;

  // The batch stays valid until `done`. REQUIRES: the one before is done.
  void commit(std::span<const core::Record> batch, core::Now now);

 private:
  struct Job {
    std::span<const core::Record> batch;
    core::Now now;
  };
  void run();

  storage::Store store_;
  Done done_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Job> job_;  // guarded by mutex_
  bool ending_ = false;     // guarded by mutex_
  std::thread thread_;      // last: it uses all of the above
};

}  // namespace mqttvet::net
