// The broker's configuration as text, as --set KEY=VALUE of the broker program gives it.
//
// Keys are the names of core::Config. Values are whole numbers; durations are in seconds; true and false are
// written out; "never" is the expiry interval that does not end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/config.h"

namespace mqttvet::driver {

// Sets one key. Nothing changes if it returns an error: one line that names the key, the value and what was
// expected, and for an unknown key the nearest one there is.
std::optional<std::string> apply(core::Config& config, std::string_view key, std::string_view value);

// One line of the manual.
struct ConfigKey {
  std::string_view name;
  std::string_view unit;  // "bytes", "seconds", ...; what 0 means, if it means something else
  std::string default_value;
};
// Every key, in the order of core::Config.
std::vector<ConfigKey> config_keys();

}  // namespace mqttvet::driver
