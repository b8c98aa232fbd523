#include "conformance/target_live/proxy.h"

namespace mqttvet::conformance {
namespace {

using asio::ip::tcp;

constexpr std::size_t kReadBytes = 16 * 1024;
// Enough for a piece to leave alone.
constexpr auto kBetweenPieces = std::chrono::milliseconds(1);

}  // namespace

Proxy::Proxy(asio::io_context& context, std::unique_ptr<Transport> to_target, const Fault& fault)
    : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      timer_(context),
      to_target_(std::move(to_target)),
      trigger_(fault),
      ways_{{.name = Fault::Way::to_client}, {.name = Fault::Way::to_target}} {}

void Proxy::begin(const Endpoints& target) {
  acceptor_.async_accept([self = shared_from_this(), target](error_code error, tcp::socket socket) {
    error_code ignored;
    self->acceptor_.close(ignored);
    if (error) return;
    socket.set_option(tcp::no_delay(true), ignored);
    self->to_client_ = make_tcp_transport(std::move(socket));
    self->open_target(target);
  });
}

void Proxy::open_target(const Endpoints& target) {
  to_target_->open(target, [self = shared_from_this()](error_code error) {
    if (error) return self->reset();
    for (Way& way : self->ways_) {
      const bool to_client = way.name == Fault::Way::to_client;
      way.from = to_client ? self->to_target_.get() : self->to_client_.get();
      way.to = to_client ? self->to_client_.get() : self->to_target_.get();
      self->read(way);
    }
  });
}

void Proxy::read(Way& way) {
  if (over_) return;
  way.waiting.resize(kReadBytes);
  way.from->read_some(asio::buffer(way.waiting),
                      [self = shared_from_this(), &way](error_code error, std::size_t bytes) {
                        if (self->over_) return;
                        way.waiting.resize(bytes);
                        if (error == asio::error::connection_reset) return self->reset();
                        if (error) return self->finish(way);
                        self->pass_on(way);
                      });
}

// All that waits, or what may pass before the fault.
void Proxy::pass_on(Way& way) {
  if (over_) return;
  if (way.waiting.empty()) return read(way);
  const auto again = [this, &way] { pass_on(way); };
  if (way.slow)
    return write(way, std::min(trigger_.fault().piece_bytes, way.waiting.size()),
                 [this, again] { after(kBetweenPieces, again); });
  const bool aimed = trigger_.fault().way == way.name;
  const auto passing = aimed ? trigger_.strikes_in(way.waiting) : std::nullopt;
  if (!passing) return write(way, way.waiting.size(), again);
  write(way, *passing, [this, &way] { strike(way); });
}

void Proxy::write(Way& way, std::size_t bytes, std::function<void()> then) {
  if (bytes == 0) return then();
  way.to->write(Framing::binary, asio::buffer(way.waiting.data(), bytes),
                [self = shared_from_this(), &way, bytes, then = std::move(then)](error_code error) {
                  if (self->over_) return;
                  if (error) return self->reset();
                  way.waiting.erase(0, bytes);
                  then();
                });
}

void Proxy::strike(Way& way) {
  struck_ = true;
  const auto again = [this, &way] { pass_on(way); };
  switch (trigger_.fault().what) {
    case Fault::What::reset:
      return reset();
    case Fault::What::finish:
      for (Way& each : ways_) finish(each);
      return;
    case Fault::What::stall:
      return after(trigger_.fault().lasts, again);
    case Fault::What::split:
      way.slow = true;
      return again();
  }
}

void Proxy::after(std::chrono::nanoseconds duration, std::function<void()> then) {
  timer_.expires_after(duration);
  timer_.async_wait([self = shared_from_this(), then = std::move(then)](error_code error) {
    if (!error) then();
  });
}

// The end of the stream, passed on; when both have ended nothing is left to do.
void Proxy::finish(Way& way) {
  if (std::exchange(way.ended, true)) return;
  way.to->finish([self = shared_from_this()](error_code) {});
}

void Proxy::reset() {
  if (std::exchange(over_, true)) return;
  timer_.cancel();
  for (Transport* side : {to_client_.get(), to_target_.get()}) {
    error_code ignored;
    side->socket().set_option(asio::socket_base::linger(true, 0), ignored);
    side->socket().close(ignored);
  }
}

}  // namespace mqttvet::conformance
