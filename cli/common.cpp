#include "cli/common.h"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "broker/core/mutants.h"
#include "sim/guest/process.h"
#include "sim/plan/generate.h"
#include "sim/plan/read_plan.h"

namespace mqttvet::cli {
namespace {

namespace fs = std::filesystem;

volatile sig_atomic_t interrupted = 0;
void interrupt(int) {
  interrupted = 1;
}

// For a shell: quoted if it needs it.
std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./:=+,@%") == std::string::npos;
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

void complain(const std::string& text) {
  fmt::print(stderr, "mqttvet: {}\n", text);
}

void RunChoices::declare(CLI::App& command) {
  command.add_option("--mutant", mutants, "Switch a planted bug of the broker on; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_option("--backend", backend, "What guests run on; the trace is the same on both")
      ->type_name("fibers|threads")
      ->check(CLI::IsMember({"fibers", "threads"}))
      ->capture_default_str();
  command.add_option("--profile", profile, "What a seed gives: a busy minute, or 24 hours")
      ->type_name("short|day")
      ->check(CLI::IsMember({"short", "day"}))
      ->capture_default_str();
  command
      .add_option(
          "--unsettle", unsettled,
          "Plant nondeterminism in the broker, which --twice must find: the real clock, the order of an "
          "unordered container, a byte that nobody has written")
      ->type_name("clock|order|memory")
      ->check(CLI::IsMember({"clock", "order", "memory"}));
}

std::optional<sim::RunOptions> RunChoices::options() const {
  sim::RunOptions options;
  options.backend = backend == "threads" ? sim::Scheduler::Backend::threads : sim::Scheduler::Backend::fibers;
  using sim::Unsettled;
  options.unsettled = unsettled == "clock"    ? Unsettled::clock
                      : unsettled == "order"  ? Unsettled::order
                      : unsettled == "memory" ? Unsettled::memory
                                              : Unsettled::none;
  for (const std::string& mutant : mutants) {
    if (core::find_mutants(mutant).empty()) {
      complain(fmt::format("--mutant: unknown '{}'; expected one of `mqttvet mutants --list`", mutant));
      return std::nullopt;
    }
    options.mutants.push_back(mutant);
  }
  return options;
}

std::string RunChoices::arguments() const {
  std::string text;
  for (const std::string& mutant : mutants) text += " --mutant " + mutant;
  if (backend != "fibers") text += " --backend " + backend;
  if (profile != "short") text += " --profile " + profile;
  if (!unsettled.empty()) text += " --unsettle " + unsettled;
  return text;
}

std::optional<std::uint64_t> as_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size() || fs::exists(text)) return std::nullopt;
  return seed;
}

Subject subject_of_seed(std::uint64_t seed, const RunChoices& choices) {
  return {choices.profile == "day" ? sim::generate_day(seed) : sim::generate(seed), std::to_string(seed)};
}

std::optional<Subject> subject_of_file(const std::string& path) {
  sim::ReadPlan read = sim::read_plan_file(path);
  if (!read.plan) {
    fmt::print(stderr, "{}", read.messages(path));
    return std::nullopt;
  }
  return Subject{std::move(*read.plan), shell_word(path)};
}

std::optional<std::vector<std::string>> scenario_files(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file() && at->path().extension() == ".yaml") files.push_back(at->path().string());
  }
  std::sort(files.begin(), files.end());
  if (error || files.empty()) {
    complain(fmt::format("{}: {}; expected a folder with *.yaml", path,
                         error ? error.message() : std::string("no scenario in it")));
    return std::nullopt;
  }
  return files;
}

bool prepare_guests() {
  if (const std::string why = sim::unexpected_paho(); !why.empty()) {
    complain(why);
    return false;
  }
  sim::warm_up();
  return true;
}

std::optional<std::string> read_file(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

unsigned available_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

void heed_interrupts() {
  signal(SIGINT, interrupt);
  signal(SIGTERM, interrupt);
}

bool was_interrupted() {
  return interrupted != 0;
}

bool write_file(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  const bool written = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = file && std::fclose(file) == 0;
  if (!written || !closed) complain(fmt::format("{}: {}", path, std::strerror(errno)));
  return written && closed;
}

}  // namespace mqttvet::cli
