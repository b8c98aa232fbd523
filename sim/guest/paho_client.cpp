#include "sim/guest/paho_client.h"

#include <fmt/format.h>

#include "sim/guest/mailbox.h"
#include "sim/guest/paho_app.h"
#include "sim/plan/payload.h"

namespace mqttvet::sim {
namespace {

using Done = std::function<void(Outcome)>;

struct Task {
  std::optional<Operation> operation;  // none: end the program
  std::vector<std::string> payloads;   // of a DoPublish
  Done done;                           // null: nobody asked
};

// From the program's start to its end or its machine's death. Outlives the death for as long as its guest
// runs on.
struct Life {
  Life(Scheduler& scheduler, Machine& its_machine) : machine(its_machine), tasks(scheduler) {}
  Machine& machine;
  Mailbox<std::shared_ptr<Task>> tasks;
  std::vector<std::shared_ptr<Task>> unfinished;  // in order
  bool dead = false;
  bool connected = false;
  int connection_changes = 0;  // that the library told of
};

class PahoClient final : public Client, public std::enable_shared_from_this<PahoClient> {
 public:
  PahoClient(World& world, Network& network, Scheduler& scheduler, const ClientPlan& plan,
             std::string broker_host, std::uint16_t port, std::function<void(const Arrival&)> on_arrival)
      : world_(world),
        network_(network),
        scheduler_(scheduler),
        plan_(plan),
        broker_host_(std::move(broker_host)),
        port_(port),
        on_arrival_(std::move(on_arrival)) {
    if (plan_.client_id.empty()) plan_.client_id = plan_.name;
  }

  void perform(const Operation& operation, Done done) override {
    if (std::holds_alternative<DoDrop>(operation)) {
      const int cut = network_.cut(plan_.name, true);
      return report(std::move(done), {cut > 0, cut > 0 ? "" : "no connection to drop"});
    }
    if (const auto* crash = std::get_if<DoCrash>(&operation)) return die(*crash, std::move(done));
    if (!std::holds_alternative<DoConnect>(operation) && !std::holds_alternative<DoDisconnect>(operation) &&
        !std::holds_alternative<DoSubscribe>(operation) &&
        !std::holds_alternative<DoUnsubscribe>(operation) && !std::holds_alternative<DoPublish>(operation)) {
      return report(std::move(done), {false, "only a raw client can do that"});
    }
    if (const auto* connect = std::get_if<DoConnect>(&operation)) last_connect_ = *connect;
    if (std::holds_alternative<DoDisconnect>(operation)) last_connect_.reset();
    if (!life_ && !down_) begin_life();
    auto task = std::make_shared<Task>();
    task->operation = operation;
    task->done = std::move(done);
    if (const auto* publish = std::get_if<DoPublish>(&operation)) task->payloads = payloads(*publish);
    give(std::move(task));
  }

  bool connected() const override { return life_ && life_->connected; }

 private:
  void begin_life() {
    life_ = std::make_shared<Life>(scheduler_, scheduler_.boot(plan_.name));
    const std::string uri =
        fmt::format("tcp://{}:{}", scheduler_.sockets().route(life_->machine, broker_host_), port_);
    scheduler_.spawn(life_->machine, plan_.name + "/main",
                     std::function<void()>(
                         [self = shared_from_this(), life = life_, uri] { self->live(*life, life, uri); }));
    for (auto& task : std::exchange(postponed_, {})) give(std::move(task));
  }

  void give(std::shared_ptr<Task> task) {
    if (down_) {
      postponed_.push_back(std::move(task));
      return;
    }
    life_->unfinished.push_back(task);
    life_->tasks.put(std::move(task));
  }

  // The program's main(), in guest mode.
  void live(Life& life, const std::shared_ptr<Life>& owned, const std::string& uri) {
    auto app = plan_.driver == Driver::paho_c ? make_paho_c_app(plan_, uri, events(owned))
                                              : make_paho_cpp_app(plan_, uri, events(owned));
    while (true) {
      const auto task = life.tasks.take();
      if (!task->operation || life.dead) break;
      const int changes_before = life.connection_changes;
      const Outcome outcome = carry_out(*app, *task);
      HostMode host(current);
      if (life.dead) continue;
      // The library may still be about to call back.
      const bool connect_done = std::holds_alternative<DoConnect>(*task->operation) && outcome.done;
      if (connect_done && life.connection_changes == changes_before) life.connected = true;
      std::erase(life.unfinished, task);
      report(std::move(task->done), outcome);
    }
    app.reset();
  }

  static Outcome carry_out(PahoApp& app, const Task& task) {
    const Operation& operation = *task.operation;
    if (const auto* connect = std::get_if<DoConnect>(&operation)) return app.connect(*connect);
    if (const auto* disconnect = std::get_if<DoDisconnect>(&operation)) return app.disconnect(*disconnect);
    if (const auto* subscribe = std::get_if<DoSubscribe>(&operation)) return app.subscribe(*subscribe);
    if (const auto* unsubscribe = std::get_if<DoUnsubscribe>(&operation))
      return app.unsubscribe(*unsubscribe);
    return app.publish(std::get<DoPublish>(operation), task.payloads);
  }

  PahoEvents events(const std::shared_ptr<Life>& life) {
    const auto self = shared_from_this();
    return {.message_arrived =
                [self, life](Arrival arrival) {
                  HostMode host(current);
                  if (life->dead) return;
                  self->world_.after(Duration(0),
                                     [self, arrival = std::move(arrival)] { self->on_arrival_(arrival); });
                },
            .connected =
                [life](bool connected) {
                  life->connected = connected && !life->dead;
                  ++life->connection_changes;
                }};
  }

  void report(Done done, Outcome outcome) {
    if (!done) return;
    world_.after(Duration(0), [done = std::move(done), outcome = std::move(outcome)] { done(outcome); });
  }

  // The machine loses power. The program's guest can't be stopped where it is (it may hold a lock of the
  // library that others share), so it runs on, cut off from everything, until its calls have failed.
  void die(const DoCrash& crash, Done done) {
    network_.drop_all(plan_.name);
    if (life_) {
      life_->dead = true;
      life_->connected = false;
      scheduler_.sockets().power_off(life_->machine);
      for (auto& task : std::exchange(life_->unfinished, {}))
        report(std::move(task->done), {false, "crashed"});
      life_->tasks.put(std::make_shared<Task>());
      life_.reset();
    }
    down_ = true;
    if (crash.for_good) return report(std::move(done), {true, ""});
    world_.after(crash.restart_after, [self = shared_from_this(), done = std::move(done),
                                       connect = last_connect_] { self->come_back(connect, done); });
  }

  void come_back(const std::optional<DoConnect>& last_connect, Done done) {
    if (!down_) return report(std::move(done), {true, ""});  // crashed twice, came back once
    down_ = false;
    const bool told_to_connect =
        !postponed_.empty() && std::holds_alternative<DoConnect>(*postponed_.front()->operation);
    if (!last_connect || !plan_.reconnect || told_to_connect) {
      report(std::move(done), {true, ""});
    } else {
      auto connect = std::make_shared<Task>();
      connect->operation = *last_connect;
      connect->done = std::move(done);
      postponed_.insert(postponed_.begin(), std::move(connect));
    }
    begin_life();
  }

  // "alice#7", or what the plan says; numbered if there are several; filled up to the size asked for.
  std::vector<std::string> payloads(const DoPublish& publish) {
    std::vector<std::string> all;
    for (int i = 1; i <= publish.count; ++i) {
      all.push_back(payload_of(publish, i, plan_.name, published_));
    }
    return all;
  }

  World& world_;
  Network& network_;
  Scheduler& scheduler_;
  ClientPlan plan_;
  const std::string broker_host_;
  const std::uint16_t port_;
  const std::function<void(const Arrival&)> on_arrival_;
  std::shared_ptr<Life> life_;
  bool down_ = false;
  std::vector<std::shared_ptr<Task>> postponed_;  // asked for while the machine was down
  std::optional<DoConnect> last_connect_;         // the last one asked for, unless a disconnect followed
  std::uint64_t published_ = 0;
};

// The guests of a client hold on to it, so it lives until they have ended; its owner has only this.
class OwnedClient final : public Client {
 public:
  explicit OwnedClient(std::shared_ptr<PahoClient> client) : client_(std::move(client)) {}
  void perform(const Operation& operation, Done done) override {
    client_->perform(operation, std::move(done));
  }
  bool connected() const override { return client_->connected(); }

 private:
  std::shared_ptr<PahoClient> client_;
};

}  // namespace

std::unique_ptr<Client> make_paho_client(World& world, Network& network, Scheduler& scheduler,
                                         const ClientPlan& plan, const std::string& broker_host,
                                         std::uint16_t port, std::function<void(const Arrival&)> on_arrival) {
  return std::make_unique<OwnedClient>(std::make_shared<PahoClient>(
      world, network, scheduler, plan, broker_host, port, std::move(on_arrival)));
}

}  // namespace mqttvet::sim
