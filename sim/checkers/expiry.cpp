// EXP: no message is sent for the first time after it has expired, and what is left of its interval is told
// (section 3.3.2.3.3).
#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/blame.h"
#include "sim/checkers/oracles.h"

namespace mqttvet::sim {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

// How long the message can have waited at the broker before it was sent.
struct Waited {
  Duration least;
  Duration most;
};

Waited waited(const Model& model, const PublicationView& publication, std::size_t arrival) {
  const WireView& view = model.view;
  const ConnectionView& connection = model.connection_of(arrival);
  const Time arrived = view.time(arrival);
  const Time sent_after =
      std::max(view.time(connection.connect), arrived - model.disturbances.delay(connection.client, arrived));
  const std::size_t known = std::min(publication.answered, publication.handled);
  const Duration least = known == kNoEvent ? Duration{0} : sent_after - view.time(known);
  return {std::max(least, Duration{0}), arrived - view.time(publication.sends.front())};
}

void judge(const Model& model, const SessionView& session, const PublicationView& publication,
           const SessionView::Delivery& delivery, std::vector<Violation>& violations) {
  const std::uint32_t interval = *publication.expiry;
  const Waited wait = waited(model, publication, delivery.event);
  const auto blame = [&](std::string number, std::string text) {
    violations.push_back(violation(
        model.view, "EXP", "MQTT5-" + number, session.client_id,
        fmt::format("{} was published with a Message Expiry Interval of {} s and waited between {:.3f} "
                    "and {:.3f} s; {}",
                    name_of(delivery.message), interval, std::chrono::duration<double>(wait.least).count(),
                    std::chrono::duration<double>(wait.most).count(), text),
        {publication.sends.front(), delivery.event}));
  };
  const bool clock_lies = model.facts.wall_clock_lies();  // then only what was published is a bound
  // Two clocks may differ a little: a second, and one in a hundred.
  if (!clock_lies && wait.least * 99 / 100 > seconds(interval) + seconds(1))
    return blame("3.3.2-5", fmt::format("all the same it was sent to \"{}\"", session.client_id));
  if (model.connection_of(delivery.event).version != wire::Version::v5_0) return;
  const auto& packet = std::get<wire::Publish>(model.view.event(delivery.event).packet);
  const auto left = wire::number(packet.properties, wire::PropertyId::message_expiry_interval);
  if (!left) return blame("3.3.2-6", fmt::format("\"{}\" got it without the property", session.client_id));
  const auto most = seconds(interval) - duration_cast<seconds>(wait.least * 99 / 100) + seconds(1);
  const auto least = seconds(interval) - duration_cast<seconds>(wait.most * 101 / 100) - seconds(2);
  const bool in_time = clock_lies || (seconds(*left) <= most && seconds(*left) >= least);
  if (seconds(*left) > seconds(interval) || !in_time)
    blame("3.3.2-6", fmt::format("\"{}\" was told that {} s are left", session.client_id, *left));
}

}  // namespace

void check_expiry(const Model& model, std::vector<Violation>& violations) {
  for (const SessionView& session : model.view.sessions) {
    if (session.contested) continue;
    for (const auto& delivery : session.deliveries) {
      if (delivery.dup || model.untold(delivery.message) || model.is_will(delivery.message)) continue;
      const auto publications = model.publications(delivery.message, delivery.event);
      if (publications.size() == 1 && publications.front()->expiry)
        judge(model, session, *publications.front(), delivery, violations);
    }
  }
}

}  // namespace mqttvet::sim
