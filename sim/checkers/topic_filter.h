// Topic filters as section 4.7 defines them: the judge's own reading, apart from the broker's.
#pragma once

#include <string_view>

namespace mqttvet::sim {

// Whether a Topic Name matches a Topic Filter (4.7.1), with the rule that a leading wildcard does not match a
// topic that begins with '$' (4.7.2-1). `filter` is without a "$share/NAME/" prefix.
bool filter_matches(std::string_view filter, std::string_view topic);

}  // namespace mqttvet::sim
