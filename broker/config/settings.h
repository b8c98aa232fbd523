// Everything the broker program is started with: the broker's own configuration, and where it listens, stores
// and logs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/config.h"
#include "broker/net/listener_config.h"

namespace mqttvet::config {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { text, json };

struct Settings {
  core::Config core;
  std::vector<net::ListenerConfig> listeners;
  std::string data_directory;
  bool memory = false;
  std::string users_file;
  std::string acl_file;
  LogLevel log_level = LogLevel::info;
  std::array<std::optional<LogLevel>, 5> log_areas = {};  // by core::Log::Area; absent: log_level
  LogFormat log_format = LogFormat::text;

  Settings();  // listens on mqtt://127.0.0.1:1883
};

// Sets one key, as --set KEY=VALUE does: one of driver::config_keys(), or one of the program's, with its
// section in front ("storage.directory"). Nothing changes if it returns an error: one line that names the
// key, the value and what was expected, and for an unknown key the nearest one there is.
std::optional<std::string> apply(Settings& settings, std::string_view key, std::string_view value);

// The names of the keys whose values differ, those of listeners left out.
std::vector<std::string> differing_keys(const Settings& one, const Settings& other);

// What is wrong with all of it together, in one line: a listener that everybody reaches though there are no
// users, nowhere to store, keys of a transport that does not use them.
std::optional<std::string> check(const Settings& settings);

}  // namespace mqttvet::config
