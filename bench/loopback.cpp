// mqttvet_loopback [--messages N] [--seconds S] [--broker PATH] [--mosquitto PATH]
//
// Messages per second over 127.0.0.1, from one publisher to one subscriber, at each QoS: of mqttvet-broker
// that keeps its state on disk, of one that keeps nothing, and of mosquitto if it is installed. Not more than
// N messages and S seconds per figure. "/core": per second of the broker's own processor time, for busy
// machines. The status is 0 if every broker delivered everything, whatever the speed.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <exception>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "bench/broker_process.h"
#include "bench/load.h"

namespace {

using namespace mqttvet::bench;

struct Options {
  std::uint64_t messages = 1'000'000;
  double seconds = 1.5;
  std::string broker = MQTTVET_BROKER;
  std::string mosquitto = "/usr/sbin/mosquitto";
};

using Figures = std::array<double, 3>;  // messages per second, by QoS
using Command = std::function<std::vector<std::string>(int port)>;

// Prints a line, and returns its figures.
Figures measure(const std::string& name, const Command& command, const Options& options) {
  BrokerProcess broker(command);
  Figures figures{};
  std::string line = fmt::format("{:<26}", name);
  for (int qos = 0; qos <= 2; ++qos) {
    const Load load{qos, options.messages,
                    std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000))};
    const double before = broker.processor_seconds();
    const Throughput throughput = put_under_load(broker.port(), load);
    const double busy = broker.processor_seconds() - before;
    const auto messages = static_cast<double>(throughput.messages);
    figures[static_cast<std::size_t>(qos)] = messages / throughput.seconds;
    const std::string per_core = busy >= 0.1 ? fmt::format("{:.0f}", messages / busy) : "-";
    line += fmt::format("{:>10.0f}/s {:>8}/core", messages / throughput.seconds, per_core);
  }
  fmt::print("{}\n", line);
  std::fflush(stdout);
  return figures;
}

Command mosquitto(const std::string& program, const std::string& directory) {
  return [=](int port) -> std::vector<std::string> {
    const std::string file = directory + "/mosquitto.conf";
    std::ofstream(file) << "listener " << port << " 127.0.0.1\n"
                        << "allow_anonymous true\npersistence false\nlog_type none\nset_tcp_nodelay true\n"
                        << "max_inflight_messages " << kWindow << "\nmax_queued_messages 0\n";
    return {program, "-c", file};
  };
}

void compare(const Options& options) {
  const auto url = [](int port) { return fmt::format("mqtt://127.0.0.1:{}", port); };
  const TemporaryDirectory directory;
  fmt::print("One publisher, one subscriber, {} bytes of payload, at most {} messages on their way\n",
             kPayloadBytes, kWindow);
  fmt::print("{:<26}{:>17}{:>26}{:>26}\n", "", "QoS 0", "QoS 1", "QoS 2");
  const auto ours = [&](std::vector<std::string> keep) -> Command {
    return [=, &options](int port) {
      std::vector<std::string> words{options.broker, "--listen", url(port), "--quiet"};
      words.insert(words.end(), keep.begin(), keep.end());
      return words;
    };
  };
  measure("mqttvet-broker --data", ours({"--data", directory.path() + "/data"}), options);
  const Figures memory = measure("mqttvet-broker --memory", ours({"--memory"}), options);
  if (access(options.mosquitto.c_str(), X_OK) != 0) {
    fmt::print("{} is not installed: nothing to compare with\n", options.mosquitto);
    return;
  }
  const Figures theirs = measure("mosquitto", mosquitto(options.mosquitto, directory.path()), options);
  fmt::print("{:<26}{:>10.2f}{:>26.2f}{:>26.2f}\n", "--memory : mosquitto", memory[0] / theirs[0],
             memory[1] / theirs[1], memory[2] / theirs[2]);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Messages per second through a broker over loopback.", "mqttvet_loopback");
  Options options;
  app.add_option("--messages", options.messages, "At most so many per figure")->capture_default_str();
  app.add_option("--seconds", options.seconds, "At most so long per figure")
      ->check(CLI::Range(0.01, 60.0))
      ->capture_default_str();
  app.add_option("--broker", options.broker, "mqttvet-broker")->type_name("PATH");
  app.add_option("--mosquitto", options.mosquitto, "To compare with")
      ->type_name("PATH")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    compare(options);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mqttvet_loopback: {}\n", error.what());
    return 1;
  }
}
