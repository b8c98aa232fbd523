// mqttvet conform: the conformance suite against one target.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

#include "cli/common.h"
#include "conformance/harness/target.h"

namespace mqttvet::cli {

class ConformCommand {
 public:
  explicit ConformCommand(CLI::App& app);
  const CLI::App* command() const { return command_; }
  int run();

 private:
  // Null: said what is wrong.
  std::unique_ptr<conformance::Target> make_target() const;

  CLI::App* command_;
  std::vector<std::string> patterns_;
  std::string target_ = "sim";
  bool list_ = false;
  bool verbose_ = false;
  std::vector<std::string> mutants_;
};

}  // namespace mqttvet::cli
