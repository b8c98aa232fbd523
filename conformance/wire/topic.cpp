#include "conformance/wire/topic.h"

#include "conformance/wire/cursor.h"
#include "conformance/wire/describe.h"

namespace mqttvet::wire {
namespace {

constexpr std::string_view kShare = "$share/";

[[noreturn]] void fail(std::string_view filter, const char* why) {
  throw Fault("Topic Filter " + quoted(filter) + " " + why);
}

// '+' fills a level, '#' fills the last one (4.7.1).
void require_wildcards_in_place(std::string_view filter) {
  for (std::size_t at = 0; at < filter.size(); ++at) {
    if (filter[at] != '+' && filter[at] != '#') continue;
    const bool begins_level = at == 0 || filter[at - 1] == '/';
    const bool is_last = at + 1 == filter.size();
    const bool ends_level = is_last || filter[at + 1] == '/';
    if (!begins_level || !ends_level)
      fail(filter, "has a wildcard that is not alone in its level (section 4.7.1)");
    if (filter[at] == '#' && !is_last) fail(filter, "goes on after '#' (section 4.7.1)");
  }
}

}  // namespace

void require_topic_name(std::string_view topic, std::string_view field) {
  if (topic.empty()) throw Fault(std::string(field) + " is empty (section 4.7.3)");
  if (topic.find_first_of("+#") != std::string_view::npos) {
    throw Fault(std::string(field) + " " + quoted(topic) + " has a wildcard (section 3.3.2)");
  }
}

bool is_shared_subscription(std::string_view filter) {
  return filter.starts_with(kShare);
}

void require_topic_filter(std::string_view filter, Version version) {
  if (filter.empty()) throw Fault("Topic Filter is empty (section 4.7.3)");
  if (version != Version::v5_0 || !is_shared_subscription(filter)) return require_wildcards_in_place(filter);
  const std::string_view tail = filter.substr(kShare.size());
  const std::size_t slash = tail.find('/');
  const std::string_view name = tail.substr(0, slash);
  if (name.empty()) fail(filter, "has an empty ShareName [MQTT5-4.8.2-1]");
  if (name.find_first_of("+#") != std::string_view::npos)
    fail(filter, "has a wildcard as ShareName [MQTT5-4.8.2-2]");
  if (slash == std::string_view::npos || slash + 1 == tail.size()) {
    fail(filter, "has nothing after its ShareName [MQTT5-4.8.2-2]");
  }
  require_wildcards_in_place(tail.substr(slash + 1));
}

}  // namespace mqttvet::wire
