// The log of mqttvet-broker, on standard error: lines for people, or one JSON object a line:
//   {"time":"2026-01-31T12:00:00.000Z","level":"info","text":"listening on mqtt://127.0.0.1:1883"}
#pragma once

#include <string_view>

#include "broker/config/settings.h"
#include "broker/core/seam.h"

namespace mqttvet::cli {

void set_up_log(const config::Settings& settings);

// What comes before set_up_log() is lost.
void log(core::Log::Level level, std::string_view text);

}  // namespace mqttvet::cli
