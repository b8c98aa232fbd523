// A program on a Paho library as a guest of a simulated world.
#pragma once

#include <memory>
#include <string>

#include "conformance/harness/program.h"
#include "sim/guest/scheduler.h"

namespace mqttvet::conformance {

// Before the first run is forked off: does the libraries' one-time initialisation. Empty, or why programs
// can't be run here, in one line.
std::string prepare_guest_programs();

// How the guests are scheduled: no thread is held up for long, so that what an application asks for reaches
// its library in the order of asking.
inline sim::Scheduler::Options scheduling() {
  return {.stall_max = sim::Duration(0)};
}

// It runs on `machine` and connects to `server_host`:`port`. Its guests are never ended: what runs after it
// needs another process. World and scheduler must outlive it.
std::unique_ptr<Program> start_guest_program(sim::Scheduler& scheduler, sim::Machine& machine,
                                             const std::string& server_host, std::uint16_t port,
                                             Library library, const ProgramSettings& settings,
                                             ProgramEvents& events);

}  // namespace mqttvet::conformance
