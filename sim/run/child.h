// One run in a process of its own: whatever the libraries under test do to it, the parent lives on and knows.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>

#include "sim/run/result.h"

namespace mqttvet::sim {

// A forked child that carries out `job` and sends its result through a pipe. What it writes to stderr is
// kept. The parent must have one thread only. Not copyable; the destructor kills a child that still runs.
class Child {
 public:
  Child(std::function<RunResult()> job, std::chrono::steady_clock::time_point now);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // To poll for; -1: at its end.
  int result_descriptor() const { return result_; }
  int error_descriptor() const { return errors_; }
  // Reads what is there, without waiting. False: both pipes are at their end, collect() will not wait.
  bool read_some();
  std::chrono::steady_clock::time_point started() const { return started_; }

  // The result, once read_some() said false; or, if the child died or sent nonsense, one with a finding that
  // says how: its signal or status, and the end of what it wrote to stderr. The caller fills in name, replay
  // and seed then.
  RunResult collect();
  // Ends it and says in the result that it hung.
  RunResult kill_hung(std::chrono::steady_clock::duration after);

 private:
  int wait_for_status();

  pid_t pid_ = -1;
  std::chrono::nanoseconds cpu_{0};
  int result_ = -1;
  int errors_ = -1;
  std::string result_text_;
  std::string error_text_;
  std::chrono::steady_clock::time_point started_;
};

// Carries `job` out in a child and waits for its end, at most for `hang_after`.
RunResult run_alone(const std::function<RunResult()>& job, std::chrono::seconds hang_after);

}  // namespace mqttvet::sim
