// `mqttvet sim`: scenarios and seeds, many runs.
#pragma once

#include "cli/common.h"
#include "cli/sim_jobs.h"

namespace mqttvet::cli {

class SimCommand {
 public:
  explicit SimCommand(CLI::App& app);
  CLI::App* command() const { return command_; }
  int run();

 private:
  // What the options ask for.
  struct Order {
    SeedRange seeds;
    Shard shard;
    sim::SweepOptions sweeping;
  };
  // nullopt of both: said what is wrong.
  std::optional<Order> order() const;
  std::optional<std::vector<Subject>> read_scenarios() const;
  void shrink(const sim::RunResult& failed, const sim::Plan& plan, const sim::RunOptions& options,
              unsigned parallel) const;

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
  bool nightly_ = false;
  bool no_shrink_ = false;
  bool quiet_ = false;
  bool verbose_ = false;
};

}  // namespace mqttvet::cli
