// The broker's configuration as text, as --set KEY=VALUE and the file of the broker program give it.
//
// Keys are the names of core::Config; broker/driver/config_table.cpp lists them. Values are whole numbers;
// durations are in seconds; true and false are written out; "never" is the expiry interval that does not end;
// a few are texts.
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

// One key, as the manual and the commented example show it.
struct ConfigKey {
  std::string_view name;
  std::string_view unit;  // "bytes", "seconds", ...; what 0 means, if it means something else
  std::string value;      // as apply() reads it
  std::string_view section;
  std::string_view description;
  std::string_view emqttd;  // emqttd's name; may be empty
  bool is_text = false;     // to be quoted in YAML
};
// Every key, in the order of core::Config, with its default; or with its value in `config`.
std::vector<ConfigKey> config_keys();
std::vector<ConfigKey> config_keys(const core::Config& config);

}  // namespace mqttvet::driver
