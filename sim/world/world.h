// One simulated world: one clock, one queue of events ordered by (time, order of scheduling), one trace.
// Nothing in it happens but through an event or a guest that runs at the current instant.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/world/random.h"
#include "sim/world/trace.h"

namespace mqttvet::sim {

class World {
 public:
  using Callback = std::function<void()>;
  enum class EventId : std::uint64_t { none = 0 };

  explicit World(std::uint64_t seed);

  Time now() const { return now_; }
  std::uint64_t seed() const { return seed_; }
  // The generator of one purpose ("network latency", "schedule", "fault cut 3").
  Random random(std::string_view purpose) const { return Random::stream(seed_, purpose); }
  Trace& trace() { return trace_; }

  // Runs `callback` at `at` (not before now), after everything scheduled earlier for the same instant.
  EventId schedule(Time at, Callback callback);
  EventId after(Duration delay, Callback callback) { return schedule(now_ + delay, std::move(callback)); }
  // Forgets an event; one that has run or is unknown is ignored.
  void cancel(EventId event);

  // The guests' part. `run_ready` runs guests at the current instant until none is ready or an event is due,
  // and says whether anything ran. A guest's own work takes time: it moves the clock with spend(), never past
  // next_event().
  void attach_guests(std::function<bool()> run_ready) { run_guests_ = std::move(run_ready); }
  void spend(Duration duration) { now_ = std::min(now_ + duration, std::max(now_, next_due())); }
  // When the next event is due; while run_until() runs, its end counts as one. Absent: nothing is left.
  std::optional<Time> next_event() const {
    return next_due() == Time::max() ? std::nullopt : std::optional(next_due());
  }
  // The same; Time::max(): nothing is left. For the guests, who ask at every scheduling point.
  Time next_due() const {
    return heap_.empty() ? running_until_ : std::min(heap_.front().at, running_until_);
  }

  // Runs guests and events until `until` has come (what is due at that very instant still runs), nothing is
  // left to run (the clock then stays at the last event), or stop() was called. Returns the reason. Due
  // events come before guests.
  enum class Ended { time_up, idle, stopped };
  Ended run_until(Time until);
  void stop() { stopped_ = true; }

 private:
  // A binary heap of (time, order); callbacks in slots that are used again.
  struct Entry {
    Time at;
    std::uint64_t order;
    std::uint32_t slot;
    std::uint32_t generation;
  };
  struct Slot {
    Callback callback;
    std::uint32_t generation = 1;
  };
  static bool later(const Entry& a, const Entry& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
  bool live(const Entry& entry) const { return slots_[entry.slot].generation == entry.generation; }
  Callback take(std::uint32_t slot);
  void prune();
  void sweep();
  Ended run(Time until);
  void run_next();

  std::uint64_t seed_;
  Time now_{0};
  std::uint64_t next_order_ = 0;
  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::size_t cancelled_count_ = 0;  // entries of the heap whose event was cancelled
  Time running_until_ = Time::max();
  std::function<bool()> run_guests_;
  bool stopped_ = false;
  Trace trace_;
};

}  // namespace mqttvet::sim
