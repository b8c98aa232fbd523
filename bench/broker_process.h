// A broker of any make as a process of ours, on a free port of 127.0.0.1.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace mqttvet::bench {

// A directory under the system's for temporary files, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Runs from its construction until its destruction, and never longer than the program that started it.
class BrokerProcess {
 public:
  // `command` is given the port and returns the program's path and its arguments. Waits until the port takes
  // connections; std::runtime_error if it does not within five seconds. The broker's output is dropped.
  explicit BrokerProcess(const std::function<std::vector<std::string>(int port)>& command);
  ~BrokerProcess();
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  // What it holds in memory, in bytes.
  double resident_bytes() const;
  int port() const { return port_; }
  // Processor time it has used so far, user and system, in seconds; a hundredth is the finest it can tell.
  double processor_seconds() const;

 private:
  int port_;
  pid_t pid_ = -1;
};

// A connected TCP socket, blocking, without Nagle's delay, from this address if one is given; -1 if nobody
// listens.
int connect_to(int port, const std::string& source_address = {});

}  // namespace mqttvet::bench
