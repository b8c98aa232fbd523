#include "sim/checkers/topic_filter.h"

namespace mqttvet::sim {
namespace {

// The first level of `path`; removes it and the '/' behind it. `more` tells whether a '/' was there.
std::string_view take_level(std::string_view& path, bool& more) {
  const auto slash = path.find('/');
  more = slash != std::string_view::npos;
  const auto level = path.substr(0, slash);
  path = more ? path.substr(slash + 1) : std::string_view();
  return level;
}

}  // namespace

bool filter_matches(std::string_view filter, std::string_view topic) {
  if (filter.empty() || topic.empty()) return false;
  if (topic.front() == '$' && (filter.front() == '+' || filter.front() == '#')) return false;
  bool more_filter = true;
  bool more_topic = true;
  while (more_filter && more_topic) {
    const auto wanted = take_level(filter, more_filter);
    if (wanted == "#") return true;
    const auto level = take_level(topic, more_topic);
    if (wanted != "+" && wanted != level) return false;
  }
  if (!more_filter && !more_topic) return true;
  return !more_topic && filter == "#";  // "a/#" also matches "a"
}

}  // namespace mqttvet::sim
