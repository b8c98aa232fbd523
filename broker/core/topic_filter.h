// What a configuration must know of topic filters, for those who may not see the codec.
#pragma once

#include <string_view>

namespace mqttvet::core {

// Whether it is one (section 4.7.1).
bool is_topic_filter(std::string_view text);

}  // namespace mqttvet::core
