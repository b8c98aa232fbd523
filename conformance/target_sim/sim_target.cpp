#include "conformance/target_sim/sim_target.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <utility>

#include "broker/access/users.h"
#include "broker/core/mutants.h"
#include "conformance/harness/probe.h"
#include "conformance/target_sim/variants.h"
#include "conformance/paho/guest_program.h"
#include "conformance/target_sim/sim_channel.h"
#include "sim/guest/scheduler.h"
#include "sim/network/network.h"
#include "sim/node/broker_node.h"
#include "sim/world/world.h"

namespace mqttvet::conformance {
namespace {

using namespace std::chrono_literals;

constexpr const char* kBrokerHost = "broker";
constexpr const char* kClientHost = "client";
constexpr std::uint16_t kPort = 1883;
constexpr Duration kDowntime = 500ms;
// The one user the simulated broker knows. Who gives no user name is served too.
constexpr const char* kUserName = "mqttvet";
constexpr const char* kPassword = "simulated";

// What goes wrong on which connection: the network's gate.
class Faults {
 public:
  Faults(sim::World& world, sim::Network& network) : world_(world), network_(network) {
    network_.set_gate([this](std::uint64_t connection, std::string_view, bool client_sent,
                             std::string_view bytes) { return pass(connection, client_sent, bytes); });
  }
  ~Faults() { network_.set_gate(nullptr); }
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  void arrange(std::uint64_t connection, const Fault& fault) { triggers_.emplace(connection, fault); }
  bool has_struck(std::uint64_t connection) const {
    const auto found = triggers_.find(connection);
    return found != triggers_.end() && found->second.has_struck();
  }

 private:
  using Passage = sim::Network::Passage;

  Passage pass(std::uint64_t connection, bool client_sent, std::string_view bytes) {
    const auto found = triggers_.find(connection);
    if (found == triggers_.end()) return {.bytes_pass = bytes.size()};
    FaultTrigger& trigger = found->second;
    const Fault& fault = trigger.fault();
    if (client_sent != (fault.way == Fault::Way::to_target)) return {.bytes_pass = bytes.size()};
    if (trigger.has_struck() && fault.what == Fault::What::split)
      return {.bytes_pass = std::min(bytes.size(), fault.piece_bytes)};
    const auto passing = trigger.strikes_in(bytes);
    if (!passing) return {.bytes_pass = bytes.size()};
    world_.after(Duration{0}, [this] { world_.stop(); });  // whoever waits for it looks now
    return {.bytes_pass = *passing, .then = then_of(fault), .stall_for = fault.lasts};
  }

  static Passage::Then then_of(const Fault& fault) {
    switch (fault.what) {
      case Fault::What::reset:
        return Passage::Then::reset;
      case Fault::What::finish:
        return Passage::Then::fin;
      case Fault::What::stall:
        return Passage::Then::stall;
      case Fault::What::split:
        break;
    }
    return Passage::Then::nothing;
  }

  sim::World& world_;
  sim::Network& network_;
  std::map<std::uint64_t, FaultTrigger> triggers_;
};

class SimVenue : public Venue {
 public:
  SimVenue(std::uint64_t seed, const SimTargetOptions& target)
      : world_(seed),
        network_(world_),
        node_(world_, network_, options(target), [this](const sim::NodeFinding& found) {
          findings_ += (findings_.empty() ? "" : "; ") + found.text;
        }) {
    network_.add_host(kClientHost);
    node_.start();
    wait_until_up();
    begun_ = world_.now();
  }

  Time now() const override { return world_.now() - begun_; }

  std::unique_ptr<Channel> connect(ChannelEvents& events, const std::optional<Fault>& fault) override {
    sim::EndpointPtr endpoint = network_.connect(kClientHost, kBrokerHost, kPort);
    const std::uint64_t connection = endpoint->connection_number();
    if (fault) faults_.arrange(connection, *fault);
    return make_sim_channel(world_, std::move(endpoint), events,
                            [this, connection] { return faults_.has_struck(connection); });
  }

  void wait(Time deadline) override {
    run_until(begun_ + deadline);
    if (!findings_.empty()) throw std::runtime_error("the simulated broker: " + findings_);
  }

  std::vector<std::string> reached() const override {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < hits_before_.size(); ++i) {
      const core::MutantInfo& info = core::kMutants[i];
      if (core::hits(info.mutant) > hits_before_[i]) names.emplace_back(info.name);
    }
    return names;
}

  std::unique_ptr<Program> start(Library library, const ProgramSettings& settings,
                                 ProgramEvents& events) override {
    if (!scheduler_) scheduler_ = std::make_unique<sim::Scheduler>(world_, network_, scheduling());
    const std::string host = fmt::format("program {}", ++programs_);
    network_.add_host(host);
    return start_guest_program(*scheduler_, scheduler_->boot(host), kBrokerHost, kPort, library, settings,
                               events);
  }

  void restart() override { crash(sim::BrokerNode::CrashKind::process_killed); }
  void kill() override { crash(sim::BrokerNode::CrashKind::power_lost); }

 private:
  static sim::BrokerNodeOptions options(const SimTargetOptions& target) {
    sim::BrokerNodeOptions options;
    options.host = kBrokerHost;
    options.port = kPort;
    options.config = config_of(target.variant);
    options.steps_per_check = target.check_invariants ? 1 : 0;
    options.config.allow_anonymous = true;
    options.config.access_lists.users = {kUserName};
    options.users = users();
    options.authentication_latency_min = options.authentication_latency_max = 1ms;
    return options;
  }

  static std::shared_ptr<const access::Users> users() {
    constexpr access::Hardness kCheap{.scrypt = {.log2_n = 2, .r = 1, .p = 1}, .scram_iterations = 2};
    access::Users users;
    users.put(kUserName, access::make_credentials(kPassword, "salt of the hash", "salt of the keys", kCheap));
    return std::make_shared<const access::Users>(std::move(users));
  }

  // To this time, or to the first event that a channel told. An idle world's clock is moved on.
  void run_until(sim::Time at) {
    const auto end = world_.schedule(at, [] {});
    world_.run_until(at);
    world_.cancel(end);
  }

  void wait_until_up() {
    const sim::Time limit = world_.now() + 10s;
    while (!node_.up() && world_.now() < limit) run_until(world_.now() + 1ms);
    if (!node_.up()) throw std::runtime_error("the simulated broker does not come up: " + findings_);
  }

  void crash(sim::BrokerNode::CrashKind kind) {
    node_.crash(kind, kDowntime);
    const sim::Time limit = world_.now() + kDowntime;
    while (world_.now() < limit) run_until(limit);
    wait_until_up();
  }

  static std::vector<std::uint64_t> hits_so_far() {
    std::vector<std::uint64_t> hits;
    for (const core::MutantInfo& info : core::kMutants) hits.push_back(core::hits(info.mutant));
    return hits;
  }

  const std::vector<std::uint64_t> hits_before_ = hits_so_far();
  sim::World world_;
  sim::Network network_;
  Faults faults_{world_, network_};
  sim::BrokerNode node_;
  std::unique_ptr<sim::Scheduler> scheduler_;  // null: no client is a guest
  int programs_ = 0;
  sim::Time begun_{0};
  std::string findings_;  // of the broker about itself: an invariant that does not hold
};

class SimTarget : public Target {
 public:
  explicit SimTarget(const SimTargetOptions& options) : options_(options) {
    facts_.capabilities = {Capability::persistent_session,
                           Capability::restart,
                           Capability::kill,
                           Capability::saved,
                           Capability::durable,
                           Capability::enhanced_authentication,
                           Capability::time_jumps};
    if (std::string why = prepare_guest_programs(); why.empty()) {
      facts_.capabilities.insert(Capability::paho);
    } else {
      facts_.reasons[Capability::paho] = std::move(why);
    }
    facts_.credentials = {kUserName, kPassword};
    // Simulated time costs nothing; what is not late by more than a moment is on time.
    facts_.pace = {5s, 5s, 20ms};
    facts_.variant = options.variant;
  }

  std::string name() const override {
    if (options_.variant == Variant::plain) return "sim";
    return fmt::format("sim --variant {}", name_of(options_.variant));
  }
  bool simulated() const override { return true; }
  const TargetFacts& facts() const override { return facts_; }
  void set_facts(TargetFacts facts) override { facts_ = std::move(facts); }
  std::unique_ptr<Venue> open(std::uint64_t seed) override {
    return std::make_unique<SimVenue>(seed, options_);
  }
  Target* variant(Variant variant) override {
    if (variant == options_.variant) return this;
    std::unique_ptr<SimTarget>& target = variants_[variant];
    if (!target) {
      SimTargetOptions options = options_;
      options.variant = variant;
      target = std::make_unique<SimTarget>(options);
      if (const std::string why = probe(*target); !why.empty()) throw std::runtime_error(why);
    }
    return target.get();
  }

 private:
  SimTargetOptions options_;
  TargetFacts facts_;
  std::map<Variant, std::unique_ptr<SimTarget>> variants_;
};

}  // namespace

std::unique_ptr<Target> make_sim_target(const SimTargetOptions& options) {
  return std::make_unique<SimTarget>(options);
}

}  // namespace mqttvet::conformance
