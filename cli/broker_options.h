// The command line of mqttvet-broker, and the settings that it, the configuration file and the defaults make.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <variant>
#include <vector>

#include "broker/config/settings.h"

namespace mqttvet::cli {

enum BrokerExit { kStopped = 0, kFailed = 1, kUsage = 2, kNotStarted = 3 };

// One line for the user, and the status to end with.
struct BrokerRefusal {
  BrokerExit status;
  std::string text;
};

struct BrokerOptions {
  std::string config_file;
  bool check_config = false;
  bool print_config = false;
  std::vector<std::string> listen;  // instead of the file's listeners, if there is one
  net::ListenerConfig listener;     // what all addresses of `listen` have in common
  std::string data;
  bool memory = false;
  std::string users_file;
  std::string acl_file;
  std::string log_format;
  std::vector<std::string> settings;
  bool quiet = false;
  bool verbose = false;
};

void declare(CLI::App& app, BrokerOptions& options);

// The defaults, changed by the file, changed by --set, changed by the other options. Checked as a whole,
// unless they are only to be printed.
std::variant<config::Settings, BrokerRefusal> settings_of(const BrokerOptions& options);

}  // namespace mqttvet::cli
