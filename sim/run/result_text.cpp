#include "sim/run/result_text.h"

#include <nlohmann/json.hpp>

namespace mqttvet::sim {
namespace {

using nlohmann::json;

json to_json(const Finding& finding) {
  return {{"code", finding.code},     {"statement", finding.statement}, {"at", finding.at.count()},
          {"client", finding.client}, {"text", finding.text},           {"details", finding.details}};
}

json to_json(const std::vector<Finding>& findings) {
  json all = json::array();
  for (const Finding& finding : findings) all.push_back(to_json(finding));
  return all;
}

Finding finding_from(const json& from) {
  Finding finding;
  finding.code = from.at("code");
  finding.statement = from.at("statement");
  finding.at = std::chrono::nanoseconds(from.at("at").get<std::int64_t>());
  finding.client = from.at("client");
  finding.text = from.at("text");
  finding.details = from.at("details").get<std::vector<std::string>>();
  return finding;
}

}  // namespace

std::string to_text(const RunResult& result) {
  json faults = json::object();
  for (const auto& [kind, count] : result.faults) faults[kind] = {count.armed, count.fired, count.effective};
  const json all = {{"name", result.name},
                    {"replay", result.replay},
                    {"seed", result.seed},
                    {"hash", result.hash},
                    {"events", result.events},
                    {"packets", result.packets},
                    {"connections", result.connections},
                    {"publishes", result.publishes},
                    {"deliveries", result.deliveries},
                    {"simulated", result.simulated.count()},
                    {"wall", result.wall.count()},
                    {"findings", to_json(result.findings)},
                    {"client_findings", to_json(result.client_findings)},
                    {"faults", faults},
                    {"mutants", result.mutants},
                    {"counters", result.counters},
                    {"marks", result.marks}};
  return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<RunResult> result_from(std::string_view text) {
  const json from = json::parse(text, nullptr, false);
  if (!from.is_object()) return std::nullopt;
  try {
    RunResult result;
    result.name = from.at("name");
    result.replay = from.at("replay");
    result.seed = from.at("seed");
    result.hash = from.at("hash");
    result.events = from.at("events");
    result.packets = from.at("packets");
    result.connections = from.at("connections");
    result.publishes = from.at("publishes");
    result.deliveries = from.at("deliveries");
    result.simulated = std::chrono::nanoseconds(from.at("simulated").get<std::int64_t>());
    result.wall = std::chrono::nanoseconds(from.at("wall").get<std::int64_t>());
    for (const json& finding : from.at("findings")) result.findings.push_back(finding_from(finding));
    for (const json& finding : from.at("client_findings"))
      result.client_findings.push_back(finding_from(finding));
    for (const auto& [kind, count] : from.at("faults").items())
      result.faults[kind] = {count.at(0), count.at(1), count.at(2)};
    result.mutants = from.at("mutants").get<std::map<std::string, std::uint64_t>>();
    result.counters = from.at("counters").get<std::map<std::string, std::uint64_t>>();
    result.marks = from.at("marks").get<std::map<std::string, std::uint64_t>>();
    return result;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace mqttvet::sim
