#include "cli/broker_log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace mqttvet::cli {
namespace {

constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                 spdlog::level::warn, spdlog::level::err};
bool as_json = false;
std::array<spdlog::level::level_enum, 5> level_of_area{};  // by core::Log::Area

// A topic or a client identifier may have any character in it, and need not be UTF-8 if its client is
// hostile.
std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void set_up_log(const config::Settings& settings) {
  as_json = settings.log_format == config::LogFormat::json;
  auto log = spdlog::stderr_color_mt("broker");
  if (as_json)
    log->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","text":%v})",
                     spdlog::pattern_time_type::utc);
  else
    log->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  log->set_level(spdlog::level::trace);  // the areas decide
  log->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(log));
  set_log_levels(settings);
}

void set_log_levels(const config::Settings& settings) {
  for (std::size_t area = 0; area < level_of_area.size(); ++area)
    level_of_area[area] =
        kLevels[static_cast<std::size_t>(settings.log_areas[area].value_or(settings.log_level))];
}

void log(const core::Log& line) {
  const spdlog::level::level_enum level = kLevels[static_cast<std::size_t>(line.level)];
  if (level < level_of_area[static_cast<std::size_t>(line.area)]) return;
  spdlog::log(level, "{}", as_json ? json_string(line.text) : line.text);
}

void log(core::Log::Level level, std::string text) {
  log({level, core::Log::Area::broker, std::move(text)});
}

}  // namespace mqttvet::cli
