#include "sim/node/broker_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "broker/driver/driver.h"

namespace mqttvet::sim {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

std::uint64_t number(core::ConnectionId id) {
  return static_cast<std::uint64_t>(id);
}

}  // namespace

struct BrokerProcess::Running {
  driver::Driver<BrokerProcess> driver;
};

BrokerProcess::BrokerProcess(BrokerNode& node, storage::Store store, core::Snapshot restored,
                             std::uint64_t seed)
    : node_(node),
      world_(node.world_),
      store_(std::move(store)),
      authentication_random_(Random::stream(seed, "authentication")),
      authenticator_(node.options_.users, [this](std::size_t count) { return random_bytes(count); }),
      steps_until_check_(node.options_.steps_per_check) {
  core::Broker broker(node.options_.config, seed, std::move(restored), now());
  running_ = std::make_unique<Running>(Running{driver::Driver<BrokerProcess>(*this, std::move(broker))});
}

BrokerProcess::~BrokerProcess() = default;

core::Resources BrokerProcess::resources() const {
  return running_->driver.broker().resources();
}
const core::Counters& BrokerProcess::counters() const {
  return running_->driver.broker().counters();
}
std::size_t BrokerProcess::connection_count() const {
  return running_->driver.connection_count();
}

// --- Life and death ---

void BrokerProcess::start() {
  running_->driver.start();
  check();
  node_.network_.listen(node_.options_.host, node_.options_.port,
                        [weak = weak_from_this()](const EndpointPtr& endpoint) {
                          const auto self = weak.lock();
                          if (self && !self->dead_)
                            self->run([self = self.get(), endpoint] { self->accept(endpoint); });
                        });
}

void BrokerProcess::kill() {
  dead_ = true;
  node_.network_.listen(node_.options_.host, node_.options_.port, nullptr);
  for (auto& [id, socket] : sockets_) {
    socket->endpoint->on_change(nullptr);
    socket->endpoint->close();
  }
  waiting_.clear();
  sockets_.clear();
  store_.reset();
}

void BrokerProcess::vanish() {
  dead_ = true;
  node_.network_.drop_all(node_.options_.host);
  for (auto& [id, socket] : sockets_) socket->endpoint->on_change(nullptr);
  waiting_.clear();
  sockets_.clear();
  store_.reset();
}

BrokerProcess::Work BrokerProcess::in_this_life(Work work) {
  return [weak = weak_from_this(), work = std::move(work)] {
    if (const auto self = weak.lock()) self->run(work);
  };
}

void BrokerProcess::run(Work work) {
  if (dead_) return;
  if (node_.paused())
    waiting_.push_back(std::move(work));
  else
    work();
}

void BrokerProcess::catch_up() {
  const auto self = shared_from_this();  // what it catches up on may end it
  while (!waiting_.empty() && !node_.paused()) {
    const Work work = std::move(waiting_.front());
    waiting_.pop_front();
    work();
  }
}

// --- Connections ---

void BrokerProcess::accept(EndpointPtr endpoint) {
  const auto socket = std::make_shared<Socket>();
  socket->endpoint = std::move(endpoint);
  socket->id = running_->driver.add(socket);
  sockets_.emplace(socket->id, socket);
  node_.note("accept", number(socket->id));
  running_->driver.opened({socket->id,
                           fmt::format("{}:{}", node_.network_.address_of(socket->endpoint->peer_host()),
                                       socket->endpoint->peer_port()),
                           std::nullopt, node_.options_.limits});
  check();
  socket->endpoint->on_change(in_this_life([this, weak = std::weak_ptr<Socket>(socket)] {
    if (const Connection changed = weak.lock()) handle_change(changed);
  }));
  handle_change(socket);
}

void BrokerProcess::handle_change(const Connection& socket) {
  if (socket->closed) return;
  if (!socket->to_write.empty()) try_write(socket);
  if (!rests(*socket)) read(socket);
}

void BrokerProcess::read(const Connection& socket) {
  std::array<char, kReadBytes> buffer;
  while (const std::size_t count = socket->endpoint->read(buffer.data(), buffer.size())) {
    if (!socket->finishing) {
      node_.note("read", count);
      running_->driver.received(socket->id, {buffer.data(), count});
      check();
    }
    if (dead_ || socket->closed || rests(*socket)) return;
  }
  if (socket->endpoint->at_end() || socket->endpoint->state() == Endpoint::State::closed) gone(socket);
}

void BrokerProcess::write(Connection& socket, std::span<const codec::BytesView> views) {
  socket->to_write.assign(views.begin(), views.end());
  try_write(socket);
}

// As much as the send buffer takes, in one call, as writev() does. What is left the driver gives again.
void BrokerProcess::try_write(const Connection& socket) {
  // One byte more than fits: only a write that was cut short is told when there is room again.
  std::size_t room = socket->endpoint->writable_bytes() + 1;
  std::string gathered;
  for (const codec::BytesView view : socket->to_write) {
    gathered.append(view.substr(0, room));
    room -= std::min(room, view.size());
    if (room == 0) break;
  }
  const std::size_t count = gathered.empty() ? 0 : socket->endpoint->write(gathered);
  if (count == 0) return;  // a change of the endpoint brings us back
  socket->to_write.clear();
  world_.after(Duration(0), in_this_life([this, socket, count] {
                 if (socket->closed) return;
                 node_.note("wrote", count);
                 running_->driver.wrote(socket->id, count);
                 check();
               }));
}

void BrokerProcess::close(Connection& socket, driver::CloseHow how) {
  node_.note(how == driver::CloseHow::at_once ? "close" : "finish", number(socket->id));
  if (how == driver::CloseHow::gracefully) {
    socket->finishing = true;
    socket->endpoint->finish();
    world_.after(Duration(0), in_this_life([this, socket = socket] { handle_change(socket); }));
  } else {
    socket->endpoint->close();
    world_.after(Duration(0), in_this_life([this, socket = socket] { gone(socket); }));
  }
}

void BrokerProcess::gone(const Connection& socket) {
  if (std::exchange(socket->closed, true)) return;
  const Connection last = socket;
  last->endpoint->on_change(nullptr);
  last->endpoint->close();
  sockets_.erase(last->id);
  node_.note("closed", number(last->id));
  running_->driver.closed(last->id);
  check();
}

bool BrokerProcess::rests(const Socket& socket) const {
  return (holding_ || socket.holding) && !socket.finishing;
}

void BrokerProcess::hold_reads(Connection& socket, bool hold) {
  socket->holding = hold;
  if (!hold) world_.after(Duration(0), in_this_life([this, socket = socket] { handle_change(socket); }));
}

void BrokerProcess::hold_reads(bool hold) {
  holding_ = hold;
  if (hold) return;
  for (const auto& [id, socket] : sockets_)
    world_.after(Duration(0), in_this_life([this, socket = socket] { handle_change(socket); }));
}

// --- Disk and time ---

// A crash may come before, within and after what the disk does: each is an instant of its own.
void BrokerProcess::commit(std::span<const core::Record> batch) {
  node_.note("commit", batch.size());
  world_.after(commit_latency(), in_this_life([this, batch] { execute_commit(batch); }));
}

void BrokerProcess::execute_commit(std::span<const core::Record> batch) {
  const std::uint64_t faults_before = node_.disk_faults();
  const std::optional<storage::StorageError> error = store_->commit(batch, now());
  if (node_.disk_.stopped()) return node_.lose_power_in_commit();
  const bool disk_fault = node_.disk_faults() != faults_before;
  world_.after(node_.disk_.take_latency() + commit_latency(),
               in_this_life([this, error, disk_fault] { end_commit(error, disk_fault); }));
}

void BrokerProcess::end_commit(const std::optional<storage::StorageError>& error, bool disk_fault) {
  node_.note(error ? "commit failed" : "committed");
  running_->driver.committed(!error);
  if (error) return node_.fail_stop(error->text, disk_fault);
  check();
}

Duration BrokerProcess::commit_latency() {
  return Duration(node_.random_.between(node_.options_.commit_latency_min.count(),
                                        node_.options_.commit_latency_max.count())) +
         unsettled_delay(node_.options_.unsettled);
}

// --- Who the clients are ---

void BrokerProcess::authenticate(core::Authenticate question) {
  node_.note("authenticate");
  const Duration latency(authentication_random_.between(node_.options_.authentication_latency_min.count(),
                                                        node_.options_.authentication_latency_max.count()));
  world_.after(latency, in_this_life([this, answer = authenticator_.answer(question)] {
                 node_.note("authenticated", static_cast<std::uint64_t>(answer.reason_code));
                 running_->driver.authenticated(answer);
                 check();
               }));
}

codec::Bytes BrokerProcess::random_bytes(std::size_t count) {
  codec::Bytes bytes;
  while (bytes.size() < count) bytes += static_cast<char>(authentication_random_.below(256));
  return bytes;
}

void BrokerProcess::reload() {
  run([this] {
    authenticator_.replace(node_.options_.users);
    running_->driver.reload(node_.options_.config.access_lists);
    check();
  });
}

// An event for an earlier time is left alone: a tick too early does no harm.
void BrokerProcess::arm(std::optional<core::Monotonic> deadline) {
  deadline_ = deadline;
  if (!deadline) return;
  const Time at = node_.clock_.world_time_of(*deadline);
  if (tick_event_ != World::EventId::none && tick_at_ <= at) return;
  world_.cancel(tick_event_);
  tick_at_ = at;
  tick_event_ = world_.schedule(at, in_this_life([this] { tick(); }));
}

void BrokerProcess::tick() {
  tick_event_ = World::EventId::none;
  node_.note("tick");
  running_->driver.tick();
  check();
}

// --- What people see ---

void BrokerProcess::log(const core::Log& line) {
  world_.trace().line(world_.now(), node_.options_.host, [&line] { return line.text; });
}

void BrokerProcess::check() {
  if (node_.options_.steps_per_check == 0 || dead_ || --steps_until_check_ > 0) return;
  const core::Resources held = running_->driver.broker().resources();
  // A check looks at every message: where there are many it comes seldom, so that its cost per step has a
  // bound.
  constexpr std::uint64_t kMessagesPerStep = 100;
  steps_until_check_ = std::max<std::uint64_t>(
      node_.options_.steps_per_check, (held.queued_messages + held.inflight_messages) / kMessagesPerStep);
  const std::vector<std::string> violations = running_->driver.broker().check_invariants();
  if (violations.empty()) return;
  steps_until_check_ = UINT64_MAX;  // the first one tells; what follows from it would only hide it
  node_.report_({NodeFinding::Kind::invariant, fmt::format("{}", fmt::join(violations, "; "))});
}

}  // namespace mqttvet::sim
