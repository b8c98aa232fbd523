// One connection to a live target: a Transport as a Channel. Internal to this folder.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "conformance/harness/target.h"
#include "conformance/target_live/proxy.h"
#include "conformance/target_live/transport.h"

namespace mqttvet::conformance {

// Its pending operations own it, so that a closed channel still delivers what was sent while its io_context
// runs.
class LiveStream : public std::enable_shared_from_this<LiveStream> {
 public:
  using Clock = std::chrono::steady_clock;

  LiveStream(std::unique_ptr<Transport> transport, Clock::time_point begun, ChannelEvents& events)
      : transport_(std::move(transport)), begun_(begun), events_(&events) {}

  void begin(const Endpoints& endpoints);
  void send(Framing framing, std::string_view bytes);
  std::string sub_protocol() const { return transport_->sub_protocol(); }
  void finish();
  void close();  // no further event
  void abort();  // no further event
  void hold_reading(bool hold);

 private:
  Time now() const { return Clock::now() - begun_; }
  void read();
  void write();
  void end(error_code error);

  std::unique_ptr<Transport> transport_;
  Clock::time_point begun_;
  ChannelEvents* events_;  // null: nobody listens any more
  struct Unsent {
    Framing framing;
    std::string bytes;
  };
  std::deque<Unsent> unsent_;
  std::array<char, 16 * 1024> buffer_;
  bool open_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool holding_ = false;
  bool finishing_ = false;
  bool over_ = false;
};

class LiveChannel : public Channel {
 public:
  // `proxy`: null, or what the stream goes through.
  LiveChannel(std::shared_ptr<LiveStream> stream, std::shared_ptr<const Proxy> proxy)
      : stream_(std::move(stream)), proxy_(std::move(proxy)) {}
  ~LiveChannel() override { abort(); }
  void send(std::string_view bytes) override { send_as(Framing::binary, bytes); }
  void send_as(Framing framing, std::string_view bytes) override {
    if (stream_) stream_->send(framing, bytes);
  }
  std::string sub_protocol() const override { return stream_ ? stream_->sub_protocol() : std::string(); }
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
  bool fault_struck() const override { return proxy_ && proxy_->fault_struck(); }

 private:
  std::shared_ptr<LiveStream> stream_;
  std::shared_ptr<const Proxy> proxy_;
};

}  // namespace mqttvet::conformance
