#include "sim/run/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/checkers/obligations.h"
#include "sim/checkers/oracles.h"
#include "sim/plan/broker_config.h"
#include "sim/run/client_findings.h"
#include "sim/run/faults.h"
#include "sim/run/marks.h"
#include "sim/run/stage.h"
#include "sim/run/story.h"
#include "sim/run/teardown.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 1s;  // how often the run is looked after
// Nothing but pings for so long: all that would come has come, and the oracles may blame what did not.
constexpr Duration kQuiet = kBound + 5s;
constexpr Duration kReconnectSelf = 30s;  // time for a client to come back by itself before it is told to
constexpr Duration kTellAgain = 10s;

class Run {
 public:
  Run(const Plan& plan, const RunOptions& options)
      : options_(options),
        stage_(plan, options),
        faults_(stage_),
        story_(stage_, faults_, [this] { story_ended(); }),
        teardown_(stage_, [this] { torn_down(); }) {}

  RunResult carry_out() {
    World& world = stage_.world;
    if (options_.listen) world.trace().listen(options_.listen);
    stage_.on_event = [this](const HistoryEvent&) { schedule_look(); };
    world.schedule(Time{0}, [this] {
      stage_.node.start();
      faults_.begin();
      story_.begin();
    });
    if (stage_.plan.heal_at > Time{0}) world.schedule(stage_.plan.heal_at, [this] { heal(); });
    world.after(kTick, [this] { tick(); });
    world.run_until(options_.time_max);
    return conclude();
  }

 private:
  // Expectations look at new packets in an event of their own, one for all that came at an instant.
  void schedule_look() {
    if (look_scheduled_) return;
    look_scheduled_ = true;
    stage_.world.after(Duration{0}, [this] {
      look_scheduled_ = false;
      story_.look();
    });
  }

  void story_ended() {
    if (stage_.plan.heal_at == Time{0}) heal();
  }

  void tick() {
    const bool too_long = stage_.world.trace().event_count() > options_.events_max;
    if (too_long || stage_.world.now() + kTick > options_.time_max) {
      stage_.add_finding(
          "bound", {},
          fmt::format("the run was not over after {} events and {} s; expected it to end",
                      stage_.world.trace().event_count(),
                      std::chrono::duration_cast<std::chrono::seconds>(stage_.world.now()).count()));
      stage_.world.stop();
      return;
    }
    if (healed_at_ && settled()) return end();
    if (healed_at_) bring_clients_back();
    stage_.world.after(kTick, [this] { tick(); });
  }

  // --- Recovery ---

  void heal() {
    if (healed_at_) return;
    healed_at_ = stage_.world.now();
    story_.break_off();
    faults_.heal();
    stage_.node.heal();
    stage_.recorder.add(HistoryEvent::Kind::healed, {}, "faults are over");
    for (const ClientPlan& client : stage_.plan.clients) {
      told_again_[client.name] = *healed_at_;
      if (client.driver == Driver::raw) {
        stage_.client(client.name).perform(DoAcknowledge{}, [](const Outcome&) {});
      }
    }
  }

  // A client that does not reconnect by itself (or has given up) is told to, now and then.
  void bring_clients_back() {
    for (const ClientPlan& client : stage_.plan.clients) {
      const auto& told = stage_.told_to_connect(client.name);
      if (!told || stage_.client(client.name).connected() || telling_[client.name]) continue;
      const Duration patience = !client.reconnect ? Duration{0} : kReconnectSelf;
      if (stage_.world.now() < told_again_[client.name] + patience) continue;
      told_again_[client.name] = stage_.world.now() + kTellAgain;
      telling_[client.name] = true;
      stage_.client(client.name).perform(*told, [this, name = client.name](const Outcome&) {
        telling_[name] = false;
      });
    }
  }

  bool everybody_is_back() {
    return std::all_of(
        stage_.plan.clients.begin(), stage_.plan.clients.end(), [this](const ClientPlan& client) {
          return !stage_.told_to_connect(client.name) || stage_.client(client.name).connected();
        });
  }

  // Neither side believes in a connection that the other has forgotten (until keep-alive tells it).
  bool broker_agrees() {
    return stage_.node.up() &&
           stage_.node.connection_count() == static_cast<std::size_t>(stage_.open_connections(kBrokerHost));
  }

  bool settled() {
    const Time now = stage_.world.now();
    if (now > *healed_at_ + stage_.plan.settle) return true;
    return everybody_is_back() && broker_agrees() && now >= *healed_at_ + kQuiet &&
           now >= stage_.last_activity() + kQuiet;
  }

  // --- The end ---

  // The history ends here; what is done to the broker from now on is no part of it.
  void end() {
    check_resources();
    stage_.recorder.add(HistoryEvent::Kind::ended, {}, "the end");
    history_length_ = stage_.recorder.events().size();
    ended_at_ = stage_.world.now();
    if (stage_.node.up()) {
      teardown_.begin();
    } else {
      stage_.world.stop();
    }
  }

  void torn_down() {
    const std::vector<std::string> left = teardown_.left_over();
    if (!left.empty())
      stage_.add_finding("resources", {},
                         fmt::format("every session was ended and every retained message cleared, and the "
                                     "broker still holds {}",
                                     fmt::join(left, ", ")));
    stage_.world.stop();
  }

  // --- The verdict ---

  RunResult conclude() {
    stage_.world.trace().listen(nullptr);  // what is torn down now is no part of the run
    RunResult result;
    result.seed = stage_.plan.seed;
    result.hash = stage_.world.trace().hash();
    result.events = stage_.world.trace().event_count();
    result.simulated = ended_at_ > Time{0} ? ended_at_ : stage_.world.now();
    result.faults = faults_.counts();
    History history{stage_.plan, stage_.recorder.take()};
    if (history_length_ > 0) history.events.resize(history_length_);
    judge(history);
    result.client_findings = client_findings(history);
    count(history, result);
    count_broker(result);
    result.marks = marks(history, stage_.node.counters());
    std::stable_sort(stage_.findings.begin(), stage_.findings.end(),
                     [](const Finding& one, const Finding& other) { return one.at < other.at; });
    result.findings = std::move(stage_.findings);
    return result;
  }

  // Everybody is connected and all is quiet: then the broker owes nobody anything.
  void check_resources() {
    const core::Resources resources = stage_.node.resources();
    std::size_t connected = 0;
    for (const ClientPlan& client : stage_.plan.clients)
      connected += stage_.client(client.name).connected() ? 1 : 0;
    // Sessions of absent clients may hold anything; and a client may not have noticed yet that it is absent.
    if (!stage_.node.up() || resources.sessions != connected || resources.connections != connected) return;
    const auto expect_none = [this](std::size_t count, std::string_view what) {
      if (count > 0)
        stage_.add_finding("resources", {},
                           fmt::format("the broker still holds {} {}; expected none", count, what));
    };
    expect_none(resources.queued_messages, "queued messages");
    expect_none(resources.inflight_messages, "messages in flight");
  }

  void judge(const History& history) {
    for (const Violation& violation : check(history)) {
      Finding finding{violation.oracle, violation.statement, violation.at,
                      violation.client, violation.text,      {}};
      for (const std::size_t index : violation.events) {
        if (index < history.events.size()) finding.details.push_back(line_of(history.events[index]));
      }
      stage_.findings.push_back(std::move(finding));
    }
  }

  static std::string line_of(const HistoryEvent& event) {
    using Kind = HistoryEvent::Kind;
    std::string text = event.text;
    std::string_view arrow = " ";
    if (event.kind == Kind::sent) arrow = " -> broker  ", text = wire::describe(event.packet);
    if (event.kind == Kind::received) arrow = " <- broker  ", text = wire::describe(event.packet);
    if (event.kind == Kind::malformed) arrow = " <- broker  malformed: ";
    if (event.kind == Kind::opened) text = fmt::format("connection {} opened", event.connection);
    if (event.kind == Kind::closed)
      text = fmt::format("connection {} closed: {}", event.connection, event.text);
    return fmt::format("{:>12.6f} s  {}{}{}", std::chrono::duration<double>(event.at).count(), event.client,
                       arrow, text);
  }

  static void count(const History& history, RunResult& result) {
    using Kind = HistoryEvent::Kind;
    for (const HistoryEvent& event : history.events) {
      if (event.kind == Kind::opened) ++result.connections;
      if (event.kind != Kind::sent && event.kind != Kind::received) continue;
      ++result.packets;
      if (wire::type_of(event.packet) != wire::PacketType::publish) continue;
      ++(event.kind == Kind::sent ? result.publishes : result.deliveries);
    }
  }

  void count_broker(RunResult& result) {
    const core::Counters counters = stage_.node.counters();
    result.counters = {{"received_publish", counters.received_publish},
                       {"delivered_publish", counters.delivered_publish},
                       {"resent_publish", counters.resent_publish},
                       {"dropped_queue_full", counters.dropped_queue_full},
                       {"dropped_qos0_offline", counters.dropped_qos0_offline},
                       {"dropped_expired", counters.dropped_expired},
                       {"dropped_too_large", counters.dropped_too_large},
                       {"sessions_expired", counters.sessions_expired},
                       {"takeovers", counters.takeovers},
                       {"wills_published", counters.wills_published}};
  }

  const RunOptions& options_;
  Stage stage_;
  Faults faults_;
  Story story_;
  Teardown teardown_;
  std::optional<Time> healed_at_;
  bool look_scheduled_ = false;
  Time ended_at_{0};
  std::size_t history_length_ = 0;
  std::map<std::string, Time> told_again_;
  std::map<std::string, bool> telling_;
};

}  // namespace

RunResult run(const Plan& plan, const RunOptions& options) {
  switch_mutants(plan.broker, options.mutants);
  RunResult result = Run(plan, options).carry_out();
  result.mutants = mutant_hits();
  return result;
}

}  // namespace mqttvet::sim
