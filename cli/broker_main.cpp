// mqttvet-broker: the broker as a program of its own.
#include <fmt/format.h>
#include <sys/resource.h>

#include <optional>
#include <random>
#include <string>
#include <variant>

#include "broker/access/authenticator.h"
#include "broker/access/files.h"
#include "broker/config/file.h"
#include "broker/core/live_config.h"
#include "broker/net/clock.h"
#include "broker/net/server.h"
#include "broker/storage/data_directory.h"
#include "cli/broker_log.h"
#include "cli/broker_options.h"
#include "cli/passwd_command.h"

namespace {

using namespace mqttvet;
using namespace mqttvet::cli;
using config::Settings;
using Level = core::Log::Level;

// Every connection needs a file descriptor: take as many as we are allowed.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// What is stored, and what it had.
struct Stored {
  std::optional<storage::Store> store;
  core::Snapshot snapshot;
};
std::variant<Stored, BrokerRefusal> open_store(const Settings& settings, core::Now now) {
  Stored stored;
  if (settings.memory) return stored;
  auto opened = storage::open_data_directory(settings.data_directory);
  if (!opened) return BrokerRefusal{kNotStarted, opened.error().text};
  auto loaded = opened->load(now);
  if (!loaded) return BrokerRefusal{kNotStarted, loaded.error().text};
  stored.store = std::move(opened.value());
  stored.snapshot = std::move(loaded.value());
  return stored;
}

// The broker runs with `running` from now on: `wanted`, but for what needs a restart, which the log names.
void take_over(Settings& running, const Settings& wanted) {
  core::take_live_keys(running.core, wanted.core);
  running.listeners = wanted.listeners;
  running.users_file = wanted.users_file;
  running.acl_file = wanted.acl_file;
  running.log_level = wanted.log_level;
  running.log_areas = wanted.log_areas;
  set_log_levels(running);
  for (const std::string& key : config::differing_keys(running, wanted))
    log(Level::warning, key + ": another value needs a restart");
}

// The configuration, users, rules and certificates: all of them or, if one is broken, none.
void reload(const BrokerOptions& options, Settings& running, access::Authenticator& authenticator,
            net::Server& server) {
  const auto stays = [](const std::string& wrong) {
    log(Level::error, wrong + "; everything stays as it was");
  };
  const auto made = settings_of(options);
  if (const auto* refusal = std::get_if<BrokerRefusal>(&made)) return stays(refusal->text);
  const auto& wanted = std::get<Settings>(made);
  auto loaded = access::load(wanted.users_file, wanted.acl_file);
  if (const auto* wrong = std::get_if<std::string>(&loaded)) return stays(*wrong);
  if (const auto wrong = server.reload(wanted.listeners)) return stays(*wrong);
  auto& files = std::get<access::Loaded>(loaded);
  take_over(running, wanted);
  authenticator.replace(files.users);
  server.reload(std::move(files.lists), running.core);
  log(Level::info, "configuration, users, ACL and certificates read again");
}

std::optional<BrokerRefusal> serve(const BrokerOptions& options, Settings settings, access::Loaded files) {
  const core::Now now = net::now();
  auto opened = open_store(settings, now);
  if (auto* refusal = std::get_if<BrokerRefusal>(&opened)) return *refusal;
  auto& [store, snapshot] = std::get<Stored>(opened);
  log(Level::info, fmt::format("{} sessions and {} retained messages restored", snapshot.sessions.size(),
                               snapshot.retained.size()));
  if (settings.users_file.empty())
    log(Level::info, "without a users file everybody may connect, and only loopback addresses are served");

  access::Authenticator authenticator(files.users, access::random_bytes);
  settings.core.access_lists = std::move(files.lists);
  settings.core.version = "mqttvet " MQTTVET_VERSION;
  std::optional<net::Server> server;
  server.emplace(
      net::ServerOptions{
          .config = settings.core,
          .seed = std::random_device{}(),
          .log = [](const core::Log& line) { log(line); },
          .authenticate = [&](const core::Authenticate& question) { return authenticator.answer(question); },
          .on_hangup = [&] { reload(options, settings, authenticator, *server); }},
      std::move(store), std::move(snapshot), now);
  for (const net::ListenerConfig& listener : settings.listeners)
    if (auto wrong = server->listen(listener)) return BrokerRefusal{kNotStarted, *wrong};
  for (const net::ListenAddress& address : server->addresses())
    log(Level::info, "listening on " + to_string(address));
  if (auto failure = server->run()) return BrokerRefusal{kFailed, *failure};
  log(Level::info, "stopped");
  return std::nullopt;
}

std::optional<BrokerRefusal> run(const BrokerOptions& options) {
  auto made = settings_of(options);
  if (auto* refusal = std::get_if<BrokerRefusal>(&made)) return *refusal;
  auto& settings = std::get<Settings>(made);
  if (options.print_config) {
    fmt::print("{}", config::print(settings));
    return std::nullopt;
  }
  auto files = access::load(settings.users_file, settings.acl_file);
  if (auto* wrong = std::get_if<std::string>(&files)) return BrokerRefusal{kUsage, *wrong};
  if (options.check_config) {
    for (const net::ListenerConfig& listener : settings.listeners)
      if (auto wrong = net::check_files(listener)) return BrokerRefusal{kUsage, *wrong};
    fmt::print("the configuration is good\n");
    return std::nullopt;
  }
  set_up_log(settings);
  raise_descriptor_limit();
  return serve(options, std::move(settings), std::get<access::Loaded>(std::move(files)));
}

std::optional<BrokerRefusal> run(int argc, char** argv) {
  CLI::App app("A full MQTT 3.1, 3.1.1 and 5.0 broker with durable sessions.", "mqttvet-broker");
  BrokerOptions options;
  declare(app, options);
  PasswdOptions user;
  CLI::App* command = app.add_subcommand("passwd", "Add a user, change a password, or delete a user");
  command->add_option("FILE", user.users_file, "The users file")->required();
  command->add_option("USER", user.user_name, "The user's name")->required();
  command->add_flag("--delete", user.remove, "Delete the user");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return BrokerRefusal{kUsage, std::string(error.what()) + " (see --help)"};
    app.exit(error);  // --help, --version
    return std::nullopt;
  }
  if (!command->parsed()) return run(options);
  if (auto wrong = passwd(user)) return BrokerRefusal{kUsage, *wrong};
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<BrokerRefusal> refusal = run(argc, argv);
  if (!refusal) return kStopped;
  fmt::print(stderr, "mqttvet-broker: {}\n", refusal->text);
  return refusal->status;
}
