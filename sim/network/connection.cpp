#include "sim/network/connection.h"

#include <algorithm>

namespace mqttvet::sim {

Connection::Connection(std::shared_ptr<Fabric> fabric, std::uint64_t number, Host& client, Host& server,
                       std::uint16_t server_port)
    : owner_(std::move(fabric)),
      fabric_(*owner_),
      number_(number),
      // A stream of chance per connection and side: what one client does moves nobody else's times.
      client_(*this, client, true, random("client", client, client.connect_count + 1),
              fabric_.conditions_between(client, server).receive_buffer_bytes),
      server_(*this, server, false, random("server", client, client.connect_count + 1),
              fabric_.conditions_between(client, server).receive_buffer_bytes) {
  ++client.connect_count;
  client_.port = client.next_port;
  client.next_port = client.next_port == 65535 ? 49152 : static_cast<std::uint16_t>(client.next_port + 1);
  server_.port = server_port;
  server_.is_closed_by_application = true;  // nobody has accepted it
}

Random Connection::random(std::string_view side, const Host& client, std::uint64_t nth) const {
  return fabric_.world.random("network " + client.name + " " + std::to_string(nth) + " " + std::string(side));
}

Connection::~Connection() = default;

void Connection::detach() {
  if (detached_) return;
  detached_ = true;
  for (Side* side : {&client_, &server_}) {
    side->out.stop();
    side->state = Endpoint::State::closed;
    for (World::EventId* event : {&side->notification, &side->reset, &side->orphan}) cancel(*event);
  }
  cancel(handshake_);
  cancel(connect_deadline_);
  // What the callbacks hold may be the last owner of an endpoint: they go last.
  const auto keep = shared_from_this();
  const auto client_callback = std::exchange(client_.on_change, nullptr);
  const auto server_callback = std::exchange(server_.on_change, nullptr);
}

Duration Connection::draw_latency(Side& from) {
  const LinkConditions& now = conditions();
  if (now.latency_max <= now.latency_min) return now.latency_min;
  return Duration(from.random.between(now.latency_min.count(), now.latency_max.count()));
}

bool Connection::is_lost(bool to_server) const {
  const Side& from = to_server ? client_ : server_;
  const Side& to = to_server ? server_ : client_;
  return to.kernel == Side::Kernel::vanished || fabric_.is_blocked(*from.host, *to.host);
}

// --- The application
// -------------------------------------------------------------------------------------------------

bool Connection::is_readable(const Side& side) const {
  const bool bytes_wait = !side.received.empty() && !is_held(side);
  return bytes_wait || side.end_received || side.error != Endpoint::Error::none;
}

std::size_t Connection::writable_bytes(const Side& side) const {
  return side.state == Endpoint::State::open && !side.out.is_finished() ? side.out.room() : 0;
}

std::size_t Connection::read(Side& side, char* into, std::size_t capacity) {
  std::size_t count = std::min(capacity, side.received.size());
  if (count == 0 || is_held(side)) return 0;
  if (!detached_ && conditions().short_reads && side.random.chance(1, 2))
    count = static_cast<std::size_t>(1 + side.random.below(count));
  const std::string_view bytes = side.received.view(0, count);
  std::copy(bytes.begin(), bytes.end(), into);
  side.received.drop_front(count);
  if (is_live(side) && !detached_) sender(!side.is_client).out.window_changed();
  return count;
}

std::size_t Connection::write(Side& side, std::string_view bytes) {
  std::size_t count = std::min(bytes.size(), writable_bytes(side));
  if (detached_ || bytes.empty()) return 0;
  if (count > 1 && conditions().partial_writes && side.random.chance(1, 4))
    count = static_cast<std::size_t>(1 + side.random.below(count));
  Network::Passage passage{.bytes_pass = count};
  if (side.is_client && count > 0) passage = ask_gate(true, bytes.substr(0, count));
  count = std::min(count, passage.bytes_pass);
  if (count > 0) {
    const std::string_view taken = bytes.substr(0, count);
    note(side, "write", taken);
    if (side.is_client && fabric_.observer)
      fabric_.observer({.kind = Observed::Kind::client_sent,
                        .at = fabric_.world.now(),
                        .connection = number_,
                        .client_host = client_.host->name,
                        .server_host = server_.host->name,
                        .bytes = taken,
                        .reason = {}});
    side.out.write(taken);
  }
  if (count < bytes.size()) {
    side.wants_to_write = true;
    if (writable_bytes(side) > 0) notify(side);
  }
  if (passage.then != Network::Passage::Then::nothing) passed(side, passage);
  return count;
}

void Connection::finish(Side& side) {
  if (detached_ || side.state != Endpoint::State::open || side.out.is_finished()) return;
  note(side, "finish");
  side.out.finish();
}

void Connection::close(Side& side) {
  end(side, false);
}
void Connection::abort(Side& side) {
  end(side, true);
}

void Connection::end(Side& side, bool by_reset) {
  if (detached_ || side.is_closed_by_application) return;
  side.is_closed_by_application = true;
  const auto keep = shared_from_this();
  const auto callback = std::exchange(side.on_change, nullptr);  // may own the endpoint: destroyed last
  cancel(side.notification);
  const bool was_connecting = side.state == Endpoint::State::connecting;
  side.state = Endpoint::State::closed;
  if (by_reset || !side.received.empty()) note(side, "reset"), by_reset = true;
  side.received.clear();
  if (side.is_client)
    end_for_client(severed_ ? "cut" : side.end_received ? "server closed" : "client closed");
  if (was_connecting) {
    cancel(handshake_);
    cancel(connect_deadline_);
    forget(side);
  } else if (is_live(side) && by_reset) {
    forget(side);
    side.out.send_reset();
  } else if (is_live(side)) {
    note(side, "close");
    side.out.finish();
    watch_orphan(side, fabric_.world.now() + fabric_.timeouts.orphan);
  }
  bury_if_over();
}

void Connection::set_on_change(Side& side, std::function<void()> callback) {
  if (detached_ || side.is_closed_by_application) return;
  const auto former = std::exchange(side.on_change, std::move(callback));
  side.on_change_was_set = true;
  if (is_readable(side)) notify(side);
}

// In an event of its own, and once for all changes of an instant.
void Connection::notify(Side& side) {
  if (detached_ || over_ || !side.on_change || side.notification != World::EventId::none) return;
  side.notification = fabric_.world.after(Duration{0}, [this, at = &side] { call(*at); });
}

void Connection::call(Side& side) {
  side.notification = World::EventId::none;
  if (!side.on_change) return;
  const auto keep = shared_from_this();
  side.on_change_was_set = false;
  auto callback = std::exchange(side.on_change, nullptr);  // it may replace or remove itself
  callback();
  if (!side.on_change_was_set && !side.is_closed_by_application && !detached_)
    side.on_change = std::move(callback);
}

// --- The streams
// -----------------------------------------------------------------------------------------------------

Network::Passage Connection::ask_gate(bool client_sent, std::string_view bytes) {
  if (!fabric_.gate) return {.bytes_pass = bytes.size()};
  return fabric_.gate(number_, client_.host->name, client_sent, bytes);
}

void Connection::receive(Side& to, std::string_view bytes) {
  note(to, "deliver", bytes);
  to.received.append(bytes);
  if (to.is_client && fabric_.observer)
    fabric_.observer({.kind = Observed::Kind::client_received,
                      .at = fabric_.world.now(),
                      .connection = number_,
                      .client_host = client_.host->name,
                      .server_host = server_.host->name,
                      .bytes = bytes,
                      .reason = {}});
  notify(to);
}

void Connection::receive_end(Side& to) {
  note(to, "end");
  to.end_received = true;
  notify(to);
  bury_if_over();
}

void Connection::acknowledged(Side& sender) {
  const std::size_t worth = conditions().send_buffer_bytes / 3;
  if (sender.wants_to_write && sender.out.room() >= std::max<std::size_t>(1, worth)) {
    sender.wants_to_write = false;
    notify(sender);
  }
  bury_if_over();
}

// RST to the sender of something that nobody here expects. Lost on a blocked path, and sent again with the
// next try.
void Connection::answer_by_reset(Side& from) {
  if (over_) return;
  if (is_live(from) && from.is_closed_by_application) forget(from);
  Side& to = sender(!from.is_client);
  if (to.reset != World::EventId::none || !is_live(to)) return bury_if_over();
  note(from, "answer reset");
  to.reset = fabric_.world.after(draw_latency(from), [this, at = &to] { reset_arrives(*at); });
  bury_if_over();
}

void Connection::reset_arrives(Side& to) {
  to.reset = World::EventId::none;
  if (const Time until = stalled_until(!to.is_client); until > fabric_.world.now()) {
    to.reset = fabric_.world.schedule(until, [this, at = &to] { reset_arrives(*at); });
    return;
  }
  if (!is_lost(!to.is_client)) fail(to, Endpoint::Error::reset, "reset");
}

void Connection::fail(Side& side, Endpoint::Error error, std::string_view reason) {
  if (!is_live(side) || over_) return;
  note(side, reason);
  side.state = Endpoint::State::closed;
  if (!side.is_closed_by_application) side.error = error;
  forget(side);
  if (side.is_client) end_for_client(reason);
  notify(side);
  bury_if_over();
}

// --- Ends
// ------------------------------------------------------------------------------------------------------------

void Connection::forget(Side& side) {
  side.kernel = Side::Kernel::forgotten;
  cancel(side.reset);
  cancel(side.orphan);
  side.out.abandon();
}

void Connection::watch_orphan(Side& side, Time at) {
  side.orphan = fabric_.world.schedule(at, [this, watched = &side] { orphan_due(*watched); });
}

// After close() the kernel goes on as long as it gets rid of bytes, and waits for the peer's FIN that long
// once more.
void Connection::orphan_due(Side& side) {
  side.orphan = World::EventId::none;
  const Time patience_ends = side.out.progress_at() + fabric_.timeouts.orphan;
  if (!side.out.end_acknowledged() && patience_ends > fabric_.world.now())
    return watch_orphan(side, patience_ends);
  note(side, "orphan forgotten");
  forget(side);
  bury_if_over();
}

void Connection::end_for_client(std::string_view reason) {
  if (!observed_open_ || std::exchange(observed_closed_, true) || !fabric_.observer) return;
  fabric_.observer({.kind = Observed::Kind::closed,
                    .at = fabric_.world.now(),
                    .connection = number_,
                    .client_host = client_.host->name,
                    .server_host = server_.host->name,
                    .bytes = {},
                    .reason = reason});
}

bool Connection::is_gone(const Side& side) const {
  if (!side.is_client && !established_) return true;
  return side.is_closed_by_application &&
         (!is_live(side) || severed_ || (side.out.end_acknowledged() && side.end_received));
}

void Connection::bury_if_over() {
  if (over_ || detached_ || !is_gone(client_) || !is_gone(server_)) return;
  over_ = true;
  for (Side* side : {&client_, &server_}) {
    side->kernel = Side::Kernel::forgotten;
    side->out.stop();
    for (World::EventId* event : {&side->notification, &side->reset, &side->orphan}) cancel(*event);
  }
  cancel(handshake_);
  cancel(connect_deadline_);
  fabric_.retire(number_);
}

void Connection::cancel(World::EventId& event) {
  fabric_.world.cancel(std::exchange(event, World::EventId::none));
}

std::size_t Connection::buffered_bytes() const {
  return client_.out.buffered_bytes() + server_.out.buffered_bytes() + client_.received.size() +
         server_.received.size();
}

}  // namespace mqttvet::sim
