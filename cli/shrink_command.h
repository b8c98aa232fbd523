// `mqttvet shrink`: a failing run becomes a story that a person can read.
#pragma once

#include "cli/common.h"
#include "sim/hunt/reproducer.h"

namespace mqttvet::cli {

class ShrinkCommand {
 public:
  explicit ShrinkCommand(CLI::App& app);
  CLI::App* command() const { return command_; }
  int run();

 private:
  CLI::App* command_;
  RunChoices choices_;
  std::string subject_;
  std::string code_;
  std::string out_;
  std::string time_budget_;
  std::uint64_t candidates_ = 3000;
  unsigned jobs_ = 0;
  bool quiet_ = false;
};

// "ORD: 61 operations and faults became 6, 412 runs tried", and the line that replays `file` unless that is
// empty.
std::string shrinking_in_words(const sim::Reproducer& made, const std::string& file);

}  // namespace mqttvet::cli
