#include "cli/broker_log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

namespace mqttvet::cli {
namespace {

constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                 spdlog::level::warn, spdlog::level::err};
bool as_json = false;

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
  log->set_level(kLevels[static_cast<std::size_t>(settings.log_level)]);
  log->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(log));
}

void log(core::Log::Level level, std::string_view text) {
  const spdlog::level::level_enum spdlog_level = kLevels[static_cast<std::size_t>(level)];
  if (!spdlog::should_log(spdlog_level)) return;
  if (as_json)
    spdlog::log(spdlog_level, "{}", json_string(text));
  else
    spdlog::log(spdlog_level, "{}", text);
}

}  // namespace mqttvet::cli
