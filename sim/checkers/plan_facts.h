// What the plan says that an oracle must know: limits that permit a loss, and clients that do not play by the
// rules.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

class PlanFacts {
 public:
  explicit PlanFacts(const WireView& view);

  // The promise of max_inflight; 0: none.
  std::uint32_t max_inflight() const { return max_inflight_; }
  // Lifetime of a 3.x session with CleanSession 0; 0xFFFFFFFF: for ever.
  std::uint32_t session_expiry_v3() const { return session_expiry_v3_; }
  // A queue may have been full, so that a documented drop excuses a missing message.
  bool drops_possible() const { return drops_possible_; }
  // The client sends bytes of its own making: what follows is not the broker's fault.
  bool sends_raw_bytes(const std::string& client) const;
  // The client holds acknowledgements back, now and then.
  bool holds_acknowledgements(const std::string& client) const;
  // Time by which the broker may learn late that this client's connection is gone: keep-alive where the
  // network is silent about it, stalls and pauses. Absent: not known.
  std::optional<Duration> notice_delay(const ConnectionView& connection) const;

 private:
  const Plan& plan_;
  std::uint32_t max_inflight_ = 100;
  std::uint32_t session_expiry_v3_ = 48 * 3600;
  bool drops_possible_ = false;
};

// "12.345s" for messages.
std::string seconds_text(Time time);

}  // namespace mqttvet::sim
