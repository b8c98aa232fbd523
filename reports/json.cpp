#include "reports/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace mqttvet::reports {
namespace {

using Json = nlohmann::ordered_json;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

Json faults_of(const std::map<std::string, sim::FaultCount>& faults) {
  Json all = Json::object();
  for (const auto& [kind, count] : faults)
    all[kind] = {{"armed", count.armed}, {"fired", count.fired}, {"effective", count.effective}};
  return all;
}

Json to_json(const sim::Finding& finding) {
  Json json = {{"code", finding.code}, {"at", seconds(finding.at)}, {"text", finding.text}};
  if (!finding.statement.empty()) json["statement"] = finding.statement;
  if (!finding.client.empty()) json["client"] = finding.client;
  if (!finding.details.empty()) json["details"] = finding.details;
  return json;
}

Json to_json(const std::vector<sim::Finding>& findings) {
  Json all = Json::array();
  for (const sim::Finding& finding : findings) all.push_back(to_json(finding));
  return all;
}

Json to_json(const sim::RunResult& run) {
  return {{"name", run.name},
          {"seed", run.seed},
          {"passed", run.passed()},
          {"hash", fmt::format("{:016x}", run.hash)},
          {"replay", "mqttvet replay " + run.replay},
          {"simulated", seconds(run.simulated)},
          {"wall", seconds(run.wall)},
          {"cpu", seconds(run.cpu)},
          {"events", run.events},
          {"packets", run.packets},
          {"connections", run.connections},
          {"publishes", run.publishes},
          {"deliveries", run.deliveries},
          {"faults", faults_of(run.faults)},
          {"mutants", run.mutants},
          {"marks", run.marks},
          {"counters", run.counters},
          {"findings", to_json(run.findings)},
          {"client_findings", to_json(run.client_findings)}};
}

}  // namespace

std::string json(const std::vector<sim::RunResult>& runs, const sim::Summary& summary) {
  Json all = {{"runs", summary.runs},
              {"failed", summary.failed},
              {"simulated", seconds(summary.simulated)},
              {"wall", seconds(summary.wall)},
              {"cpu", seconds(summary.cpu)},
              {"events", summary.events},
              {"packets", summary.packets},
              {"connections", summary.connections},
              {"publishes", summary.publishes},
              {"deliveries", summary.deliveries},
              {"findings", summary.findings},
              {"client_findings", summary.client_findings},
              {"faults", faults_of(summary.faults)},
              {"mutants", summary.mutants},
              {"marks", summary.marks},
              {"results", Json::array()}};
  for (const sim::RunResult& run : runs) all["results"].push_back(to_json(run));
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mqttvet::reports
