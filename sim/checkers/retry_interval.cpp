#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/blame.h"
#include "sim/checkers/timers.h"

namespace mqttvet::sim {
namespace {

using std::chrono::seconds;

class Judge {
 public:
  Judge(const Model& model, std::vector<Violation>& violations)
      : model_(model), view_(model.view), interval_(*model.facts.retry_interval()), violations_(violations) {}

  void judge(const SessionView& session, const ExchangeView& exchange) {
    if (exchange.unsure || exchange.maybe_repeated) return;
    for (std::size_t i = 0; i < exchange.arrivals.size(); ++i) {
      const ConnectionView& connection = model_.connection_of(exchange.arrivals[i]);
      if (connection.version == wire::Version::v5_0) continue;
      const bool last = i + 1 == exchange.arrivals.size();
      const bool here = !last && view_.event(exchange.arrivals[i + 1]).connection == connection.number;
      if (here) check_early(session, exchange.arrivals[i], exchange.arrivals[i + 1]);
      check_late(session, connection, exchange, i);
    }
  }

 private:
  void check_early(const SessionView& session, std::size_t first, std::size_t second) {
    const Duration passed = view_.time(second) - view_.time(first);
    const ConnectionView& connection = model_.connection_of(first);
    if (interval_ != 0) {
      // The first may have been on its way for long.
      const Duration least = seconds(interval_) * 99 / 100 - seconds(1) -
                             model_.disturbances.delay(connection.client, view_.time(first));
      if (passed >= least) return;
    }
    blame(session, first, second,
          fmt::format("was sent again after {:.3f} s on the same connection",
                      std::chrono::duration<double>(passed).count()));
  }

  void check_late(const SessionView& session, const ConnectionView& connection, const ExchangeView& exchange,
                  std::size_t which) {
    if (interval_ == 0) return;
    const std::size_t arrival = exchange.arrivals[which];
    std::size_t until = std::min({exchange.acknowledged, connection.closed, connection.superseded});
    if (which + 1 < exchange.arrivals.size()) until = std::min(until, exchange.arrivals[which + 1]);
    const Time end = until == kNoEvent ? view_.ended : view_.time(until);
    const Duration patience = seconds(interval_) * 102 / 100 + seconds(2);
    if (end - view_.time(arrival) <= patience) return;
    if (connection.malformed || view_.deserted(connection)) return;
    if (!model_.disturbances.quiet(connection.client, view_.time(connection.opened), end)) return;
    blame(session, arrival, arrival,
          fmt::format("was not sent again for {:.3f} s, though it was not acknowledged",
                      std::chrono::duration<double>(end - view_.time(arrival)).count()));
  }

  void blame(const SessionView& session, std::size_t first, std::size_t second, const std::string& what) {
    const auto& publish = std::get<wire::Publish>(view_.event(first).packet);
    violations_.push_back(
        violation(view_, "TIM", "", session.client_id,
                  fmt::format("PUBLISH with packet id {} to \"{}\" {}; retry_interval is {} s",
                              publish.packet_id, session.client_id, what, interval_),
                  {first, second}));
  }

  const Model& model_;
  const WireView& view_;
  const std::uint32_t interval_;
  std::vector<Violation>& violations_;
};

}  // namespace

void check_retry_interval(const Model& model, std::vector<Violation>& violations) {
  if (!model.facts.retry_interval()) return;
  Judge judge(model, violations);
  for (const SessionView& session : model.view.sessions) {
    if (session.contested) continue;
    for (const ExchangeView& exchange : session.exchanges) judge.judge(session, exchange);
  }
}

}  // namespace mqttvet::sim
