// How a connection comes about: SYN, SYN-ACK, ACK.
#include "sim/network/connection.h"

namespace mqttvet::sim {

EndpointPtr Connection::open() {
  started_at_ = fabric_.world.now();
  note(client_, "connect");
  EndpointPtr endpoint(new Endpoint(shared_from_this(), true));
  if (server_.host == &fabric_.nowhere) {
    handshake_ = fabric_.world.after(
        Duration{0}, [this] { give_up_connecting(Endpoint::Error::unreachable, "unreachable"); });
    return endpoint;
  }
  connect_deadline_ = fabric_.world.after(fabric_.timeouts.connect, [this] {
    give_up_connecting(Endpoint::Error::timed_out, "connect timed out");
  });
  send_step(Step::syn);
  return endpoint;
}

void Connection::send_step(Step step) {
  step_ = step;
  const bool to_server = step == Step::syn || step == Step::ack;
  handshake_ = fabric_.world.after(draw_latency(sender(to_server)), [this] { step_arrives(); });
}

void Connection::step_arrives() {
  handshake_ = World::EventId::none;
  step_held_ = false;
  const bool to_server = step_ == Step::syn || step_ == Step::ack;
  if (const Time until = stalled_until(to_server); until > fabric_.world.now()) {
    step_held_ = true;
    handshake_ = fabric_.world.schedule(until, [this] { step_arrives(); });
    return;
  }
  if (is_lost(to_server)) return lose_step();
  switch (step_) {
    case Step::syn: {
      note(server_, "syn");
      server_.kernel = Side::Kernel::alive;
      const bool listens = server_.host->listeners.contains(server_.port);
      return send_step(listens ? Step::syn_ack : Step::refusal);
    }
    case Step::refusal:
      return give_up_connecting(Endpoint::Error::refused, "refused");
    case Step::syn_ack:
      opened();
      return send_step(Step::ack);
    case Step::ack:
      return establish();
  }
}

// The client sends its SYN again 1, 3, 7, 15 ... s after the first; its ACK after 1, 2, 4 ... s (as the
// server, still waiting for it, repeats its SYN-ACK).
void Connection::lose_step() {
  note(sender(step_ == Step::syn || step_ == Step::ack), "handshake lost");
  const Time now = fabric_.world.now();
  Time again = now + ack_retry_;
  if (step_ == Step::ack) {
    ack_retry_ = std::min(2 * ack_retry_, fabric_.timeouts.retransmission_max);
  } else {
    Duration wait = std::chrono::seconds(1);
    again = started_at_ + wait;
    while (again <= now) again += wait *= 2;
    step_ = Step::syn;
  }
  handshake_ = fabric_.world.schedule(again, [this] { send_step(step_); });
}

void Connection::give_up_connecting(Endpoint::Error error, std::string_view what) {
  cancel(handshake_);
  cancel(connect_deadline_);
  fail(client_, error, what);
}

void Connection::opened() {
  note(client_, "open");
  cancel(connect_deadline_);
  client_.state = Endpoint::State::open;
  observed_open_ = true;
  if (fabric_.observer)
    fabric_.observer({.kind = Observed::Kind::opened,
                      .at = fabric_.world.now(),
                      .connection = number_,
                      .client_host = client_.host->name,
                      .server_host = server_.host->name,
                      .bytes = {},
                      .reason = {}});
  notify(client_);
}

void Connection::establish() {
  if (established_) return;
  const auto listener = server_.host->listeners.find(server_.port);
  if (listener == server_.host->listeners.end() ||
      !is_live(server_)) {  // it stopped listening, or lost its memory
    server_.kernel = Side::Kernel::forgotten;
    return answer_by_reset(server_);
  }
  established_ = true;
  cancel(handshake_);
  note(server_, "accept");
  server_.state = Endpoint::State::open;
  server_.is_closed_by_application = false;
  const std::shared_ptr<Accept> accept = listener->second;  // it may stop listening meanwhile
  (*accept)(EndpointPtr(new Endpoint(shared_from_this(), false)));
}

}  // namespace mqttvet::sim
