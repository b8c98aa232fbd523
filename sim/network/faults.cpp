// What goes wrong with one connection.
#include "sim/network/connection.h"

namespace mqttvet::sim {

bool Connection::cut_by_reset() {
  const bool had_effect = is_live(client_) && (established_ ? is_live(server_) : true);
  if (!is_live(client_) && !(established_ && is_live(server_))) return false;
  const auto keep = shared_from_this();
  cancel(handshake_);
  cancel(connect_deadline_);
  client_.out.stop();
  server_.out.stop();
  fail(client_, Endpoint::Error::reset, "cut");
  if (established_) fail(server_, Endpoint::Error::reset, "cut");
  return had_effect;
}

bool Connection::cut_by_fin() {
  if (severed_ || !is_live(client_) || !is_live(server_) || client_.state == Endpoint::State::connecting)
    return false;
  note(client_, "cut by FIN");
  sever(client_.out.next_offset(), server_.out.next_offset());
  return true;
}

void Connection::sever(std::uint64_t to_server_offset, std::uint64_t to_client_offset) {
  severed_ = true;
  client_.out.sever(to_server_offset);
  server_.out.sever(to_client_offset);
}

bool Connection::vanish(Side& side) {
  if (!is_live(side) || (!side.is_client && !established_)) return false;
  if (side.state == Endpoint::State::connecting) {
    give_up_connecting(Endpoint::Error::reset, "vanished");
    return true;
  }
  const auto keep = shared_from_this();
  fail(side, Endpoint::Error::reset, "vanished");
  side.kernel = Side::Kernel::vanished;
  return true;
}

bool Connection::lose_power(Side& side) {
  if (!side.is_client && !established_) {
    server_.kernel = Side::Kernel::forgotten;
    return false;
  }
  const bool had_effect = is_live(side) || !side.is_closed_by_application;
  const auto keep = shared_from_this();
  const auto callback = std::exchange(side.on_change, nullptr);
  cancel(side.notification);
  if (side.state == Endpoint::State::connecting) {
    cancel(handshake_);
    cancel(connect_deadline_);
  }
  side.is_closed_by_application = true;
  side.state = Endpoint::State::closed;
  side.received.clear();
  if (had_effect) note(side, "power lost");
  if (is_live(side)) forget(side);
  if (side.is_client) end_for_client("power lost");
  bury_if_over();
  return had_effect;
}

void Connection::forget_flights(Side& side) {
  if (is_live(side)) return;
  side.out.stop();
  bury_if_over();
}

void Connection::wake(Side& side) {
  if (is_readable(side)) notify(side);
}

void Connection::release() {
  client_.out.release();
  server_.out.release();
  if (!step_held_) return;
  cancel(handshake_);
  handshake_ = fabric_.world.after(Duration{0}, [this] { step_arrives(); });
}

// What passed before an aimed fault has passed: the server gets all of it, and learns of the fault behind it.
void Connection::passed(Side& from, const Network::Passage& passage) {
  const auto keep = shared_from_this();
  switch (passage.then) {
    case Network::Passage::Then::nothing:
      return;
    case Network::Passage::Then::reset:
      if (!is_live(client_)) return;
      fail(client_, Endpoint::Error::reset, "cut");
      return client_.out.send_reset();
    case Network::Passage::Then::fin:
      if (severed_) return;
      note(client_, "cut by FIN");
      return sever(client_.out.next_offset(),
                   from.is_client ? server_.out.next_offset() : server_.out.delivered_offset());
    case Network::Passage::Then::vanish:
      vanish(client_);
      return;
    case Network::Passage::Then::stall:
      note(from, "stall");
      return from.out.hold_from(from.is_client ? from.out.written_offset() : from.out.delivered_offset(),
                                fabric_.world.now() + passage.stall_for);
  }
}

}  // namespace mqttvet::sim
