// A program on a Paho library on the real network, in threads of this process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "conformance/harness/program.h"

namespace mqttvet::conformance {

// It connects to `server_uri`, in Paho's words (tcp://, ssl://, ws://, wss://). What the program is told goes
// through `post`, which is called from any of its threads and has to run it in the thread that waits for
// events. The program's end waits for its requests: seconds, if the server does not answer.
std::unique_ptr<Program> start_thread_program(const std::string& server_uri, Library library,
                                              const ProgramSettings& settings, ProgramEvents& events,
                                              std::function<void(std::function<void()>)> post);

}  // namespace mqttvet::conformance
