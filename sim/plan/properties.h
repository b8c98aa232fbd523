// The properties of MQTT 5.0 as a scenario file writes them: {content_type: text/plain, correlation_data: 0A
// FF, user_property: [[colour, red], [colour, blue]]}. Every property of the standard by its name, on any
// packet: a raw client may well send one where it does not belong.
#pragma once

#include "conformance/wire/property.h"
#include "sim/plan/yaml_map.h"

namespace mqttvet::sim {

// "topic_alias_maximum"
std::string property_name(wire::PropertyId id);

// The value of a key `properties`, in the order of the file. `what` names their packet in messages.
wire::Properties read_properties(const YAML::Node& node, YamlReader& reader, const std::string& what);

// As one mapping on one line. Each property but User Property can be written once; a second one is left out.
void write_properties(YAML::Emitter& out, const wire::Properties& properties);

}  // namespace mqttvet::sim
