// DUR: a promise given before a crash of the broker holds after it.
#include <fmt/format.h>

#include "sim/checkers/blame.h"
#include "sim/checkers/obligations.h"
#include "sim/checkers/oracles.h"
#include "sim/checkers/session_ends.h"

namespace mqttvet::sim {

void check_durability(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  const PlanFacts& facts = model.facts;
  for (const Missing& missing : model.missing) {
    if (missing.why != Missing::Why::crashed) continue;
    const auto& publication = *missing.publication;
    violations.push_back(violation(
        view, "DUR", statement(version_of(view, *missing.session), "4.1.0-1", "4.1.0-1"),
        missing.session->client_id,
        fmt::format(
            "{} was acknowledged to \"{}\" at {}; then the broker crashed, and session \"{}\" never got it",
            name_of(publication.message), publication.client_id,
            seconds_text(view.time(publication.accepted)), missing.session->client_id),
        {missing.subscription->suback, publication.sends.front(), publication.accepted}));
  }
  for (const Unfinished& unfinished : model.unfinished) {
    if (!unfinished.crashed) continue;
    const auto& exchange = *unfinished.exchange;
    const bool pubrel = unfinished.lacks == Unfinished::Lacks::pubrel;
    violations.push_back(violation(
        view, "DUR", statement(version_of(view, *unfinished.session), "4.4.0-1", "4.4.0-1"),
        unfinished.session->client_id,
        fmt::format(
            "the delivery of {} with packet id {} was under way when the broker crashed; after it the broker "
            "never sent {}",
            name_of(exchange.message), exchange.packet_id, pubrel ? "PUBREL" : "it again"),
        {exchange.arrivals.front(), pubrel ? exchange.acknowledged : exchange.arrivals.back()}));
  }
  for (const LostSession& lost : lost_sessions(view, facts)) {
    if (!lost.crashed) continue;
    violations.push_back(violation(
        view, "DUR", statement(lost.connection->version, "4.1.0-1", "4.1.0-1"), lost.connection->client_id,
        fmt::format("session \"{}\" existed before the broker crashed; after it Session Present is 0",
                    lost.connection->client_id),
        {lost.session->begun, lost.connection->connack}));
  }
}

}  // namespace mqttvet::sim
