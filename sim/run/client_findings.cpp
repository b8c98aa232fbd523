#include "sim/run/client_findings.h"

#include <fmt/format.h>

#include <set>

#include "sim/guest/heap.h"
#include "sim/plan/names.h"

namespace mqttvet::sim {
namespace {

// A freed block begins anywhere within the text that fills it.
constexpr std::string_view kPartOfFreedText = std::string_view(kFreedText).substr(1, sizeof kFreedText - 3);

bool is_freed_memory(const wire::Publish& publish) {
  return publish.topic.find(kPartOfFreedText) != std::string::npos ||
         publish.payload.find(kPartOfFreedText) != std::string::npos;
}

}  // namespace

std::vector<Finding> client_findings(const History& history) {
  std::vector<Finding> findings;
  for (const ClientPlan& client : history.plan.clients) {
    if (client.driver == Driver::raw) continue;
    for (const HistoryEvent& event : history.events) {
      if (event.kind != HistoryEvent::Kind::sent || event.client != client.name) continue;
      const auto* publish = std::get_if<wire::Publish>(&event.packet);
      if (!publish || !is_freed_memory(*publish)) continue;
      findings.push_back({"use-after-free",
                          {},
                          event.at,
                          client.name,
                          fmt::format("{} sent a PUBLISH out of memory that it had freed: {}",
                                      name_of(client.driver), wire::describe(event.packet)),
                          {}});
      break;
    }
  }
  return findings;
}

}  // namespace mqttvet::sim
