#include "sim/checkers/timers.h"

#include "sim/checkers/oracles.h"

namespace mqttvet::sim {

void check_timers(const Model& model, std::vector<Violation>& violations) {
  check_keep_alive(model, violations);
  check_time_to_connect(model, violations);
  check_retry_interval(model, violations);
}

}  // namespace mqttvet::sim
