// A client library as the target: a program on it runs in a simulated world, and the case plays the server it
// connects to. A fresh world for every run; time jumps.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/harness/target.h"

namespace mqttvet::conformance {

// What a case is shown instead of these bytes of the client: to see whether it notices.
using Tamper = std::function<std::string(std::string_view from_client)>;

// Throws std::runtime_error with the reason, in one line, if the library can't be run here.
std::unique_ptr<Target> make_client_target(Library library, Tamper tamper = nullptr);

}  // namespace mqttvet::conformance
