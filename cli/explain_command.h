// mqttvet explain: one statement in our words, our reading of it, and what checks it.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "cli/common.h"

namespace mqttvet::cli {

class ExplainCommand {
 public:
  explicit ExplainCommand(CLI::App& app);
  const CLI::App* command() const { return command_; }
  int run();

 private:
  CLI::App* command_;
  std::string id_;
};

}  // namespace mqttvet::cli
