#include "broker/driver/write_queue.h"

#include <algorithm>
#include <utility>

namespace mqttvet::driver {
namespace {

// What one gathered write takes: a head and a payload each. Asio hands at most 64 pieces to the system at
// once.
constexpr std::size_t kSendsPerWriteMax = 32;
// A queue that has held more than this gives its memory back when it is empty again.
constexpr std::size_t kSendsKeptMax = 256;

std::size_t size_of(const core::Send& send) {
  return send.head.size() + (send.payload ? send.payload->size() : 0);
}

}  // namespace

void WriteQueue::push(core::Send&& send) {
  if (size_of(send) == 0) return;
  bytes_ += size_of(send);
  waiting_.push_back(std::move(send));
}

std::span<const codec::BytesView> WriteQueue::next(core::RecordSequence persisted) {
  if (!in_flight()) take_off(persisted);
  return std::span<const codec::BytesView>(views_).subspan(next_view_);
}

void WriteQueue::take_off(core::RecordSequence persisted) {
  flying_.clear();
  views_.clear();
  next_view_ = 0;
  const std::size_t end =
      std::min(waiting_.size(), first_waiting_ + (gather_ == Gather::one ? 1 : kSendsPerWriteMax));
  while (first_waiting_ < end && waiting_[first_waiting_].after <= persisted)
    flying_.push_back(std::move(waiting_[first_waiting_++]));
  // Only now: a short head lives inside its Send, which must not move any more.
  for (const core::Send& send : flying_) {
    if (!send.head.empty()) views_.push_back(send.head);
    if (send.payload && !send.payload->empty()) views_.push_back(*send.payload);
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
  while (bytes > 0) {
    codec::BytesView& view = views_[next_view_];
    const std::size_t taken = std::min(bytes, view.size());
    view.remove_prefix(taken);
    bytes -= taken;
    if (view.empty()) ++next_view_;
  }
  if (!in_flight()) flying_.clear();
}

void WriteQueue::drop_waiting() {
  for (std::size_t i = first_waiting_; i < waiting_.size(); ++i) bytes_ -= size_of(waiting_[i]);
  waiting_.clear();
  first_waiting_ = 0;
  if (waiting_.capacity() > kSendsKeptMax) waiting_.shrink_to_fit();
}

}  // namespace mqttvet::driver
