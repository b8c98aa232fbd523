// What is known of the Paho libraries under test: conformance/client/known_deviations.yaml, with the reasons.
#pragma once

#include <vector>

#include "conformance/harness/known_deviations.h"

namespace mqttvet::conformance {

// Of both libraries; of_target() tells them apart.
std::vector<KnownDeviation> known_paho_deviations();

}  // namespace mqttvet::conformance
