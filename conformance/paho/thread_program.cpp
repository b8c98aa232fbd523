#include "conformance/paho/thread_program.h"

#include <thread>
#include <vector>

#include "conformance/paho/requests.h"

namespace mqttvet::conformance {
namespace {

using Post = std::function<void(std::function<void()>)>;

// Whom to tell. Only looked at in the thread that waits for events.
struct Listener {
  ProgramEvents* events;  // null: nobody listens any more
};

class ThreadProgram final : public Program {
 public:
  ThreadProgram(const std::string& server_uri, Library library, const ProgramSettings& settings,
                ProgramEvents& events, Post post)
      : listener_(std::make_shared<Listener>(Listener{&events})),
        post_(std::move(post)),
        app_(library, settings, server_uri, paho_events()) {}

  ~ThreadProgram() override {
    listener_->events = nullptr;
    app_.carry_out(wire::Disconnect{});  // what is under way ends with it
    for (std::thread& request : requests_) request.join();
  }

  void begin(std::uint32_t number, const wire::Packet& request) override {
    requests_.emplace_back([this, number, request] {
      const sim::Outcome outcome = app_.carry_out(request);
      tell([number, outcome](ProgramEvents& events) {
        events.request_ended(number, outcome.done, outcome.text);
      });
    });
  }

 private:
  sim::PahoEvents paho_events() {
    return {.message_arrived =
                [this](const sim::Arrival& arrival) {
                  tell([message = message_of(arrival)](ProgramEvents& events) {
                    events.message_arrived(message);
                  });
                },
            .connected = [](bool) {}};
  }

  void tell(std::function<void(ProgramEvents&)> what) {
    post_([listener = listener_, what = std::move(what)] {
      if (listener->events) what(*listener->events);
    });
  }

  std::shared_ptr<Listener> listener_;
  Post post_;
  App app_;
  std::vector<std::thread> requests_;
};

}  // namespace

std::unique_ptr<Program> start_thread_program(const std::string& server_uri, Library library,
                                              const ProgramSettings& settings, ProgramEvents& events,
                                              Post post) {
  return std::make_unique<ThreadProgram>(server_uri, library, settings, events, std::move(post));
}

}  // namespace mqttvet::conformance
