// What came of a run, in plain values: for reports, for the pipe from a child process to its parent, and for
// comparing.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mqttvet::sim {

// One reason why a run failed.
struct Finding {
  std::string code;  // an oracle's ("EXO"), or: step, expectation, invariant, resources, crash, hang, bound
  std::string statement;  // "MQTT311-4.3.3-2"; empty: none
  std::chrono::nanoseconds at{0};
  std::string client;                // whom it happened to; empty: nobody in particular
  std::string text;                  // one line: what was seen, what was due
  std::vector<std::string> details;  // the packets involved, as the trace shows them
  bool operator==(const Finding&) const = default;
};

struct FaultCount {
  std::uint64_t armed = 0;      // stood in the plan
  std::uint64_t fired = 0;      // its time, or what it was aimed at, came
  std::uint64_t effective = 0;  // changed something
  bool operator==(const FaultCount&) const = default;
};

struct RunResult {
  std::string name;    // "seed 42", or the scenario's
  std::string replay;  // the argument of `mqttvet replay`: "42", "scenarios/walk.yaml"
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;  // of the trace
  std::uint64_t events = 0;
  std::uint64_t packets = 0;  // whole packets seen at the clients, both directions
  std::uint64_t connections = 0;
  std::uint64_t publishes = 0;   // sent by clients
  std::uint64_t deliveries = 0;  // PUBLISH received by clients
  std::chrono::nanoseconds simulated{0};
  std::chrono::nanoseconds wall{0};               // real time; this and the next differ from run to run
  std::chrono::nanoseconds cpu{0};                // of its process, from the fork to the end
  std::vector<Finding> findings;                  // in the order of time; empty: the run passed
  std::vector<Finding> client_findings;           // defects of the client libraries; the run may have passed
  std::map<std::string, FaultCount> faults;       // by kind
  std::map<std::string, std::uint64_t> mutants;   // switched on: how often it was reached
  std::map<std::string, std::uint64_t> counters;  // of the broker, by name
  std::map<std::string, std::uint64_t> marks;     // how often each was met; see marks.h

  bool passed() const { return findings.empty(); }
};

// Many runs together.
struct Summary {
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t events = 0;
  std::uint64_t packets = 0;
  std::uint64_t connections = 0;
  std::uint64_t publishes = 0;
  std::uint64_t deliveries = 0;
  std::chrono::nanoseconds simulated{0};
  std::chrono::nanoseconds wall{0};                      // of the sweep, start to end
  std::chrono::nanoseconds cpu{0};                       // of all runs
  std::map<std::string, std::uint64_t> client_findings;  // runs by code
  std::map<std::string, std::uint64_t> findings;         // failed runs by code
  std::map<std::string, FaultCount> faults;
  std::map<std::string, std::uint64_t> mutants;
  std::map<std::string, std::uint64_t> marks;  // runs that met each

  void add(const RunResult& run);
};

}  // namespace mqttvet::sim
