#include "broker/core/topic_filter.h"

#include "broker/codec/topic.h"

namespace mqttvet::core {

bool is_topic_filter(std::string_view text) {
  return codec::is_valid_topic_filter(text);
}

}  // namespace mqttvet::core
