// `mqttvet sim`: scenarios and seeds, many runs.
#pragma once

#include "cli/common.h"

namespace mqttvet::cli {

class SimCommand {
 public:
  explicit SimCommand(CLI::App& app);
  CLI::App* command() const { return command_; }
  int run();

 private:
  CLI::App* command_;
  RunChoices choices_;
  std::string seeds_;
  std::vector<std::string> scenarios_;
  std::string time_budget_;
  unsigned jobs_ = 0;
  std::string shard_;
  std::string hashes_;
  std::string json_;
  std::string junit_;
  bool twice_ = false;
  bool quiet_ = false;
  bool verbose_ = false;
};

}  // namespace mqttvet::cli
