// One event of the world that its owner may move or forget, and that never outlives its owner.
#pragma once

#include <functional>
#include <utility>

#include "sim/world/world.h"

namespace mqttvet::sim {

class Timer {
 public:
  explicit Timer(World& world) : world_(world) {}
  ~Timer() { stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces what was started before.
  void start(Duration delay, std::function<void()> callback) {
    stop();
    event_ = world_.after(delay, [this, callback = std::move(callback)] {
      event_ = World::EventId::none;
      callback();
    });
  }
  void stop() { world_.cancel(std::exchange(event_, World::EventId::none)); }

 private:
  World& world_;
  World::EventId event_ = World::EventId::none;
};

}  // namespace mqttvet::sim
