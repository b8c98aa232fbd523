// For tests of the harness: a target that says what a function tells it to, on a clock that jumps.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "conformance/harness/runner.h"
#include "conformance/wire/hex.h"

namespace mqttvet::conformance::testing {

// What it does when bytes arrive (or, with an empty view, when it is connected): send these, then perhaps
// close.
struct Answer {
  std::string hex{};
  bool closes = false;
};
using Script = std::function<Answer(std::string_view bytes)>;

class ScriptedVenue : public Venue {
 public:
  explicit ScriptedVenue(const Script& script) : script_(script) {}

  Time now() const override { return now_; }
  std::unique_ptr<Channel> connect(ChannelEvents& events, const std::optional<Fault>&) override {
    auto listener = std::make_shared<ChannelEvents*>(&events);
    events_.emplace_back([this, listener] {
      if (*listener) (*listener)->opened(now_);
    });
    answer(listener, "");
    return std::make_unique<ScriptedChannel>(*this, std::move(listener));
  }
  void wait(Time deadline) override {
    if (events_.empty()) {
      now_ = std::max(now_, deadline);
      return;
    }
    now_ += std::chrono::milliseconds(1);
    const auto event = std::move(events_.front());
    events_.pop_front();
    event();
  }
  void restart() override {}
  void kill() override {}

 private:
  using Listener = std::shared_ptr<ChannelEvents*>;  // null inside: the client has left

  class ScriptedChannel : public Channel {
   public:
    ScriptedChannel(ScriptedVenue& venue, Listener listener)
        : venue_(venue), listener_(std::move(listener)) {}
    ~ScriptedChannel() override { *listener_ = nullptr; }
    void send(std::string_view bytes) override { venue_.answer(listener_, bytes); }
    void finish() override {}
    void close() override { *listener_ = nullptr; }
    void abort() override { *listener_ = nullptr; }
    void hold_reading(bool) override {}

   private:
    ScriptedVenue& venue_;
    Listener listener_;
  };

  void answer(const Listener& listener, std::string_view bytes) {
    const Answer answer = script_(bytes);
    if (!answer.hex.empty()) {
      events_.emplace_back([this, listener, sent = wire::from_hex(answer.hex)] {
        if (*listener) (*listener)->received(now_, sent);
      });
    }
    if (!answer.closes) return;
    events_.emplace_back([this, listener] {
      if (auto* events = std::exchange(*listener, nullptr)) events->ended(now_, Ending::finished, "closes");
    });
  }

  const Script& script_;
  Time now_{0};
  std::deque<std::function<void()>> events_;
};

class ScriptedTarget : public Target {
 public:
  explicit ScriptedTarget(Script script) : script_(std::move(script)) {
    facts_.capabilities = {Capability::mqtt_3_1, Capability::mqtt_3_1_1, Capability::mqtt_5_0};
    facts_.pace = {std::chrono::seconds(2), std::chrono::seconds(1), std::chrono::milliseconds(10)};
  }
  std::string name() const override { return "scripted"; }
  bool simulated() const override { return true; }
  const TargetFacts& facts() const override { return facts_; }
  void set_facts(TargetFacts facts) override { facts_ = std::move(facts); }
  std::unique_ptr<Venue> open(std::uint64_t) override { return std::make_unique<ScriptedVenue>(script_); }

 private:
  Script script_;
  TargetFacts facts_;
};

}  // namespace mqttvet::conformance::testing
