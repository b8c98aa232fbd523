// mqttvet-broker: the broker as a program of its own.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "broker/driver/config_text.h"
#include "broker/net/clock.h"
#include "broker/net/listener_config.h"
#include "broker/net/server.h"
#include "broker/storage/data_directory.h"

namespace {

using namespace mqttvet;

enum ExitStatus { kStopped = 0, kFailed = 1, kUsage = 2, kNotStarted = 3 };

struct CommandLine {
  std::vector<std::string> listen{"mqtt://127.0.0.1:1883"};
  std::string data;
  bool memory = false;
  std::vector<std::string> settings;
  net::ListenerConfig listener;  // what all addresses of --listen have in common
  bool quiet = false;
  bool verbose = false;
};

// One line for the user, and the status to end with.
struct Refusal {
  ExitStatus status;
  std::string text;
};

std::string manual_of_keys() {
  std::string manual = "Keys of --set (durations in seconds):\n";
  for (const driver::ConfigKey& key : driver::config_keys())
    manual += fmt::format("  {:<28} {:>9}  {}\n", key.name, key.value, key.unit);
  return manual;
}

void declare(CLI::App& app, CommandLine& line) {
  app.set_version_flag("--version", "mqttvet-broker " MQTTVET_VERSION);
  app.add_option("--listen", line.listen,
                 "Address to serve: mqtt, mqtts, ws or wss://ADDRESS[:PORT][/PATH]; port 0: any. May be "
                 "repeated")
      ->type_name("URL")
      ->allow_extra_args(false)
      ->capture_default_str();
  auto* data = app.add_option("--data", line.data, "Directory that sessions and messages are kept in")
                   ->type_name("DIR");
  app.add_flag("--memory", line.memory, "Keep nothing: everything is lost at the end")->excludes(data);
  app.add_option("--set", line.settings, "Change one key of the configuration. May be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  const std::map<std::string, net::VerifyClient> kVerifyClient{{"off", net::VerifyClient::off},
                                                               {"optional", net::VerifyClient::optional},
                                                               {"required", net::VerifyClient::required}};
  app.add_option("--certificate", line.listener.certificate_file, "Of mqtts and wss, in PEM form")
      ->type_name("FILE");
  app.add_option("--key", line.listener.key_file, "Of the certificate, in PEM form")->type_name("FILE");
  app.add_option("--client-ca", line.listener.client_ca_file, "Who signs the certificates of clients")
      ->type_name("FILE");
  app.add_option("--verify-client", line.listener.verify_client, "Whether clients need a certificate")
      ->type_name("off|optional|required")
      ->transform(CLI::CheckedTransformer(kVerifyClient));
  app.add_option("--connections-max", line.listener.limits.connections_max,
                 "Connections at the same time, per address")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}))
      ->capture_default_str();
  auto* quiet = app.add_flag("-q,--quiet", line.quiet, "Warnings and errors only");
  app.add_flag("-v,--verbose", line.verbose, "Every connection, too")->excludes(quiet);
  app.footer(manual_of_keys() +
             "\nExit status: 0 stopped by SIGTERM or SIGINT, 1 the disk failed, 2 usage or configuration, 3 "
             "not started");
}

std::variant<core::Config, Refusal> configuration(const std::vector<std::string>& settings) {
  core::Config config;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
      return Refusal{kUsage, fmt::format("--set '{}': expected KEY=VALUE, as in max_inflight=20", setting)};
    if (const auto wrong = driver::apply(config, setting.substr(0, equals), setting.substr(equals + 1)))
      return Refusal{kUsage, "--set " + *wrong};
  }
  return config;
}

std::variant<std::vector<net::ListenerConfig>, Refusal> listeners(const CommandLine& line) {
  std::vector<net::ListenerConfig> listeners;
  for (const std::string& url : line.listen) {
    auto parsed = net::parse_listen_address(url);
    if (const auto* wrong = std::get_if<std::string>(&parsed)) return Refusal{kUsage, "--listen " + *wrong};
    auto& address = std::get<net::ListenAddress>(parsed);
    // Whoever reaches the address may do anything; there are no users and passwords yet to keep them out.
    if (!address.loopback)
      return Refusal{
          kUsage, fmt::format("--listen {}: without a users file only loopback addresses (127.0.0.1, [::1]) "
                              "are served",
                              url)};
    listeners.push_back(line.listener);
    listeners.back().address = std::move(address);
  }
  return listeners;
}

void set_up_log(const CommandLine& line) {
  auto log = spdlog::stderr_color_mt("broker");
  log->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  log->set_level(line.quiet     ? spdlog::level::warn
                 : line.verbose ? spdlog::level::debug
                                : spdlog::level::info);
  log->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(log));
}

void log(core::Log::Level level, std::string_view text) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  spdlog::log(kLevels[static_cast<std::size_t>(level)], "{}", text);
}

// Every connection needs a file descriptor: take as many as we are allowed.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::optional<Refusal> serve(const CommandLine& line) {
  if (line.data.empty() && !line.memory)
    return Refusal{kUsage,
                   "where are sessions and messages to be kept? --data DIR, or --memory to keep nothing"};
  auto config = configuration(line.settings);
  if (auto* refusal = std::get_if<Refusal>(&config)) return *refusal;
  auto listen = listeners(line);
  if (auto* refusal = std::get_if<Refusal>(&listen)) return *refusal;

  const core::Now now = net::now();
  std::optional<storage::Store> store;
  core::Snapshot restored;
  if (!line.memory) {
    auto opened = storage::open_data_directory(line.data);
    if (!opened) return Refusal{kNotStarted, opened.error().text};
    auto loaded = opened->load(now);
    if (!loaded) return Refusal{kNotStarted, loaded.error().text};
    store = std::move(opened.value());
    restored = std::move(loaded.value());
  }

  spdlog::info("{} sessions and {} retained messages restored", restored.sessions.size(),
               restored.retained.size());
  net::Server server({.config = std::get<core::Config>(config), .seed = std::random_device{}(), .log = log},
                     std::move(store), std::move(restored), now);
  for (const net::ListenerConfig& listener : std::get<std::vector<net::ListenerConfig>>(listen))
    if (auto wrong = server.listen(listener)) return Refusal{kNotStarted, *wrong};
  for (const net::ListenAddress& address : server.addresses())
    spdlog::info("listening on {}", to_string(address));
  if (auto failure = server.run()) return Refusal{kFailed, *failure};
  spdlog::info("stopped");
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A full MQTT 3.1, 3.1.1 and 5.0 broker with durable sessions.", "mqttvet-broker");
  CommandLine line;
  declare(app, line);
  std::optional<Refusal> refusal;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    refusal = Refusal{kUsage, std::string(error.what()) + " (see --help)"};
  }
  if (!refusal) {
    set_up_log(line);
    raise_descriptor_limit();
    refusal = serve(line);
  }
  if (!refusal) return kStopped;
  fmt::print(stderr, "mqttvet-broker: {}\n", refusal->text);
  return refusal->status;
}
