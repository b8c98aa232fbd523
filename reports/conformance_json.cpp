#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "conformance/wire/hex.h"
#include "reports/conformance.h"

namespace mqttvet::reports {
namespace {

using Json = nlohmann::ordered_json;
using conformance::CaseResult;
using conformance::SuiteReport;
using conformance::TranscriptEntry;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string_view name_of_kind(TranscriptEntry::Kind kind) {
  switch (kind) {
    case TranscriptEntry::Kind::sent:
      return "sent";
    case TranscriptEntry::Kind::received:
      return "received";
    case TranscriptEntry::Kind::opened:
      return "opened";
    case TranscriptEntry::Kind::ended:
      return "ended";
    case TranscriptEntry::Kind::closed:
      return "closed";
    case TranscriptEntry::Kind::malformed:
      return "malformed";
    case TranscriptEntry::Kind::note:
      break;
  }
  return "note";
}

Json to_json(const TranscriptEntry& entry) {
  Json json = {{"at", seconds(entry.at)}, {"kind", name_of_kind(entry.kind)}, {"text", entry.text}};
  if (!entry.client.empty()) json["client"] = entry.client;
  if (entry.connection > 0) json["connection"] = entry.connection;
  if (!entry.bytes.empty()) json["bytes"] = wire::to_hex(entry.bytes);
  return json;
}

Json to_json(const SuiteReport& report, const CaseResult& result) {
  Json json = {{"case", result.name},
               {"mqtt", wire::name_of(result.version)},
               {"level", name_of(result.level)},
               {"statements", result.statements},
               {"verdict", name_of(result.verdict)},
               {"took", seconds(result.took)}};
  if (!result.tags.empty()) json["tags"] = result.tags;
  if (!result.text.empty()) json["text"] = result.text;
  if (!result.remarks.empty()) json["remarks"] = result.remarks;
  if (!result.behaviours.empty()) json["behaviours"] = result.behaviours;
  if (!result.known.empty()) json["known"] = result.known;
  if (result.verdict == conformance::Verdict::pass || result.verdict == conformance::Verdict::skipped)
    return json;
  json["command"] = conformance::command_for(report, result);
  json["transcript"] = Json::array();
  for (const TranscriptEntry& entry : result.transcript) json["transcript"].push_back(to_json(entry));
  return json;
}

}  // namespace

std::string conformance_json(const SuiteReport& report) {
  Json json = {{"format", 1},
               {"mqttvet", report.version_of_mqttvet},
               {"target", report.target},
               {"passed", report.passed()},
               {"wall", seconds(report.wall)},
               {"counts", Json::object()},
               {"fixed", Json::array()},
               {"results", Json::array()}};
  for (const auto& [verdict, count] : report.counts()) json["counts"][std::string(name_of(verdict))] = count;
  for (const auto& fixed : report.fixed)
    json["fixed"].push_back({{"case", fixed.pattern}, {"reason", fixed.reason}});
  for (const CaseResult& result : report.results) json["results"].push_back(to_json(report, result));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mqttvet::reports
