// How our broker is configured for each variant of the target.
#pragma once

#include "broker/core/config.h"
#include "conformance/harness/target.h"

namespace mqttvet::conformance {

core::Config config_of(Variant variant);

}  // namespace mqttvet::conformance
