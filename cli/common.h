// What the commands of mqttvet share.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

#include "sim/plan/plan.h"
#include "sim/run/run.h"

namespace mqttvet::cli {

enum ExitStatus { kPassed = 0, kFailed = 1, kUsage = 2, kNotStarted = 3 };

// One line on stderr: "mqttvet: TEXT".
void complain(const std::string& text);

// Options that change a run, and so are part of the line that replays it.
struct RunChoices {
  std::vector<std::string> mutants;
  std::string backend = "fibers";
  std::string profile = "short";  // of seeds
  std::string unsettled;          // "clock", "order", "memory": nondeterminism to be found out

  void declare(CLI::App& command);
  // nullopt: said what is wrong.
  std::optional<sim::RunOptions> options() const;
  // " --mutant X --backend threads", what differs from the default.
  std::string arguments() const;
};

// A seed or a scenario file.
struct Subject {
  sim::Plan plan;
  std::string argument;  // of `mqttvet replay`: "42", "scenarios/walk.yaml"
};

// Only digits, and no file of that name.
std::optional<std::uint64_t> as_seed(const std::string& text);
Subject subject_of_seed(std::uint64_t seed, const RunChoices& choices);
// nullopt: every mistake in the file was told.
std::optional<Subject> subject_of_file(const std::string& path);

// The scenario files of a path: itself, or if it is a folder every *.yaml below it, in the order of their
// names. nullopt: there is none; said so.
std::optional<std::vector<std::string>> scenario_files(const std::string& path);

// Checks the Paho libraries and warms them up, so that children can be forked. False: said why not.
bool prepare_guests();

// A whole file; nullopt: it can't be read.
std::optional<std::string> read_file(const std::string& path);
// Of the machine, as far as this process may use them; at least 1.
unsigned available_processors();

// From now on SIGINT and SIGTERM only make was_interrupted() true.
void heed_interrupts();
bool was_interrupted();

// Writes a whole file. False: said why not.
bool write_file(const std::string& path, const std::string& text);

}  // namespace mqttvet::cli
