// Properties as Paho C hands them out. Internal to this folder.
#pragma once

#include <MQTTAsync.h>

#include "conformance/wire/property.h"

namespace mqttvet::sim {

wire::Properties properties_of(const MQTTProperties& properties);

}  // namespace mqttvet::sim
