// `mqttvet replay`: one run again, packet by packet.
#pragma once

#include "cli/common.h"

namespace mqttvet::cli {

class ReplayCommand {
 public:
  explicit ReplayCommand(CLI::App& app);
  CLI::App* command() const { return command_; }
  int run();

 private:
  CLI::App* command_;
  RunChoices choices_;
  std::string subject_;
  std::string save_;
  bool trace_ = false;
  bool events_ = false;
  bool twice_ = false;
  bool quiet_ = false;
};

}  // namespace mqttvet::cli
