#include "broker/driver/planted_bugs.h"

#include <set>
#include <string>
#include <variant>

namespace mqttvet::driver {

void plant_cleared_dirty_set(const std::vector<core::Record>& committed,
                             std::vector<core::Record>& gathered) {
  std::set<std::string> topic_names;
  for (const core::Record& record : committed) {
    if (const auto* put = std::get_if<core::PutRetained>(&record))
      topic_names.insert(put->message->topic_name);
  }
  std::erase_if(gathered, [&](const core::Record& record) {
    const auto* put = std::get_if<core::PutRetained>(&record);
    return put != nullptr && topic_names.contains(put->message->topic_name);
  });
}

}  // namespace mqttvet::driver
