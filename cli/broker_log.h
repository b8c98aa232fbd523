// The log of mqttvet-broker, on standard error: lines for people, or one JSON object a line:
//   {"time":"2026-01-31T12:00:00.000Z","level":"info","text":"listening on mqtt://127.0.0.1:1883"}
#pragma once

#include <string>

#include "broker/config/settings.h"
#include "broker/core/seam.h"

namespace mqttvet::cli {

void set_up_log(const config::Settings& settings);
// Other levels from now on.
void set_log_levels(const config::Settings& settings);

// What comes before set_up_log() is lost.
void log(const core::Log& line);
void log(core::Log::Level level, std::string text);  // of the program itself

}  // namespace mqttvet::cli
