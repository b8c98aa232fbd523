// The table of the broker's configuration keys: one row per field of core::Config, in its order. --set, the
// YAML file, its commented example and the manual are made from it.
//
// To add a key: a field in core::Config, and a row here, within its section.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "broker/core/config.h"

namespace mqttvet::driver {

// A field whose text is neither a number nor a switch: one of several words, a list. `set` returns false, and
// changes nothing, if it cannot read the text; what was expected is then the row's `unit`.
struct WrittenOut {
  bool (*set)(core::Config& config, std::string_view text);
  std::string (*text)(const core::Config& config);
};

using ConfigField = std::variant<std::uint16_t core::Config::*, std::uint32_t core::Config::*,
                                 std::size_t core::Config::*, std::chrono::seconds core::Config::*,
                                 bool core::Config::*, std::string core::Config::*, WrittenOut>;

struct ConfigRow {
  std::string_view name;
  ConfigField field;
  std::string_view section;      // the heading it stands under in the file
  std::string_view unit;         // "bytes", "seconds", ...; what 0 means, if it means something else
  std::string_view description;  // what it does, in one sentence
  std::string_view emqttd = {};  // emqttd's name of it, if it has one
  // Of a number: its bounds. Of a text: its length in bytes.
  std::uint64_t low = 0;
  std::uint64_t high = std::numeric_limits<std::uint32_t>::max();
  bool may_be_never = false;  // of a duration: the expiry interval that does not end
};

std::span<const ConfigRow> config_table();

// What the broker program starts with: core::Config as it is, but with its own topics on $SYS, which every
// minute would disturb a test.
core::Config program_defaults();

}  // namespace mqttvet::driver
