#include "sim/guest/scheduler.h"

#include <algorithm>

#include "sim/guest/thread_specific.h"

namespace mqttvet::sim {

thread_local Guest* current = nullptr;

namespace {

// So that World::run_until() sees its end even if a guest never blocks and nothing else happens.
constexpr Duration kSliceMax = std::chrono::milliseconds(1);
constexpr std::int64_t kCountdownMax = 128;
constexpr std::int64_t kPctCountdownMax = 20'000;
constexpr std::uint64_t kStallOneIn = 400;

// The first exception of a process initialises the unwinder, which takes its turn with pthread_once(); the
// end of an OS thread does so too. Done here, neither is a scheduling point of some guest on one backend
// only.
void initialise_unwinding() {
  try {
    throw 0;
  } catch (int) {
  }
}

}  // namespace

Scheduler::Scheduler(World& world, Network& network, Options options)
    : world_(world),
      network_(network),
      options_(options),
      schedule_random_(world.random("guest schedule")),
      guest_random_(world.random("guest rand")),
      sockets_(*this),
      backend_(options.backend == Backend::fibers ? make_fiber_backend() : make_thread_backend()) {
  initialise_unwinding();
  draw_countdown();
  world_.attach_guests([this] { return run_ready(); });
}

Scheduler::~Scheduler() {
  world_.attach_guests(nullptr);
  for (auto& guest : guests_) world_.cancel(guest->alarm);
}

Machine& Scheduler::boot(const std::string& host) {
  machines_.push_back(std::make_unique<Machine>(Machine{.host = host, .booted = options_.booted}));
  return *machines_.back();
}

Guest& Scheduler::spawn(Machine& machine, const std::string& name, std::function<void*()> main) {
  auto owned = std::make_unique<Guest>();
  Guest& guest = *owned;
  guests_.push_back(std::move(owned));
  guest.scheduler = this;
  guest.number = static_cast<std::uint32_t>(guests_.size());
  guest.name = name;
  guest.machine = &machine;
  guest.main = std::move(main);
  if (options_.policy == Schedule::pct)
    guest.priority = static_cast<std::int64_t>(schedule_random_.below(1 << 30));
  backend_->create(guest, run_guest);
  world_.trace().note(world_.now(), guest.name, "spawn", guest.number);
  make_ready(guest);
  return guest;
}

Guest& Scheduler::spawn(Machine& machine, const std::string& name, std::function<void()> main) {
  return spawn(machine, name, std::function<void*()>([main = std::move(main)]() -> void* {
                 main();
                 return nullptr;
               }));
}

Guest* Scheduler::find(std::uint32_t number) {
  return number >= 1 && number <= guests_.size() ? guests_[number - 1].get() : nullptr;
}

std::vector<std::string> Scheduler::describe() const {
  static constexpr const char* kStates[] = {" ready", " running", " blocked", " ended"};
  std::vector<std::string> lines;
  for (const auto& guest : guests_) {
    if (guest->state == Guest::State::ended) continue;
    lines.push_back(guest->name + kStates[static_cast<int>(guest->state)]);
  }
  return lines;
}

// --- Who runs ---

bool Scheduler::host_is_due() const {
  return world_.next_due() <= world_.now() || world_.now() >= slice_end_;
}

bool Scheduler::run_ready() {
  slice_end_ = world_.now() + kSliceMax;
  Guest* next = pick();
  if (!next) return false;
  set_running(next);
  backend_->switch_to(nullptr, next);
  return true;
}

Guest* Scheduler::pick() {
  if (ready_.empty() || host_is_due()) return nullptr;
  std::size_t index = 0;
  if (options_.policy == Schedule::pct) {
    for (std::size_t i = 1; i < ready_.size(); ++i) {
      if (ready_[i]->priority > ready_[index]->priority) index = i;
    }
  } else if (options_.policy == Schedule::random && ready_.size() > 1) {
    index = schedule_random_.below(ready_.size());
  }
  Guest* next = ready_[index];
  if (options_.policy == Schedule::calm) {
    ready_.erase(ready_.begin());  // the others keep their turns
  } else {
    ready_[index] = ready_.back();
    ready_.pop_back();
  }
  return next;
}

void Scheduler::set_running(Guest* guest) {
  running_ = guest;
  if (!guest) return;
  guest->state = Guest::State::running;
  if (guest == last_run_) return;
  last_run_ = guest;
  world_.trace().note(world_.now(), guest->name, "run");
}

void Scheduler::make_ready(Guest& guest) {
  guest.state = Guest::State::ready;
  ready_.push_back(&guest);
}

void Scheduler::leave(Guest& guest) {
  Guest* next = pick();
  set_running(next);
  if (next != &guest) backend_->switch_to(&guest, next);
}

// --- The life of a guest ---

void Scheduler::run_guest(Guest& guest) {
  current = &guest;
  guest.result = guest.main();
  destroy_specific(guest);
  current = nullptr;
  guest.scheduler->end(guest);
}

void Scheduler::end(Guest& guest) {
  guest.main = nullptr;
  guest.state = Guest::State::ended;
  world_.trace().note(world_.now(), guest.name, "exit");
  wake_all(&guest);
  Guest* next = pick();
  set_running(next);
  backend_->leave_to(guest, next);
  __builtin_unreachable();
}

// --- Scheduling points ---

void Scheduler::draw_countdown() {
  const auto max = options_.policy == Schedule::pct ? kPctCountdownMax : kCountdownMax;
  countdown_ = schedule_random_.between(1, max);
}

void Scheduler::point(Work work) {
  Guest& self = *running_;
  const Time end = world_.now() + work.cost;
  if (world_.next_due() <= end || slice_end_ <= end) {
    world_.spend(work.cost);  // What is due comes first, as an interrupt would.
    make_ready(self);
    leave(self);
  } else {
    world_.spend(work.cost);
  }
  if (options_.policy == Schedule::calm) return;
  countdown_ -= work.weight;
  if (countdown_ <= 0) preempt();
}

void Scheduler::preempt() {
  Guest& self = *running_;
  draw_countdown();
  if (options_.policy == Schedule::pct) {
    self.priority = --lowest_priority_;
  } else if (options_.stall_max > Duration(0) && schedule_random_.chance(1, kStallOneIn)) {
    const Duration stall(schedule_random_.between(1, options_.stall_max.count()));
    world_.trace().note(world_.now(), self.name, "stall", static_cast<std::uint64_t>(stall.count()));
    wait(nullptr, world_.now() + stall);
    return;
  }
  make_ready(self);
  leave(self);
}

// --- Waiting ---

bool Scheduler::wait(const void* queue, std::optional<Time> deadline) {
  Guest& self = *running_;
  self.timed_out = false;
  self.waiting_on = queue;
  self.state = Guest::State::blocked;
  if (deadline) {
    self.alarm = world_.schedule(std::max(*deadline, world_.now()), [this, &self] {
      self.alarm = World::EventId::none;
      self.timed_out = true;
      std::erase(blocked_, &self);
      make_ready(self);
    });
  }
  blocked_.push_back(&self);
  world_.trace().note(world_.now(), self.name, "block",
                      deadline ? static_cast<std::uint64_t>(deadline->count()) : 0);
  leave(self);
  return !self.timed_out;
}

bool Scheduler::anyone_waits_on(const void* queue) const {
  return std::any_of(blocked_.begin(), blocked_.end(), [&](Guest* g) { return g->waiting_on == queue; });
}

void Scheduler::wake_one(const void* queue) {
  const auto waits = [&](Guest* g) { return g->waiting_on == queue; };
  const auto count = std::count_if(blocked_.begin(), blocked_.end(), waits);
  if (!queue || count == 0) return;
  auto which = count == 1 ? 0 : schedule_random_.below(static_cast<std::uint64_t>(count));
  auto chosen = std::find_if(blocked_.begin(), blocked_.end(), waits);
  for (; which > 0; --which) chosen = std::find_if(chosen + 1, blocked_.end(), waits);
  Guest& guest = **chosen;
  blocked_.erase(chosen);
  world_.cancel(std::exchange(guest.alarm, World::EventId::none));
  make_ready(guest);
}

void Scheduler::wake_all(const void* queue) {
  if (!queue) return;
  for (std::size_t i = 0; i < blocked_.size();) {
    Guest& guest = *blocked_[i];
    if (guest.waiting_on != queue) {
      ++i;
      continue;
    }
    blocked_.erase(blocked_.begin() + static_cast<std::ptrdiff_t>(i));
    world_.cancel(std::exchange(guest.alarm, World::EventId::none));
    make_ready(guest);
  }
}

}  // namespace mqttvet::sim
