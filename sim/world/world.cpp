#include "sim/world/world.h"

#include <algorithm>

namespace mqttvet::sim {
namespace {

// Cancelled entries stay in the heap until they come up, or until they are the larger part of it.
constexpr std::size_t kSweepAtLeast = 64;

}  // namespace

World::World(std::uint64_t seed) : seed_(seed) {}

World::EventId World::schedule(Time at, Callback callback) {
  std::uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot].callback = std::move(callback);
  const std::uint32_t generation = slots_[slot].generation;
  heap_.push_back(Entry{std::max(at, now_), next_order_++, slot, generation});
  std::push_heap(heap_.begin(), heap_.end(), later);
  return static_cast<EventId>(static_cast<std::uint64_t>(generation) << 32 | slot);
}

void World::cancel(EventId event) {
  const auto slot = static_cast<std::uint32_t>(static_cast<std::uint64_t>(event));
  const auto generation = static_cast<std::uint32_t>(static_cast<std::uint64_t>(event) >> 32);
  if (generation == 0 || slot >= slots_.size() || slots_[slot].generation != generation) return;
  const Callback forgotten = take(slot);  // destroyed last: what it holds may schedule or cancel in its turn
  ++cancelled_count_;
  if (cancelled_count_ >= kSweepAtLeast && cancelled_count_ > heap_.size() / 2) sweep();
  prune();
}

// Frees the slot and gives what was in it. The next user of the slot has another generation.
World::Callback World::take(std::uint32_t slot) {
  Callback callback = std::move(slots_[slot].callback);
  slots_[slot].callback = nullptr;
  if (++slots_[slot].generation == 0) slots_[slot].generation = 1;
  free_slots_.push_back(slot);
  return callback;
}

// Keeps the promise that next_event() needs: the top of the heap is never a cancelled event.
void World::prune() {
  while (!heap_.empty() && !live(heap_.front())) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
    --cancelled_count_;
  }
}

void World::sweep() {
  std::erase_if(heap_, [this](const Entry& entry) { return !live(entry); });
  std::make_heap(heap_.begin(), heap_.end(), later);
  cancelled_count_ = 0;
}

World::Ended World::run_until(Time until) {
  stopped_ = false;
  running_until_ = until;
  const Ended ended = run(until);
  running_until_ = Time::max();
  return ended;
}

World::Ended World::run(Time until) {
  while (true) {
    if (stopped_) return Ended::stopped;
    const bool due = !heap_.empty() && heap_.front().at <= now_;
    if (!due) {
      if (run_guests_ && now_ <= until && run_guests_()) {
        if (now_ >= until && (heap_.empty() || heap_.front().at > until)) return Ended::time_up;
        continue;
      }
      if (stopped_) return Ended::stopped;
      if (heap_.empty()) return Ended::idle;
    }
    if (heap_.front().at > until) {
      now_ = std::max(now_, until);
      return Ended::time_up;
    }
    run_next();
  }
}

void World::run_next() {
  const Entry entry = heap_.front();
  std::pop_heap(heap_.begin(), heap_.end(), later);
  heap_.pop_back();
  prune();
  now_ = std::max(now_, entry.at);
  const Callback callback = take(entry.slot);
  callback();
}

}  // namespace mqttvet::sim
