// mqttvet selftest: which case catches which planted bug.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

#include "cli/common.h"
#include "conformance/selftest/selftest.h"

namespace mqttvet::cli {

class SelftestCommand {
 public:
  explicit SelftestCommand(CLI::App& app);
  const CLI::App* command() const { return command_; }
  int run();

 private:
  // nullopt: said what is wrong.
  std::optional<std::vector<core::Mutant>> mutants() const;
  // The promises of a page that `--markdown` has written are kept.
  int check() const;

  CLI::App* command_;
  std::vector<std::string> mutants_;
  std::vector<std::string> patterns_;
  unsigned jobs_ = 0;
  bool quiet_ = false;
  std::string json_;
  std::string markdown_;
  std::string check_;
};

}  // namespace mqttvet::cli
