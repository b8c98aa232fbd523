#include "broker/net/admission.h"

#include <fmt/format.h>

#include <algorithm>

namespace mqttvet::net {

std::optional<Place> Admission::admit(core::Monotonic now) {
  if (*taken_ >= limits_.connections_max) {
    ++refused_full_;
    return std::nullopt;
  }
  if (limits_.connect_rate_max != 0) {
    constexpr core::Monotonic::duration kSecond = std::chrono::seconds(1);
    const core::Monotonic next = std::max(paid_until_, now) + kSecond / limits_.connect_rate_max;
    if (next - now > kSecond) {
      ++refused_too_fast_;
      return std::nullopt;
    }
    paid_until_ = next;
  }
  return Place(taken_);
}

std::optional<std::string> Admission::report(core::Monotonic now) {
  if (reported_at_ && now - *reported_at_ < kReportInterval) return std::nullopt;
  std::string text;
  if (refused_full_ != 0)
    text = fmt::format("{} refused beyond connections_max, {}", refused_full_, limits_.connections_max);
  if (refused_too_fast_ != 0)
    text += fmt::format("{}{} refused beyond connect_rate_max, {} per second", text.empty() ? "" : "; ",
                        refused_too_fast_, limits_.connect_rate_max);
  if (text.empty()) return std::nullopt;
  reported_at_ = now;
  refused_full_ = refused_too_fast_ = 0;
  return "connections: " + text;
}

}  // namespace mqttvet::net
