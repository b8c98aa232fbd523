// Which known name somebody who mistyped one meant.
#pragma once

#include <span>
#include <string_view>

namespace mqttvet::driver {

// The one in which the fewest letters have to change, come or go. REQUIRES: there is one.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace mqttvet::driver
