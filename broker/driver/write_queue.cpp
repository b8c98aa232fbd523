#include "broker/driver/write_queue.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "broker/mutants/mutants.h"

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

// Of planted bug B040.
bool is_batch_of_messages(const std::vector<core::Send>& sends) {
  const auto is_publish = [](const core::Send& send) {
    return !send.head.empty() && (send.head[0] & 0xF0) == 0x30;
  };
  return sends.size() > 1 && std::ranges::all_of(sends, is_publish);
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
  if (is_batch_of_messages(flying_) && MUTANT(B040_batch_drain_order))
    std::rotate(flying_.begin(), flying_.begin() + 1, flying_.end());
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
  if (written_bytes_ < flying_bytes) {
    if (MUTANT(B086_payload_freed_early)) plant_freed_payloads();
    if (!MUTANT(B013_partial_write_tail)) return;
    bytes_ -= flying_bytes - written_bytes_;
  }
  spare_memory.take_back(flying_);
  written_bytes_ = 0;
}

// Of planted bug B086: what nobody holds but the queue is somebody else's memory by now.
void WriteQueue::plant_freed_payloads() {
  std::size_t begins_at = 0;
  for (core::Send& send : flying_) {
    const bool begun = begins_at < written_bytes_;
    begins_at += size_of(send);
    if (begun || send.payload == nullptr || send.payload.use_count() != 1) continue;
    send.payload = std::make_shared<const codec::Bytes>(send.payload->size(), '\xDD');
  }
}

void WriteQueue::drop_waiting() {
  for (std::size_t i = first_waiting_; i < waiting_.size(); ++i) bytes_ -= size_of(waiting_[i]);
  spare_memory.take_back(waiting_);
  first_waiting_ = 0;
}

}  // namespace mqttvet::driver
