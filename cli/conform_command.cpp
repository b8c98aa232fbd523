#include "cli/conform_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <thread>

#include "broker/core/mutants.h"
#include "conformance/elsewhere/elsewhere.h"
#include "conformance/harness/probe.h"
#include "conformance/paho/known_paho.h"
#include "conformance/paho/thread_program.h"
#include "conformance/target_live/live_target.h"
#include "conformance/target_live/target_file.h"
#include "conformance/target_sim/client_target.h"
#include "conformance/target_sim/sim_target.h"
#include "reports/case_export.h"
#include "reports/conformance.h"

namespace mqttvet::cli {
namespace {

using namespace conformance;

// Most of a live case is waiting.
constexpr unsigned kLiveJobs = 48;

std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_shard(const std::string& text) {
  std::uint64_t index = 0;
  std::uint64_t count = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, index);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '/') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, count);
  if (second.ec != std::errc{} || second.ptr != end || index < 1 || index > count) return std::nullopt;
  return std::pair(index, count);
}

// Probes it; starts it if it doesn't run and its file says how. Returns why it can't be reached.
std::string reach(Target& target, bool& started) {
  if (target.subject() == conformance::Subject::client) return "";
  std::string why = probe(target);
  if (why.empty()) return why;
  try {
    started = target.start();
    return started ? probe(target) : why;
  } catch (const std::exception& error) {
    return error.what();
  }
}

void stop(Target& target) {
  try {
    target.stop();
  } catch (const std::exception& error) {
    complain(fmt::format("{}: {}", target.name(), error.what()));
  }
}

}  // namespace

ConformCommand::ConformCommand(CLI::App& app)
    : command_(app.add_subcommand("conform", "What the standard says, as cases, against one broker")) {
  CLI::App& command = *command_;
  command.add_option("cases", patterns_, "Statements, sections, names or globs; default: all")
      ->type_name("ID|SECTION|GLOB");
  command
      .add_option(
          "--target", target_,
          "What is tested: our broker in simulation, a live one, a file about one, or a client library")
      ->type_name("sim|mqtt://H:P|mqtts://|ws://|wss://|FILE|paho-c|paho-cpp")
      ->capture_default_str();
  std::set<std::string> variants;
  for (int i = 0; i <= static_cast<int>(kLastVariant); ++i)
    variants.emplace(name_of(static_cast<Variant>(i)));
  command.add_option("--variant", variant_, "The simulated broker configured so, for every case")
      ->check(CLI::IsMember(variants));
  command.add_option("--mqtt", version_, "Only this version")->check(CLI::IsMember({"3.1", "3.1.1", "5.0"}));
  command.add_option("--level", level_, "Only this level")->check(CLI::IsMember({"must", "should", "may"}));
  command.add_option("--tag", tags_, "Only cases with this tag; may be repeated")->allow_extra_args(false);
  command.add_flag("--list", list_, "Name the cases, run nothing");
  command.add_option("--shard", shard_, "Only every N-th, beginning with the I-th")->type_name("I/N");
  command.add_option("--repeat", repeat_, "Run each so many times")->check(CLI::PositiveNumber);
  command.add_flag("--fail-fast", fail_fast_, "Begin nothing more after the first failure");
  command.add_option("--jobs", jobs_, "So many at once; default: the processors, 48 for a live target");
  command.add_option("--known", known_, "Deviations that are accepted, with reasons (YAML)")
      ->type_name("FILE");
  command.add_option("--export", export_, "For each failure a hex script, a pcap and a Python file")
      ->type_name("DIR");
  command
      .add_option("--record", record_,
                  "Add the cases that pass to this file: conformance/elsewhere/NAME-VERSION.txt")
      ->type_name("FILE");
  command.add_option("--junit", junit_, "Write JUnit XML")->type_name("FILE");
  command.add_option("--json", json_, "Write JSON")->type_name("FILE");
  command.add_option("--html", html_, "Write one HTML page")->type_name("FILE");
  command
      .add_option("--mutant", mutants_, "Switch a planted bug of the simulated broker on; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command.add_flag("-v,--verbose", verbose_, "Every packet of every case");
  command.add_flag("-q,--quiet", quiet_, "Only the summary");
  command.footer(
      "Examples:\n"
      "  mqttvet conform                                     everything, in simulation\n"
      "  mqttvet conform --target mqtt://127.0.0.1:1883      everything, on a live broker\n"
      "  mqttvet conform MQTT5-3.8.4 -v                      one section, packet by packet\n"
      "  mqttvet conform '*keep-alive*' --mqtt 5.0");
}

conformance::Subject ConformCommand::subject() const {
  const bool is_library = target_ == name_of(Library::paho_c) || target_ == name_of(Library::paho_cpp);
  return is_library ? conformance::Subject::client : conformance::Subject::broker;
}

std::optional<Selection> ConformCommand::selection() const {
  Selection selection;
  selection.subject = subject();
  selection.patterns = patterns_;
  if (!version_.empty()) selection.version = version_from(version_);
  for (const Level level : {Level::must, Level::should, Level::may}) {
    if (name_of(level) == level_) selection.level = level;
  }
  selection.tags = tags_;
  selection.repeat = repeat_;
  const auto shard = parse_shard(shard_);
  if (!shard) {
    complain(fmt::format("--shard: '{}'; expected I/N, for example 1/4", shard_));
    return std::nullopt;
  }
  std::tie(selection.shard_index, selection.shard_count) = *shard;
  for (const std::string& pattern : patterns_) {
    Selection alone;
    alone.subject = selection.subject;
    alone.patterns = {pattern};
    if (!select(all_cases(), alone).empty()) continue;
    complain(fmt::format(
        "no case matches '{}'; expected a statement, a section, a name or a glob of `conform --list`",
        pattern));
    return std::nullopt;
  }
  return selection;
}

bool ConformCommand::switch_mutants_on() const {
  if (variant_ != "plain" && target_ != "sim") {
    complain("--variant: a live broker is configured by whoever starts it; see `variants` of a target file");
    return false;
  }
  if (!mutants_.empty() && target_ != "sim") {
    complain("--mutant: only the simulated broker has planted bugs");
    return false;
  }
  for (const std::string& mutant : mutants_) {
    const std::vector<core::Mutant> found = core::find_mutants(mutant);
    if (found.empty()) {
      complain(fmt::format("--mutant: unknown '{}'; expected one of `mqttvet mutants --list`", mutant));
      return false;
    }
    for (const core::Mutant one : found) core::switch_on(one);
  }
  return true;
}

std::unique_ptr<Target> ConformCommand::make_target() const {
  if (target_ == "sim") {
    SimTargetOptions options;
    options.variant = variant_from(variant_).value_or(Variant::plain);
    return make_sim_target(options);
  }
  try {
    for (const Library library : {Library::paho_c, Library::paho_cpp}) {
      if (target_ == name_of(library)) return make_client_target(library);
    }
    LiveOptions options =
        target_.find("://") != std::string::npos ? live_options_of_url(target_) : read_target_file(target_);
    options.start_program = start_thread_program;
    return make_live_target(std::move(options));
  } catch (const std::exception& error) {
    complain(fmt::format("--target: {}", error.what()));
    return nullptr;
  }
}

void ConformCommand::list(const std::vector<Instance>& instances) const {
  for (const Instance& instance : instances) {
    fmt::print("{:<6} {:<6} {}\n", name_of(instance.version), name_of(instance.one->level),
               instance.one->name);
  }
}

SuiteReport ConformCommand::run_all(const std::vector<Instance>& instances, Target& target) const {
  SuiteOptions options;
  options.fail_fast = fail_fast_;
  options.parallel = jobs_ > 0            ? jobs_
                     : target.simulated() ? std::max(1u, std::thread::hardware_concurrency())
                                          : kLiveJobs;
  const bool progress = !quiet_ && isatty(STDERR_FILENO) == 1;
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::optional<CaseResult>> results(instances.size());
  std::size_t done = 0;
  run_suite(instances, target, options, [&](std::size_t index, CaseResult result) {
    results[index] = std::move(result);
    if (progress) fmt::print(stderr, "\r{} of {} ", ++done, instances.size());
  });
  if (progress) fmt::print(stderr, "\r\x1b[K");
  SuiteReport report;
  report.target = target.name();
  report.version_of_mqttvet = MQTTVET_VERSION;
  report.wall = std::chrono::steady_clock::now() - begun;
  for (auto& result : results) {
    if (result) report.results.push_back(std::move(*result));
  }
  return report;
}

bool ConformCommand::write_reports(const SuiteReport& report) const {
  bool written = true;
  if (!junit_.empty()) written = write_file(junit_, reports::conformance_junit(report)) && written;
  if (!json_.empty()) written = write_file(json_, reports::conformance_json(report)) && written;
  if (!html_.empty()) written = write_file(html_, reports::conformance_html(report)) && written;
  if (!record_.empty()) written = record(report) && written;
  if (export_.empty()) return written;
  for (const reports::ExportedFile& file : reports::export_failures(report))
    written = write_file(export_ + "/" + file.name, file.content) && written;
  return written;
}

bool ConformCommand::record(const SuiteReport& report) const {
  try {
    Passes passes;
    if (const auto before = read_file(record_)) passes = passes_from(*before);
    add_passes(passes, report.results);
    return write_file(record_, to_text(passes));
  } catch (const std::exception& error) {
    complain(fmt::format("--record {}: {}", record_, error.what()));
    return false;
  }
}

int ConformCommand::run() {
  const auto wanted = selection();
  if (!wanted || !switch_mutants_on()) return kUsage;
  const std::vector<Instance> instances = select(all_cases(), *wanted);
  if (list_) {
    list(instances);
    return kPassed;
  }
  std::vector<KnownDeviation> known;
  try {
    if (subject() == conformance::Subject::client) known = known_paho_deviations();
    if (!known_.empty()) {
      for (KnownDeviation& one : read_known_deviations(known_)) known.push_back(std::move(one));
    }
    known = of_target(std::move(known), target_);
  } catch (const std::exception& error) {
    complain(fmt::format("--known: {}", error.what()));
    return kUsage;
  }
  const std::unique_ptr<Target> target = make_target();
  if (!target) return kUsage;
  bool started = false;
  if (const std::string why = reach(*target, started); !why.empty()) {
    complain(fmt::format("{}: {}", target->name(), why));
    return kNotStarted;
  }
  SuiteReport report = run_all(instances, *target);
  if (started) stop(*target);
  report.fixed = mark_known(known, report.results);
  if (!quiet_) {
    const bool colour = isatty(STDOUT_FILENO) == 1;
    fmt::print("{}", reports::conformance_terminal(report, {colour, verbose_}));
  }
  fmt::print("{}", reports::conformance_summary(report));
  if (!write_reports(report)) return kUsage;
  return report.passed() ? kPassed : kFailed;
}

}  // namespace mqttvet::cli
