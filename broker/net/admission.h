// Who may come in at a listener: so many connections at a time, so many new ones a second.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "broker/core/time.h"
#include "broker/net/listener_config.h"

namespace mqttvet::net {

// A connection's place among those of its listener; free again when this is destroyed.
class Place {
 public:
  Place() = default;  // none
  explicit Place(std::shared_ptr<std::size_t> taken) : taken_(std::move(taken)) { ++*taken_; }
  Place(Place&& other) noexcept = default;
  Place& operator=(Place&& other) = delete;
  ~Place() {
    if (taken_) --*taken_;
  }

 private:
  std::shared_ptr<std::size_t> taken_;
};

class Admission {
 public:
  explicit Admission(ListenerLimits limits) : limits_(limits) {}

  const ListenerLimits& limits() const { return limits_; }
  // From now on; nobody who is in has to leave.
  void set_limits(ListenerLimits limits) { limits_ = limits; }

  // A place, or nullopt for one connection too many; then ask report().
  std::optional<Place> admit(core::Monotonic now);

  // What to log about the refused, at most once in kReportInterval; counts are since the last report.
  std::optional<std::string> report(core::Monotonic now);

  std::size_t taken() const { return *taken_; }
  static constexpr std::chrono::seconds kReportInterval{10};

 private:
  ListenerLimits limits_;
  std::shared_ptr<std::size_t> taken_ = std::make_shared<std::size_t>(0);
  core::Monotonic paid_until_{};  // the connections so far, at the rate that is allowed, take until then
  std::uint64_t refused_full_ = 0;
  std::uint64_t refused_too_fast_ = 0;
  std::optional<core::Monotonic> reported_at_;
};

}  // namespace mqttvet::net
