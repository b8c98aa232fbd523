// `mqttvet mutants`: is every planted bug of the broker found by seeds, and by which oracle?
#pragma once

#include "cli/common.h"
#include "reports/mutants.h"

namespace mqttvet::cli {

class MutantsCommand {
 public:
  explicit MutantsCommand(CLI::App& app);
  CLI::App* command() const { return command_; }
  int run();

 private:
  void list() const;
  void hunt(reports::MutantReport& report) const;
  // nullopt: said why it can't be read.
  std::optional<std::vector<reports::CatalogueRow>> read_catalogue() const;
  bool write_reports(const std::vector<reports::MutantReport>& all,
                     const std::vector<reports::CatalogueRow>& catalogue) const;

  CLI::App* command_;
  std::vector<std::string> patterns_;
  sim::HuntOptions hunting_;
  std::uint64_t seconds_ = 60;
  std::uint64_t shrinking_seconds_ = 30;
  unsigned jobs_ = 0;
  std::string json_;
  std::string markdown_;
  std::string catalogue_;
  std::string save_;
  bool list_ = false;
  bool no_shrink_ = false;
};

}  // namespace mqttvet::cli
