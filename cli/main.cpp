// mqttvet: the program.
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/conform_command.h"
#include "cli/explain_command.h"
#include "cli/mutants_command.h"
#include "cli/replay_command.h"
#include "cli/selftest_command.h"
#include "cli/shrink_command.h"
#include "cli/sim_command.h"
#include "sim/guest/process.h"

namespace {

using namespace mqttvet;

// `mqttvet broker ARGS` becomes the program mqttvet-broker beside this one.
int become_broker(char** argv) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string broker = (self.parent_path() / "mqttvet-broker").string();
  std::string name = broker;
  argv[1] = name.data();
  execv(broker.c_str(), argv + 1);
  cli::complain(fmt::format("cannot start {}: {}", broker, std::strerror(errno)));
  return cli::kNotStarted;
}

bool is_command(const CLI::App& app, std::string_view name) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  return std::any_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return command->get_name() == name; });
}

int run_command_line(int argc, char** argv) {
  CLI::App app(
      "mqttvet vets MQTT brokers: real Paho clients and a full broker in one simulated world, every seed one "
      "run, "
      "bit for bit.",
      "mqttvet");
  app.set_version_flag("--version", "mqttvet " MQTTVET_VERSION);
  app.require_subcommand(1);
  cli::SimCommand sim(app);
  cli::ReplayCommand replay(app);
  cli::ConformCommand conform(app);
  cli::ExplainCommand explain(app);
  cli::SelftestCommand selftest(app);
  cli::ShrinkCommand shrink(app);
  cli::MutantsCommand mutants(app);
  app.add_subcommand("broker", "Serve real clients: mqttvet broker --help tells more");
  app.footer(
      "Examples:\n"
      "  mqttvet sim --seeds 1..500            500 runs, judged\n"
      "  mqttvet sim --scenario scenarios      the scripted stories\n"
      "  mqttvet replay 42 --trace             one of them, packet by packet\n"
      "  mqttvet shrink 42                     a run that failed, as the smallest story that does\n"
      "  mqttvet broker --listen mqtt://127.0.0.1:1883 --data DIR\n"
      "Exit status: 0 all passed, 1 something failed, 2 usage or configuration, 3 could not be started");
  if (argc > 1 && argv[1][0] != '-' && !is_command(app, argv[1])) {
    cli::complain(fmt::format(
        "unknown command '{}'; expected one of conform, explain, selftest, sim, replay, shrink, mutants, broker",
        argv[1]));
    return cli::kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    cli::complain(std::string(error.what()) + "; `mqttvet --help` tells what there is");
    return cli::kUsage;
  }
  if (sim.command()->parsed()) return sim.run();
  if (replay.command()->parsed()) return replay.run();
  if (conform.command()->parsed()) return conform.run();
  if (explain.command()->parsed()) return explain.run();
  if (selftest.command()->parsed()) return selftest.run();
  if (shrink.command()->parsed()) return shrink.run();
  if (mutants.command()->parsed()) return mutants.run();
  return cli::kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "broker") == 0) return become_broker(argv);
  mqttvet::sim::reexec_without_aslr(argv);
  try {
    return run_command_line(argc, argv);
  } catch (const std::exception& error) {
    mqttvet::cli::complain(error.what());
    return mqttvet::cli::kNotStarted;
  }
}
