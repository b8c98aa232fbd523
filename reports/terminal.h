// What a person reads: the outcome of a run, the summary of a sweep, and how far it has come.
#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "sim/run/result.h"

namespace mqttvet::reports {

// "EXO at 12.345 s, alice: delivered twice ... [MQTT311-4.3.3-2]"
std::string headline(const sim::Finding& finding);

// A failed run: its findings with the packets involved, and the line that replays it. At most `findings_max`
// in full.
std::string failure(const sim::RunResult& run, std::size_t findings_max = 5);

// A passed run on one line.
std::string success(const sim::RunResult& run);

// The whole sweep on one screen.
std::string summary(const sim::Summary& summary);

// What a long sweep should have seen and has not, one line each: faults without effect, situations never met.
std::string gaps(const sim::Summary& summary);

// "4 h 10 min", "12.3 s"
std::string for_people(std::chrono::nanoseconds duration);
// "12 345 678"
std::string for_people(std::uint64_t number);

// A bar on a terminal, a plain line every few seconds elsewhere; nothing if quiet.
class Progress {
 public:
  // total: of runs; absent: as many as fit into `budget`.
  Progress(std::FILE* out, bool quiet, std::optional<std::uint64_t> total,
           std::optional<std::chrono::nanoseconds> budget);
  void update(const sim::Summary& so_far);
  // Takes the bar away, so that other output can follow.
  void clear();

 private:
  std::FILE* out_;
  bool quiet_;
  bool terminal_;
  bool shown_ = false;
  std::optional<std::uint64_t> total_;
  std::optional<std::chrono::nanoseconds> budget_;
  std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace mqttvet::reports
