// mqttvet conform: the conformance suite against one target.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/common.h"
#include "conformance/harness/selection.h"
#include "conformance/harness/suite_report.h"

namespace mqttvet::cli {

class ConformCommand {
 public:
  explicit ConformCommand(CLI::App& app);
  const CLI::App* command() const { return command_; }
  int run();

 private:
  conformance::Subject subject() const;
  // What the options ask for; nullopt, null: said what is wrong.
  std::optional<conformance::Selection> selection() const;
  bool switch_mutants_on() const;
  std::unique_ptr<conformance::Target> make_target() const;

  void list(const std::vector<conformance::Instance>& instances) const;
  conformance::SuiteReport run_all(const std::vector<conformance::Instance>& instances,
                                   conformance::Target& target) const;
  bool write_reports(const conformance::SuiteReport& report) const;
  // Adds what passes to a file of conformance/elsewhere.
  bool record(const conformance::SuiteReport& report) const;

  CLI::App* command_;
  std::vector<std::string> patterns_;
  std::string target_ = "sim";
  std::string variant_ = "plain";
  std::string version_;
  std::string level_;
  std::vector<std::string> tags_;
  std::string shard_ = "1/1";
  std::uint64_t repeat_ = 1;
  unsigned jobs_ = 0;
  bool list_ = false;
  bool fail_fast_ = false;
  bool verbose_ = false;
  bool quiet_ = false;
  std::string known_;
  std::string export_;
  std::string record_;
  std::string junit_;
  std::string json_;
  std::string html_;
  std::vector<std::string> mutants_;
};

}  // namespace mqttvet::cli
