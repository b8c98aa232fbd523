#include "broker/net/storage_thread.h"

#include <utility>

namespace mqttvet::net {

StorageThread::StorageThread(storage::Store store, Done done)
    : store_(std::move(store)), done_(std::move(done)), thread_([this] { run(); }) {}

StorageThread::~StorageThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void StorageThread::commit(std::span<const core::Record> batch, core::Now now) {
  {
    const std::lock_guard lock(mutex_);
    job_ = Job{batch, now};
  }
  wake_.notify_one();
}

void StorageThread::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return job_ || ending_; });
    if (!job_) return;
    const Job job = *std::exchange(job_, std::nullopt);
    lock.unlock();
    done_(store_.commit(job.batch, job.now));
  }
}

}  // namespace mqttvet::net
