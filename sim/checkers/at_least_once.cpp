// ALO: what the broker acknowledged reaches whoever subscribed to it before it was published.
#include <fmt/format.h>

#include "sim/checkers/blame.h"
#include "sim/checkers/obligations.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {

void check_at_least_once(const Model& model, std::vector<Violation>& violations) {
  const WireView& view = model.view;
  for (const Missing& missing : model.missing) {
    if (missing.why != Missing::Why::lost) continue;
    const auto& publication = *missing.publication;
    violations.push_back(
        violation(view, "ALO", statement(version_of(view, *missing.session), "4.3.2-2", "4.3.2-4"),
                  missing.session->client_id,
                  fmt::format("{} was acknowledged to \"{}\" at {} and matches the subscription {} of "
                              "session \"{}\", but it never "
                              "came, though later messages did",
                              name_of(publication.message), publication.client_id,
                              seconds_text(view.time(publication.accepted)),
                              wire::quoted(missing.subscription->filter), missing.session->client_id),
                  {missing.subscription->suback, publication.sends.front(), publication.accepted}));
  }
  for (const Unfinished& unfinished : model.unfinished) {
    if (unfinished.lacks != Unfinished::Lacks::repetition || unfinished.crashed) continue;
    const auto& exchange = *unfinished.exchange;
    violations.push_back(violation(view, "ALO",
                                   statement(version_of(view, *unfinished.session), "4.4.0-1", "4.4.0-1"),
                                   unfinished.session->client_id,
                                   fmt::format("{} arrived with packet id {} and was never acknowledged; the "
                                               "session was resumed, but it was not "
                                               "sent again",
                                               name_of(exchange.message), exchange.packet_id),
                                   {exchange.arrivals.back()}));
  }
}

}  // namespace mqttvet::sim
