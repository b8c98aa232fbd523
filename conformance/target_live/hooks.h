// How to start, stop, restart and kill a live target: shell commands of its file.
#pragma once

#include <functional>
#include <string>

namespace mqttvet::conformance {

// Empty: there is none. Each returns when its work is done.
struct Hooks {
  std::string start;
  std::string stop;
  std::string restart;  // default: stop, then start
  std::string kill;     // as by kill -9; `start` follows
  std::string folder;   // where they run; empty: where we are
};

// Runs a command with /bin/sh; none of our sockets is inherited by what it starts. `meanwhile` is called
// again and again until it is done; each time it should take some milliseconds. Throws std::runtime_error
// with `name` when the command fails, or is not done within a minute.
void carry_out(const std::string& name, const std::string& command, const std::string& folder,
               const std::function<void()>& meanwhile);

}  // namespace mqttvet::conformance
