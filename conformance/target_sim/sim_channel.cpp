#include "conformance/target_sim/sim_channel.h"

#include <utility>

namespace mqttvet::conformance {
namespace {

// One connection. Its callbacks own it, so that a closed channel still delivers what was sent.
class SimStream : public std::enable_shared_from_this<SimStream> {
 public:
  SimStream(sim::World& world, sim::EndpointPtr endpoint, ChannelEvents& events)
      : world_(world), endpoint_(std::move(endpoint)), events_(&events) {}

  void begin() {
    endpoint_->on_change([self = shared_from_this()] { self->changed(); });
    world_.after(Duration{0}, [self = shared_from_this()] { self->changed(); });  // it may be open already
  }
  void send(std::string_view bytes) {
    unsent_ += bytes;
    write();
  }
  void finish() {
    finishing_ = true;
    write();
  }
  void close() {
    events_ = nullptr;
    closing_ = finishing_ = true;
    write();
  }
  void abort() {
    events_ = nullptr;
    if (endpoint_) std::exchange(endpoint_, nullptr)->abort();
  }
  void hold_reading(bool hold) {
    holding_ = hold;
    if (!hold && endpoint_) world_.after(Duration{0}, [self = shared_from_this()] { self->changed(); });
  }

 private:
  void changed() {
    if (!endpoint_) return;
    if (!open_ && endpoint_->state() == sim::Endpoint::State::open) {
      open_ = true;
      tell([&](ChannelEvents& events) { events.opened(world_.now()); });
    }
    write();
    if (!holding_ || !events_) read();
    if (!endpoint_ || (holding_ && events_)) return;
    if (endpoint_->error() != sim::Endpoint::Error::none || endpoint_->at_end()) end();
  }

  void read() {
    char buffer[16 * 1024];
    while (endpoint_) {
      const std::size_t count = endpoint_->read(buffer, sizeof buffer);
      if (count == 0) return;
      tell([&](ChannelEvents& events) { events.received(world_.now(), {buffer, count}); });
    }
  }

  void write() {
    if (!endpoint_) return;
    if (!unsent_.empty()) unsent_.erase(0, endpoint_->write(unsent_));
    if (!finishing_ || finished_ || !unsent_.empty() || !open_) return;
    finished_ = true;
    if (closing_) return drop();
    endpoint_->finish();
  }

  void drop() {
    const sim::EndpointPtr endpoint = std::exchange(endpoint_, nullptr);
    endpoint->on_change(nullptr);
    endpoint->close();
  }

  void end() {
    using Error = sim::Endpoint::Error;
    const auto [how, text] = [&]() -> std::pair<Ending, const char*> {
      switch (endpoint_->error()) {
        case Error::none:
          return {Ending::finished, "the target closes the connection"};
        case Error::refused:
          return {Ending::refused, "connection refused"};
        case Error::unreachable:
          return {Ending::failed, "host unreachable"};
        case Error::reset:
          return {Ending::reset, "connection reset by the target"};
        case Error::timed_out:
          break;
      }
      return {Ending::timed_out, "connection timed out"};
    }();
    drop();
    ChannelEvents* events = std::exchange(events_, nullptr);
    if (!events) return;
    events->ended(world_.now(), how, text);
    world_.stop();
  }

  template <typename Tell>
  void tell(Tell tell) {
    if (!events_) return;
    tell(*events_);
    world_.stop();  // whoever waits looks at it now
  }

  sim::World& world_;
  sim::EndpointPtr endpoint_;  // null: over
  ChannelEvents* events_;      // null: nobody listens any more
  std::string unsent_;
  bool open_ = false;
  bool holding_ = false;
  bool finishing_ = false;
  bool finished_ = false;
  bool closing_ = false;
};

class SimChannel : public Channel {
 public:
  SimChannel(std::shared_ptr<SimStream> stream, std::function<bool()> fault_struck)
      : stream_(std::move(stream)), fault_struck_(std::move(fault_struck)) {}
  ~SimChannel() override { abort(); }
  void send(std::string_view bytes) override {
    if (stream_) stream_->send(bytes);
  }
  void finish() override {
    if (stream_) stream_->finish();
  }
  void close() override {
    if (stream_) std::exchange(stream_, nullptr)->close();
  }
  void abort() override {
    if (stream_) std::exchange(stream_, nullptr)->abort();
  }
  void hold_reading(bool hold) override {
    if (stream_) stream_->hold_reading(hold);
  }

  bool fault_struck() const override { return fault_struck_ && fault_struck_(); }

 private:
  std::shared_ptr<SimStream> stream_;
  std::function<bool()> fault_struck_;
};

}  // namespace

std::unique_ptr<Channel> make_sim_channel(sim::World& world, sim::EndpointPtr endpoint, ChannelEvents& events,
                                          std::function<bool()> fault_struck) {
  auto stream = std::make_shared<SimStream>(world, std::move(endpoint), events);
  stream->begin();
  return std::make_unique<SimChannel>(std::move(stream), std::move(fault_struck));
}

}  // namespace mqttvet::conformance
