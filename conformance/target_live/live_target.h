// A live target: any broker that listens somewhere.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "conformance/harness/target.h"
#include "conformance/target_live/hooks.h"
#include "conformance/target_live/url.h"

namespace mqttvet::conformance {

// Runs a program on a client library: conformance/paho/thread_program.h has one, for whoever links the Paho
// libraries.
using StartProgram =
    std::function<std::unique_ptr<Program>(const std::string& server_uri, Library, const ProgramSettings&,
                                           ProgramEvents&, std::function<void(std::function<void()>)> post)>;

struct LiveOptions {
  std::string name;  // as it was given
  Url url;
  TargetFacts facts;  // what is declared; the rest is probed by whoever asks (harness/probe.h)
  Hooks hooks;
  StartProgram start_program{};            // null: the target lacks Capability::paho
  std::string certificate_authority_file;  // PEM; empty: the target's certificate is not verified
};

// For a live target: as short as is safe on a busy machine.
Pace live_pace();

// Resolves the host. Throws std::runtime_error that says what can't be resolved or read.
std::unique_ptr<Target> make_live_target(LiveOptions options);

}  // namespace mqttvet::conformance
