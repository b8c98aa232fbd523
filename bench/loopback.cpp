// mqttvet_loopback [--rounds N] [--only TEXT] [--messages N] [--seconds S] [--broker PATH] [--mosquitto PATH]
//
// mqttvet-broker beside mosquitto, if that is installed, over 127.0.0.1: throughput, latency, connections,
// memory. Once where both keep nothing, once where both write to a disk: ours everything before it is
// acknowledged, mosquitto now and then. In each round a figure is taken of one, then of the other; what is
// printed are medians of the rounds. "/core": per second of the broker's own processor time, for busy
// machines. The status is 0 if every broker delivered everything, whatever the speed.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "bench/certificate.h"
#include "bench/figures.h"

namespace {

using namespace mqttvet::bench;

struct Options {
  Effort effort;
  double seconds = 1.0;
  int rounds = 3;
  std::string only;
  std::string broker = MQTTVET_BROKER;
  std::string mosquitto = "/usr/sbin/mosquitto";
};

using Command = std::vector<std::string>;

// How to start one of the brokers.
class Contestant {
 public:
  Contestant(const Options& options, bool ours, bool durable, const CertificateFiles& certificate)
      : options_(options), ours_(ours), durable_(durable), certificate_(certificate) {}

  std::vector<Value> measure(const Figure& figure) const {
    const TemporaryDirectory directory;
    BrokerProcess broker([&](int port) {
      return ours_ ? ours(port, figure.tls, directory.path()) : mosquitto(port, figure.tls, directory.path());
    });
    return figure.measure(broker);
  }

 private:
  Command ours(int port, bool tls, const std::string& directory) const {
    Command words{options_.broker, "--listen", fmt::format("{}://127.0.0.1:{}", tls ? "mqtts" : "mqtt", port),
                  "--quiet",       "--set",    "queue_messages_max=0"};
    const Command keep = durable_ ? Command{"--data", directory + "/data"} : Command{"--memory"};
    words.insert(words.end(), keep.begin(), keep.end());
    if (tls)
      words.insert(words.end(), {"--certificate", certificate_.certificate, "--key", certificate_.key});
    return words;
  }

  Command mosquitto(int port, bool tls, const std::string& directory) const {
    const std::string file = directory + "/mosquitto.conf";
    std::ofstream config(file);
    config << "user root\nallow_anonymous true\nlog_type none\nset_tcp_nodelay true\n"
           << "max_inflight_messages " << kWindow << "\nmax_queued_messages 0\n"
           << "persistence " << (durable_ ? "true\npersistence_location " + directory + "/" : "false") << "\n"
           << "listener " << port << " 127.0.0.1\n";
    if (tls) config << "certfile " << certificate_.certificate << "\nkeyfile " << certificate_.key << "\n";
    return {options_.mosquitto, "-c", file};
  }

  const Options& options_;
  bool ours_;
  bool durable_;
  const CertificateFiles& certificate_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Of one part of a figure, over the rounds.
struct Series {
  std::vector<double> measured;
  std::vector<double> per_core;

  void add(const Value& value) {
    measured.push_back(value.measured);
    if (value.per_core) per_core.push_back(*value.per_core);
  }
  std::string text() const {
    if (measured.empty()) return fmt::format("{:>11} {:>11}", "-", "-");
    const std::string core = per_core.empty() ? "-" : fmt::format("{:.0f}", median(per_core));
    return fmt::format("{:>11.0f} {:>11}", median(measured), core);
  }
};

// How much better we are.
std::string ratio(const std::vector<double>& ours, const std::vector<double>& theirs, bool more_is_better) {
  if (ours.empty() || theirs.empty() || median(ours) == 0 || median(theirs) == 0) return "-";
  const double more = median(ours) / median(theirs);
  return fmt::format("{:.2f}", more_is_better ? more : 1 / more);
}

void print(const Figure& figure, std::size_t part, const Series& ours, const Series& theirs) {
  fmt::print("{:<32} {:<11} {} {} {:>7} {:>7}\n", figure.name + figure.parts[part], figure.unit, ours.text(),
             theirs.text(), ratio(ours.measured, theirs.measured, figure.more_is_better),
             ratio(ours.per_core, theirs.per_core, true));
  std::fflush(stdout);
}

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

void compare(const Options& options, bool durable, const CertificateFiles& certificate) {
  const Contestant ours(options, true, durable, certificate);
  const Contestant mosquitto(options, false, durable, certificate);
  const bool alone = access(options.mosquitto.c_str(), X_OK) != 0;
  fmt::print("\n{} (load {:.1f})\n", durable ? "On disk" : "In memory", load_average());
  fmt::print("{:<32} {:<11} {:>11} {:>11} {:>11} {:>11} {:>7} {:>7}\n", "", "", "ours", "/core",
             alone ? "" : "mosquitto", "/core", "ratio", "/core");
  for (const Figure& figure : all_figures(options.effort)) {
    if (figure.name.find(options.only) == std::string::npos) continue;
    std::vector<Series> us(figure.parts.size()), them(figure.parts.size());
    for (int round = 0; round < options.rounds; ++round) {
      const auto take = [&](const Contestant& contestant, std::vector<Series>& series) {
        const std::vector<Value> values = contestant.measure(figure);
        for (std::size_t part = 0; part < values.size(); ++part) series[part].add(values[part]);
      };
      take(ours, us);
      if (!alone) take(mosquitto, them);
    }
    for (std::size_t part = 0; part < us.size(); ++part) print(figure, part, us[part], them[part]);
  }
  if (alone) fmt::print("{} is not installed: nothing to compare with\n", options.mosquitto);
}

// Two descriptors a connection at most, in one process or the other.
void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("mqttvet-broker beside mosquitto over loopback.", "mqttvet_loopback");
  Options options;
  app.add_option("--rounds", options.rounds, "Medians are of so many")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--only", options.only, "Figures whose names have this in them")->type_name("TEXT");
  app.add_option("--messages", options.effort.messages_max, "At most so many per figure, and connections")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "At most so long per figure, where time decides")
      ->check(CLI::Range(0.01, 60.0))
      ->capture_default_str();
  app.add_option("--broker", options.broker, "mqttvet-broker")->type_name("PATH");
  app.add_option("--mosquitto", options.mosquitto, "To compare with")
      ->type_name("PATH")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  options.effort.time = std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000));
  raise_descriptor_limit();
  try {
    const TemporaryDirectory directory;
    const CertificateFiles certificate = make_certificate(directory.path());
    for (const bool durable : {false, true}) compare(options, durable, certificate);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mqttvet_loopback: {}\n", error.what());
    return 1;
  }
}
