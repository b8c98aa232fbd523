#include "conformance/paho/guest_program.h"

#include <fmt/format.h>

#include "conformance/paho/requests.h"
#include "sim/guest/process.h"

namespace mqttvet::conformance {
namespace {

// Outlives its owner, for its guests run on.
class GuestProgram : public std::enable_shared_from_this<GuestProgram> {
 public:
  GuestProgram(sim::Scheduler& scheduler, sim::Machine& machine, ProgramEvents& events)
      : scheduler_(scheduler), machine_(machine), events_(&events) {}

  void start(Library library, const ProgramSettings& settings, const std::string& uri) {
    spawn("application/main", [self = shared_from_this(), library, settings, uri] {
      self->app_ = std::make_unique<App>(library, settings, uri, self->paho_events());
      sim::HostMode host(sim::current);
      self->scheduler_.wake_all(self.get());
    });
  }

  // A thread of the program for each request, so that they may overlap.
  void begin(std::uint32_t number, const wire::Packet& request) {
    spawn(fmt::format("application/{}", number), [self = shared_from_this(), number, request] {
      self->wait_for_app();
      const sim::Outcome outcome = self->app_->carry_out(request);
      sim::HostMode host(sim::current);
      self->tell([number, outcome](ProgramEvents& events) {
        events.request_ended(number, outcome.done, outcome.text);
      });
    });
  }

  void end() { events_ = nullptr; }

 private:
  void spawn(const std::string& name, std::function<void()> main) {
    scheduler_.spawn(machine_, name, std::move(main));
  }

  void wait_for_app() {
    sim::HostMode host(sim::current);
    while (!app_) scheduler_.wait(this);
  }

  sim::PahoEvents paho_events() {
    return {.message_arrived =
                [self = shared_from_this()](const sim::Arrival& arrival) {
                  sim::HostMode host(sim::current);
                  self->tell([message = message_of(arrival)](ProgramEvents& events) {
                    events.message_arrived(message);
                  });
                },
            .connected = [](bool) {}};
  }

  // In an event of its own, and whoever waits for the world looks at it then.
  template <typename Tell>
  void tell(Tell tell) {
    scheduler_.world().after(sim::Duration(0), [self = shared_from_this(), tell = std::move(tell)] {
      if (!self->events_) return;
      tell(*self->events_);
      self->scheduler_.world().stop();
    });
  }

  sim::Scheduler& scheduler_;
  sim::Machine& machine_;
  ProgramEvents* events_;  // null: nobody listens any more
  std::unique_ptr<App> app_;
};

class OwnedProgram final : public Program {
 public:
  explicit OwnedProgram(std::shared_ptr<GuestProgram> program) : program_(std::move(program)) {}
  ~OwnedProgram() override { program_->end(); }
  void begin(std::uint32_t number, const wire::Packet& request) override { program_->begin(number, request); }

 private:
  std::shared_ptr<GuestProgram> program_;
};

}  // namespace

std::string prepare_guest_programs() {
  static const std::string why = sim::unexpected_paho();
  static bool warm = false;
  if (why.empty() && !std::exchange(warm, true)) sim::warm_up();
  return why;
}

std::unique_ptr<Program> start_guest_program(sim::Scheduler& scheduler, sim::Machine& machine,
                                             const std::string& server_host, std::uint16_t port,
                                             Library library, const ProgramSettings& settings,
                                             ProgramEvents& events) {
  auto program = std::make_shared<GuestProgram>(scheduler, machine, events);
  program->start(library, settings,
                 fmt::format("tcp://{}:{}", scheduler.sockets().route(machine, server_host), port));
  return std::make_unique<OwnedProgram>(std::move(program));
}

}  // namespace mqttvet::conformance
