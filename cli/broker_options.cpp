#include "cli/broker_options.h"

#include <fmt/format.h>

#include <map>

#include "broker/config/file.h"
#include "broker/config/keys.h"
#include "broker/driver/config_text.h"

namespace mqttvet::cli {
namespace {

using config::Settings;

std::string manual_of_keys() {
  std::string manual = "Keys of --set and of the configuration file (durations in seconds):\n";
  const Settings defaults;
  for (const config::ProgramKey& key : config::program_keys())
    manual += fmt::format("  {:<32} {:>9}  {}\n", key.name, key.text(defaults), key.unit);
  for (const driver::ConfigKey& key : driver::config_keys())
    manual += fmt::format("  {:<32} {:>9}  {}\n", key.name, key.value, key.unit);
  return manual;
}

void declare_listeners(CLI::App& app, BrokerOptions& options) {
  app.add_option("--listen", options.listen,
                 "Address to serve: mqtt, mqtts, ws or wss://ADDRESS[:PORT][/PATH]; port 0: any. May be "
                 "repeated [mqtt://127.0.0.1:1883]")
      ->type_name("URL")
      ->allow_extra_args(false);
  const std::map<std::string, net::VerifyClient> kVerifyClient{{"off", net::VerifyClient::off},
                                                               {"optional", net::VerifyClient::optional},
                                                               {"required", net::VerifyClient::required}};
  app.add_option("--certificate", options.listener.certificate_file, "Of mqtts and wss, in PEM form")
      ->type_name("FILE");
  app.add_option("--key", options.listener.key_file, "Of the certificate, in PEM form")->type_name("FILE");
  app.add_option("--client-ca", options.listener.client_ca_file, "Who signs the certificates of clients")
      ->type_name("FILE");
  app.add_option("--verify-client", options.listener.verify_client, "Whether clients need a certificate")
      ->type_name("off|optional|required")
      ->transform(CLI::CheckedTransformer(kVerifyClient));
  app.add_flag("--use-certificate-name", options.listener.use_certificate_name,
               "The common name of a client's certificate is its user name");
  app.add_option("--connections-max", options.listener.limits.connections_max,
                 "Connections at the same time, per address")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}))
      ->capture_default_str();
}

// Those of --listen take the place of all others.
std::optional<std::string> listen(Settings& settings, const BrokerOptions& options) {
  if (options.listen.empty()) return std::nullopt;
  settings.listeners.clear();
  for (const std::string& url : options.listen) {
    auto parsed = net::parse_listen_address(url);
    if (auto* wrong = std::get_if<std::string>(&parsed)) return "--listen " + *wrong;
    settings.listeners.push_back(options.listener);
    settings.listeners.back().address = std::get<net::ListenAddress>(std::move(parsed));
  }
  return std::nullopt;
}

std::optional<std::string> set(Settings& settings, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos)
    return fmt::format("--set '{}': expected KEY=VALUE, as in max_inflight=20", setting);
  if (const auto wrong = config::apply(settings, setting.substr(0, equals), setting.substr(equals + 1)))
    return "--set " + *wrong;
  return std::nullopt;
}

std::optional<std::string> change(Settings& settings, const BrokerOptions& options) {
  for (const std::string& setting : options.settings)
    if (auto wrong = set(settings, setting)) return wrong;
  if (!options.data.empty()) {
    settings.data_directory = options.data;
    settings.memory = false;
  }
  if (options.memory) {
    settings.memory = true;
    settings.data_directory.clear();
  }
  if (!options.users_file.empty()) settings.users_file = options.users_file;
  if (!options.acl_file.empty()) settings.acl_file = options.acl_file;
  if (!options.log_format.empty()) config::apply(settings, "log.format", options.log_format);
  if (options.quiet || options.verbose) settings.log_areas = {};
  if (options.quiet) settings.log_level = config::LogLevel::warning;
  if (options.verbose) settings.log_level = config::LogLevel::debug;
  return listen(settings, options);
}

}  // namespace

void declare(CLI::App& app, BrokerOptions& options) {
  app.set_version_flag("--version", "mqttvet-broker " MQTTVET_VERSION);
  app.add_option("--config", options.config_file, "Configuration in YAML; other options change it")
      ->type_name("FILE");
  app.add_flag("--check-config", options.check_config, "Read the configuration and its files, and end");
  app.add_flag("--print-config", options.print_config, "Write the configuration, with comments, and end");
  declare_listeners(app, options);
  auto* data = app.add_option("--data", options.data, "Directory that sessions and messages are kept in")
                   ->type_name("DIR");
  app.add_flag("--memory", options.memory, "Keep nothing: everything is lost at the end")->excludes(data);
  app.add_option("--users", options.users_file, "Who there is; written by mqttvet-broker passwd")
      ->type_name("FILE");
  app.add_option("--acl", options.acl_file, "Who may do what")->type_name("FILE");
  app.add_option("--log-format", options.log_format, "Lines for people, or one JSON object a line")
      ->type_name("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--set", options.settings, "Change one key of the configuration. May be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  auto* quiet = app.add_flag("-q,--quiet", options.quiet, "Warnings and errors only");
  app.add_flag("-v,--verbose", options.verbose, "Every connection, too")->excludes(quiet);
  app.footer(manual_of_keys() +
             "\nSIGHUP reads the configuration, users, ACL and certificates again.\n"
             "Exit status: 0 stopped by SIGTERM or SIGINT, 1 the disk failed, 2 usage or configuration, 3 "
             "not started");
}

std::variant<Settings, BrokerRefusal> settings_of(const BrokerOptions& options) {
  Settings settings;
  if (!options.config_file.empty()) {
    auto read = config::read_file(options.config_file);
    if (auto* wrong = std::get_if<std::string>(&read)) return BrokerRefusal{kUsage, *wrong};
    settings = std::get<Settings>(std::move(read));
  }
  if (const auto wrong = change(settings, options)) return BrokerRefusal{kUsage, *wrong};
  if (options.print_config) return settings;
  if (const auto wrong = config::check(settings)) return BrokerRefusal{kUsage, *wrong};
  return settings;
}

}  // namespace mqttvet::cli
