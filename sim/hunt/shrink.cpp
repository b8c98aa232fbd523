#include "sim/hunt/shrink.h"

#include <algorithm>

#include "sim/hunt/reductions.h"

namespace mqttvet::sim {
namespace {

class Shrinking {
 public:
  Shrinking(Plan plan, const Trial& trial, const std::function<bool()>& gave_up)
      : plan_(std::move(plan)), trial_(trial), gave_up_(gave_up) {}

  Shrunk run() {
    bool changed = true;
    while (changed && !gave_up_()) changed = round();
    return {std::move(plan_), !gave_up_()};
  }

 private:
  bool round() {
    bool changed = drop_chunks();
    changed |= reduce(with_clients_merged);
    changed |= reduce(with_a_calm_schedule);
    changed |= reduce(without_a_guest);
    changed |= reduce(without_an_entry);
    changed |= reduce(with_a_rounder_value);
    changed |= reduce(with_usual_names);
    return changed;
  }

  bool drop_chunks() {
    bool changed = reduce(without_a_client);
    for (std::size_t chunk = std::max<std::size_t>(1, plan_.faults.size() / 2); chunk > 0; chunk /= 2)
      changed |= reduce(without_faults(chunk));
    for (std::size_t chunk = std::max<std::size_t>(1, plan_.steps.size() / 2); chunk > 0; chunk /= 2)
      changed |= reduce(without_steps(chunk));
    return changed;
  }

  // Goes through the candidates once. After a hit it goes on where it was: the candidates before it would
  // mostly fail again, and the next round looks at them anyway.
  bool reduce(const Reduction& reduction) {
    bool changed = false;
    std::size_t from = 0;
    while (!gave_up_()) {
      const Candidates candidates = reduction(plan_);
      std::size_t at = from;
      auto hit = trial_([&]() -> std::optional<Failing> {
        for (; at < candidates.count; ++at)
          if (auto plan = candidates.make(at)) return Failing{at++, std::move(*plan)};
        return std::nullopt;
      });
      if (!hit) break;
      from = hit->number;
      plan_ = std::move(hit->plan);
      changed = true;
    }
    return changed;
  }

  Plan plan_;
  const Trial& trial_;
  const std::function<bool()>& gave_up_;
};

}  // namespace

Shrunk shrink(Plan plan, const Trial& trial, const std::function<bool()>& gave_up) {
  return Shrinking(std::move(plan), trial, gave_up).run();
}

}  // namespace mqttvet::sim
