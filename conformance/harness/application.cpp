#include "conformance/harness/application.h"

#include <fmt/format.h>

#include "conformance/harness/verdict.h"
#include "conformance/wire/describe.h"

namespace mqttvet::conformance {
namespace {

// What the library is asked for reaches it in the order of asking, although each request is a thread of the
// program.
constexpr Duration kOneAfterTheOther = std::chrono::milliseconds(5);

}  // namespace

std::string_view name_of(Library library) {
  return library == Library::paho_c ? "paho-c" : "paho-cpp";
}

Application::Application(Run& run, std::string name, Library library, const ProgramSettings& settings)
    : run_(run),
      name_(std::move(name)),
      client_id_(settings.connect.client_id),
      settings_(settings.connect),
      program_(run.venue().start(library, settings, *this)) {}

Application::~Application() = default;

// --- Asking ---

Asked Application::connect() {
  return ask(settings_);
}

Asked Application::connect(const Connect& again) {
  return ask(again);
}

Asked Application::disconnect(std::uint8_t reason_code, Properties properties) {
  return ask(Disconnect{.reason_code = reason_code, .properties = std::move(properties)});
}

Asked Application::subscribe(const std::string& topic_filter, std::uint8_t qos) {
  return ask(Subscribe{.subscriptions = {{topic_filter, qos}}});
}

Asked Application::unsubscribe(const std::string& topic_filter) {
  return ask(Unsubscribe{.topic_filters = {topic_filter}});
}

Asked Application::publish(const std::string& topic, const std::string& payload, std::uint8_t qos) {
  return ask(Publish{.qos = qos, .topic = topic, .payload = payload});
}

Asked Application::ask(const Packet& request) {
  const std::uint32_t number = ++last_number_;
  run_.note(fmt::format("{} asks for {}", name_, describe(request)));
  requests_[number] = request;
  program_->begin(number, request);
  run_.sleep(kOneAfterTheOther);
  return Asked{number};
}

// --- Expecting ---

std::optional<bool> Application::outcome(Asked asked) const {
  const auto found = ended_.find(static_cast<std::uint32_t>(asked));
  return found == ended_.end() ? std::nullopt : std::optional(found->second.done);
}

const Application::Ended& Application::wait_for_end(Asked asked, Duration within) {
  const Time until = run_.now() + (within == Duration::zero() ? run_.pace().answer_within : within);
  const auto number = static_cast<std::uint32_t>(asked);
  while (!ended_.contains(number) && run_.now() < until) run_.wait(until);
  const auto found = ended_.find(number);
  if (found == ended_.end()) {
    throw Stop(Verdict::fail, fmt::format("the library should have told {} by now what came of {}", name_,
                                          describe(requests_.at(number))));
  }
  return found->second;
}

void Application::expect_done(Asked asked, Duration within) {
  const Ended& ended = wait_for_end(asked, within);
  check(ended.done, fmt::format("{} is done, not refused with \"{}\"",
                                describe(requests_.at(static_cast<std::uint32_t>(asked))), ended.text));
}

std::string Application::expect_refused(Asked asked, Duration within) {
  const Ended& ended = wait_for_end(asked, within);
  check(!ended.done,
        fmt::format("{} is reported as failed", describe(requests_.at(static_cast<std::uint32_t>(asked)))));
  return ended.text;
}

bool Application::expect_ended(Asked asked, Duration within) {
  return wait_for_end(asked, within).done;
}

Publish Application::expect_message(Duration within) {
  const Time until = run_.now() + (within == Duration::zero() ? run_.pace().answer_within : within);
  while (messages_.empty() && run_.now() < until) run_.wait(until);
  if (messages_.empty())
    throw Stop(Verdict::fail, name_ + " expected a message; the library handed out none");
  Publish message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

Publish Application::expect_message(std::string_view topic, std::string_view payload, Duration within) {
  Publish message = expect_message(within);
  check_equal(message.topic, topic, "topic that the application is given");
  check_equal(message.payload, payload, "payload that the application is given");
  return message;
}

void Application::expect_no_message(Duration during) {
  const Time until = run_.now() + (during == Duration::zero() ? run_.pace().quiet_for : during);
  while (messages_.empty() && run_.now() < until) run_.wait(until);
  if (messages_.empty()) return;
  throw Stop(Verdict::fail,
             fmt::format("{} expected no message; it was given {}", name_, describe(messages_.front())));
}

// --- What it is told ---

void Application::request_ended(std::uint32_t number, bool done, const std::string& text) {
  run_.note(fmt::format("{} is told: {} {}{}", name_, describe(requests_.at(number)),
                        done ? "is done" : "failed: ", text));
  ended_[number] = {done, text};
}

void Application::message_arrived(const Publish& message) {
  run_.note(fmt::format("{} is given {}", name_, describe(message)));
  messages_.push_back(message);
}

}  // namespace mqttvet::conformance
