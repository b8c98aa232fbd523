#include "sim/node/broker_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <limits>
#include <utility>

#include "broker/storage/store.h"
#include "sim/node/broker_process.h"

namespace mqttvet::sim {
namespace {

constexpr const char* kFile = "/data/mqttvet.db";
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

std::int64_t unix_milliseconds(const NodeClock& clock) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.now().wall.time_since_epoch()).count();
}

core::Counters sum(const core::Counters& a, const core::Counters& b) {
  using Numbers = std::array<std::uint64_t, sizeof(core::Counters) / sizeof(std::uint64_t)>;
  auto total = std::bit_cast<Numbers>(a);
  std::ranges::transform(total, std::bit_cast<Numbers>(b), total.begin(), std::plus<>());
  return std::bit_cast<core::Counters>(total);
}

}  // namespace

BrokerNode::BrokerNode(World& world, Network& network, BrokerNodeOptions options, Report report)
    : world_(world),
      network_(network),
      options_(std::move(options)),
      report_(std::move(report)),
      random_(world.random("node " + options_.host)),
      clock_(world, options_.clock_drift_ppm, options_.wall_clock_offset),
      disk_(options_.disk),
      vfs_(disk_, random_.next(), [this] { return unix_milliseconds(clock_); }) {
  if (network_.host_at(options_.host).empty()) network_.add_host(options_.host);
}

BrokerNode::~BrokerNode() {
  world_.cancel(restart_event_);
  world_.cancel(resume_event_);
  if (process_) process_->kill();
}

void BrokerNode::start() {
  if (up()) return;
  world_.cancel(restart_event_);
  clock_.boot(core::Monotonic(std::chrono::seconds(random_.below(1'000'000))));
  note("boot");
  const std::uint64_t faults_before = disk_faults();
  auto store = storage::Store::open(kFile, {.vfs = vfs_.name()});
  if (!store) return fail_to_start(store.error().text, faults_before);
  auto snapshot = store->load(clock_.now());
  if (!snapshot) return fail_to_start(snapshot.error().text, faults_before);
  if (const std::vector<std::string> wrong = store->check_invariants(); !wrong.empty())
    report_({NodeFinding::Kind::invariant, fmt::format("store: {}", fmt::join(wrong, "; "))});
  note("restored", snapshot->sessions.size());
  process_ = std::make_shared<BrokerProcess>(*this, std::move(store.value()), std::move(snapshot.value()),
                                             random_.next());
  process_->start();
  if (on_life_) on_life_(true);
}

bool BrokerNode::reload(std::shared_ptr<const access::Users> users, core::AccessLists access_lists) {
  options_.users = std::move(users);
  options_.config.access_lists = std::move(access_lists);
  note("reload");
  if (!process_) return false;
  process_->reload();
  return true;
}

// To recover a store is to write to it: a fault of the disk may strike then, too.
void BrokerNode::fail_to_start(const std::string& error, std::uint64_t faults_before) {
  if (disk_.stopped()) {
    ++effects_.power_losses;
    note("power lost");
    disk_.crash(random_);
  } else if (disk_faults() != faults_before) {
    ++effects_.failed_starts;
    note("ended itself");
    disk_.end_programs();
  } else {
    return report_({NodeFinding::Kind::load_failed, error});
  }
  restart_after(armed_restart_after_);
}

std::uint64_t BrokerNode::disk_faults() const {
  const DiskCounters& counters = disk_.counters();
  return counters.failed_writes + counters.failed_syncs + counters.refused_when_full;
}

// --- Faults ---

bool BrokerNode::crash(CrashKind kind, Duration delay) {
  if (!up()) return false;
  ++(kind == CrashKind::power_lost ? effects_.power_losses : effects_.kills);
  note(kind == CrashKind::power_lost ? "power lost" : "killed");
  end_process(kind);
  restart_after(delay);
  return true;
}

bool BrokerNode::crash_at_write(std::uint64_t nth, Duration delay) {
  if (!up()) return false;
  disk_.stop_after(nth - 1);
  armed_restart_after_ = delay;
  return true;
}

bool BrokerNode::fail_sync(std::uint64_t nth, Duration delay) {
  if (!up()) return false;
  disk_.fail_sync(nth);
  armed_restart_after_ = delay;
  return true;
}

bool BrokerNode::fill_disk(Duration delay) {
  disk_.set_capacity(disk_.used_bytes());
  armed_restart_after_ = delay;
  return true;
}

void BrokerNode::give_room() {
  disk_.set_capacity(options_.disk.capacity_bytes);
}

void BrokerNode::lose_power_in_commit() {
  ++effects_.torn_commits;
  crash(CrashKind::power_lost, armed_restart_after_);
}

void BrokerNode::fail_stop(const std::string& error, bool disk_fault) {
  if (disk_fault)
    ++effects_.failed_commits;
  else
    report_({NodeFinding::Kind::store_failed, error});
  note("ended itself");
  end_process(CrashKind::process_killed);
  restart_after(armed_restart_after_);
}

void BrokerNode::end_process(CrashKind kind) {
  if (on_life_) on_life_(false);
  past_ = sum(past_, process_->counters());
  const std::shared_ptr<BrokerProcess> ended = std::exchange(process_, nullptr);
  paused_until_ = world_.now();
  world_.cancel(resume_event_);
  if (kind == CrashKind::power_lost) {
    disk_.stop();
    ended->vanish();
    disk_.crash(random_);
  } else {
    disk_.end_programs();
    ended->kill();
  }
}

void BrokerNode::restart_after(Duration delay) {
  restart_event_ = world_.after(delay, [this] {
    ++effects_.restarts;
    start();
  });
}

bool BrokerNode::pause(Duration duration) {
  if (!up()) return false;
  ++effects_.pauses;
  note("pause");
  paused_until_ = std::max(paused_until_, world_.now() + duration);
  world_.cancel(resume_event_);
  resume_event_ = world_.schedule(paused_until_, [this] { resume(); });
  return true;
}

void BrokerNode::resume() {
  paused_until_ = world_.now();
  if (!up()) return;
  note("resume");
  process_->catch_up();
}

bool BrokerNode::jump_wall_clock(Duration by) {
  ++effects_.clock_jumps;
  note("clock jump", static_cast<std::uint64_t>(by.count()));
  clock_.jump_wall(by);
  return true;
}

void BrokerNode::heal() {
  disk_.stop_after(kNever);
  disk_.fail_sync(0);
  give_room();
  if (paused()) {
    world_.cancel(resume_event_);
    resume_event_ = world_.after(Duration(0), [this] { resume(); });
  }
  if (!up()) {
    world_.cancel(restart_event_);
    restart_after(Duration(0));
  }
}

// --- Looking in ---

core::Resources BrokerNode::resources() const {
  return up() ? process_->resources() : core::Resources{};
}
core::Counters BrokerNode::counters() const {
  return up() ? sum(past_, process_->counters()) : past_;
}
std::size_t BrokerNode::connection_count() const {
  return up() ? process_->connection_count() : 0;
}

void BrokerNode::note(std::string_view what, std::uint64_t number) {
  world_.trace().note(world_.now(), options_.host, what, number);
}

}  // namespace mqttvet::sim
