// The syntax of Topic Names and Topic Filters (section 4.7). Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "conformance/wire/packet.h"

namespace mqttvet::wire {

// Both throw Fault. The text is UTF-8 already.
void require_topic_name(std::string_view topic, std::string_view field);
// Shared subscriptions ($share/NAME/FILTER, 4.8.2) have a syntax of their own in 5.0.
void require_topic_filter(std::string_view filter, Version version);
bool is_shared_subscription(std::string_view filter);

}  // namespace mqttvet::wire
