#include "sim/checkers/disturbances.h"

#include <algorithm>

namespace mqttvet::sim {
namespace {

// After a fault's end: the longest retransmission of TCP in this world is 8 s.
constexpr Duration kEcho = std::chrono::seconds(10);
// From one side to the other when nothing is wrong, both machines' work included.
constexpr Duration kPassage = std::chrono::seconds(1);

}  // namespace

Disturbances::Disturbances(const WireView& view) {
  Duration longest{0};
  for (const Fault& fault : view.history->plan.faults) longest = std::max(longest, fault.duration);
  for (const HistoryEvent& event : view.history->events) {
    using Kind = HistoryEvent::Kind;
    const bool restarted = event.kind == Kind::broker_started && !all_.empty();  // not the first start
    const bool strikes = event.kind == Kind::fault || event.kind == Kind::broker_crashed || restarted ||
                         event.kind == Kind::broker_vanished;
    if (!strikes) continue;
    const Duration lasts = event.kind == Kind::broker_started ? kEcho : longest + kEcho;
    all_.push_back({event.at, event.at + lasts, event.kind == Kind::fault ? event.client : std::string()});
  }
}

bool Disturbances::quiet(std::string_view client, Time from, Time to) const {
  return std::none_of(all_.begin(), all_.end(), [&](const Disturbance& each) {
    return each.from <= to && each.to >= from && (each.client.empty() || each.client == client);
  });
}

bool Disturbances::quiet(Time from, Time to) const {
  return std::none_of(all_.begin(), all_.end(),
                      [&](const Disturbance& each) { return each.from <= to && each.to >= from; });
}

Duration Disturbances::delay(std::string_view client, Time arrived) const {
  Duration longest = kPassage;
  for (const Disturbance& each : all_) {
    if (each.from > arrived || each.to < arrived - kPassage) continue;
    if (each.client.empty() || each.client == client)
      longest = std::max(longest, arrived - each.from + kPassage);
  }
  return longest;
}

}  // namespace mqttvet::sim
