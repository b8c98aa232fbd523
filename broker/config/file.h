// The configuration file: YAML, read strictly; and the commented file with all keys.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "broker/config/settings.h"

namespace mqttvet::config {

// The settings, or one line, "FILE:LINE:COLUMN: ...", that says what was found and what was expected. Every
// key must be known, there once, and have a value of its type within its bounds; the nearest key is named.
// What is not there keeps its default. `file`: the name for messages.
std::variant<Settings, std::string> read(std::string_view yaml, std::string_view file);
std::variant<Settings, std::string> read_file(const std::string& file);

// A YAML file that sets every key to its value in `settings`, with a comment that says what it does, its
// unit, and emqttd's name of it.
std::string print(const Settings& settings);

}  // namespace mqttvet::config
