#include "conformance/target_sim/client_target.h"

#include <deque>
#include <stdexcept>
#include <utility>

#include "conformance/paho/guest_program.h"
#include "conformance/target_sim/sim_channel.h"
#include "sim/guest/scheduler.h"
#include "sim/network/network.h"
#include "sim/world/world.h"

namespace mqttvet::conformance {
namespace {

using namespace std::chrono_literals;

constexpr const char* kServerHost = "server";
constexpr const char* kProgramHost = "program";
constexpr std::uint16_t kPort = 1883;

class Tampered final : public ChannelEvents {
 public:
  Tampered(ChannelEvents& events, const Tamper& tamper) : events_(events), tamper_(tamper) {}
  void opened(Time at) override { events_.opened(at); }
  void received(Time at, std::string_view bytes) override { events_.received(at, tamper_(bytes)); }
  void ended(Time at, Ending how, const std::string& text) override { events_.ended(at, how, text); }

 private:
  ChannelEvents& events_;
  const Tamper& tamper_;
};

class ClientVenue : public Venue {
 public:
  ClientVenue(std::uint64_t seed, const Tamper& tamper)
      : tamper_(tamper), world_(seed), network_(world_), scheduler_(world_, network_, scheduling()) {
    network_.add_host(kServerHost);
    network_.add_host(kProgramHost);
    network_.listen(kServerHost, kPort, [this](sim::EndpointPtr endpoint) {
      waiting_.push_back(std::move(endpoint));
      world_.stop();
    });
  }

  Time now() const override { return world_.now(); }
  std::unique_ptr<Channel> connect(ChannelEvents&, const std::optional<Fault>&) override {
    throw std::logic_error("a client library takes no connections");
  }
  void wait(Time deadline) override {
    const auto end = world_.schedule(deadline, [] {});  // an idle world's clock is moved on
    world_.run_until(deadline);
    world_.cancel(end);
  }
  void restart() override { throw std::logic_error("a client library is not restarted"); }
  void kill() override { restart(); }

  std::unique_ptr<Program> start(Library library, const ProgramSettings& settings,
                                 ProgramEvents& events) override {
    return start_guest_program(scheduler_, scheduler_.boot(kProgramHost), kServerHost, kPort, library,
                               settings, events);
  }
  std::unique_ptr<Channel> accept(ChannelEvents& events) override {
    if (waiting_.empty()) return nullptr;
    sim::EndpointPtr endpoint = std::move(waiting_.front());
    waiting_.pop_front();
    if (!tamper_) return make_sim_channel(world_, std::move(endpoint), events);
    tampered_.emplace_back(events, tamper_);
    return make_sim_channel(world_, std::move(endpoint), tampered_.back());
  }
  bool is_asked_for_a_connection() const override { return !waiting_.empty(); }

 private:
  const Tamper& tamper_;
  std::deque<Tampered> tampered_;
  sim::World world_;
  sim::Network network_;
  sim::Scheduler scheduler_;
  std::deque<sim::EndpointPtr> waiting_;
};

class ClientTarget : public Target {
 public:
  ClientTarget(Library library, Tamper tamper) : tamper_(std::move(tamper)) {
    facts_.library = library;
    facts_.capabilities = {Capability::mqtt_3_1, Capability::mqtt_3_1_1, Capability::mqtt_5_0,
                           Capability::paho};
    facts_.pace = {5s, 5s, 20ms};
  }
  std::string name() const override { return std::string(name_of(facts_.library)); }
  Subject subject() const override { return Subject::client; }
  bool simulated() const override { return true; }
  const TargetFacts& facts() const override { return facts_; }
  void set_facts(TargetFacts facts) override { facts_ = std::move(facts); }
  std::unique_ptr<Venue> open(std::uint64_t seed) override {
    return std::make_unique<ClientVenue>(seed, tamper_);
  }

 private:
  Tamper tamper_;
  TargetFacts facts_;
};

}  // namespace

std::unique_ptr<Target> make_client_target(Library library, Tamper tamper) {
  if (const std::string why = prepare_guest_programs(); !why.empty()) throw std::runtime_error(why);
  return std::make_unique<ClientTarget>(library, std::move(tamper));
}

}  // namespace mqttvet::conformance
