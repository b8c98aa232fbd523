#include "broker/driver/write_queue.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace mqttvet::driver {
namespace {

// What one gathered write takes: a head and a payload each. Asio hands at most 64 pieces to the system at
// once.
constexpr std::size_t kSendsPerWriteMax = 32;

// A busy queue fills and empties all the time. Its memory goes from hand to hand among the queues of a
// thread, so that it is neither made anew each time nor kept by each.
class SpareMemory {
 public:
  void lend(std::vector<core::Send>& sends) {
    if (sends.capacity() != 0 || spare_.empty()) return;
    sends = std::move(spare_.back());
    spare_.pop_back();
  }
  void take_back(std::vector<core::Send>& sends) {
    sends.clear();
    if (sends.capacity() != 0 && sends.capacity() <= kSendsKeptMax && spare_.size() < kSpareMax)
      spare_.push_back(std::move(sends));
    sends = {};
  }

 private:
  static constexpr std::size_t kSendsKeptMax = 256;
  static constexpr std::size_t kSpareMax = 64;
  std::vector<std::vector<core::Send>> spare_;
};
thread_local SpareMemory spare_memory;

std::size_t size_of(const core::Send& send) {
  return send.head.size() + (send.payload ? send.payload->size() : 0);
}

}  // namespace

void WriteQueue::push(core::Send&& send) {
  if (size_of(send) == 0) return;
  bytes_ += size_of(send);
  spare_memory.lend(waiting_);
  waiting_.push_back(std::move(send));
}

void WriteQueue::next(core::RecordSequence persisted, std::vector<codec::BytesView>& views) {
  if (!in_flight()) take_off(persisted);
  std::size_t skipped = written_bytes_;
  const auto show = [&](codec::BytesView piece) {
    const std::size_t skip = std::min(skipped, piece.size());
    skipped -= skip;
    if (skip < piece.size()) views.push_back(piece.substr(skip));
  };
  views.clear();
  for (const core::Send& send : flying_) {
    show(send.head);
    if (send.payload) show(*send.payload);
  }
}

void WriteQueue::take_off(core::RecordSequence persisted) {
  const std::size_t gathered_max = gather_ == Gather::one ? 1 : kSendsPerWriteMax;
  const auto begin = waiting_.begin() + static_cast<std::ptrdiff_t>(first_waiting_);
  const auto limit =
      begin + static_cast<std::ptrdiff_t>(std::min(gathered_max, waiting_.size() - first_waiting_));
  const auto end = std::find_if(begin, limit, [&](const core::Send& send) { return send.after > persisted; });
  if (begin == waiting_.begin() && end == waiting_.end()) {
    flying_.swap(waiting_);
  } else {
    if (begin != end) spare_memory.lend(flying_);
    flying_.assign(std::move_iterator(begin), std::move_iterator(end));
    first_waiting_ += flying_.size();
  }
  if (!waiting()) {
    drop_waiting();
  } else if (first_waiting_ > waiting_.size() / 2) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(first_waiting_));
    first_waiting_ = 0;
  }
}

void WriteQueue::wrote(std::size_t bytes) {
  bytes_ -= bytes;
  written_bytes_ += bytes;
  std::size_t flying_bytes = 0;
  for (const core::Send& send : flying_) flying_bytes += size_of(send);
  if (written_bytes_ < flying_bytes) return;
  spare_memory.take_back(flying_);
  written_bytes_ = 0;
}

void WriteQueue::drop_waiting() {
  for (std::size_t i = first_waiting_; i < waiting_.size(); ++i) bytes_ -= size_of(waiting_[i]);
  spare_memory.take_back(waiting_);
  first_waiting_ = 0;
}

}  // namespace mqttvet::driver
