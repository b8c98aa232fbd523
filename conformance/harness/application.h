// The verbs of a program on a client library (program.h). What it asks for is begun and not waited for:
// whether and how it ends is for the case to expect.
//
//   Application& application = run.application({.connect = {.keep_alive = 60}});
//   Server& server = run.server();
//   server.welcome(application);
//   const Asked publish = application.publish(run.topic("t"), "hello", 1);
//   server.send(Puback{.packet_id = server.expect<Publish>().packet_id});
//   application.expect_done(publish);
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/harness/program.h"
#include "conformance/harness/run.h"

namespace mqttvet::conformance {

// A request of the application, by its number.
enum class Asked : std::uint32_t {};

class Application final : private ProgramEvents {
 public:
  Application(Run& run, std::string name, Library library, const ProgramSettings& settings);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  const std::string& client_id() const { return client_id_; }

  // --- Asking ---

  Asked connect();
  // With another Clean Start and other properties than those of the settings.
  Asked connect(const Connect& again);
  Asked disconnect(std::uint8_t reason_code = 0, Properties properties = {});
  Asked subscribe(const std::string& topic_filter, std::uint8_t qos = 0);
  Asked subscribe(const Subscribe& request) { return ask(request); }
  Asked unsubscribe(const std::string& topic_filter);
  Asked unsubscribe(const Unsubscribe& request) { return ask(request); }
  Asked publish(const std::string& topic, const std::string& payload, std::uint8_t qos = 0);
  Asked publish(const Publish& request) { return ask(request); }

  // --- Expecting. `within`: default Pace::answer_within. ---

  // The library says that it is done.
  void expect_done(Asked asked, Duration within = {});
  // The library says that it could not be done. Returns its words.
  std::string expect_refused(Asked asked, Duration within = {});
  // How it ended, in whatever way: true, done. nullopt: not yet.
  std::optional<bool> outcome(Asked asked) const;
  // Until it has ended in whatever way: true, done.
  bool expect_ended(Asked asked, Duration within = {});
  // The next message that the application is given. With whatever properties the library hands out.
  Publish expect_message(Duration within = {});
  Publish expect_message(std::string_view topic, std::string_view payload, Duration within = {});
  bool has_message() const { return !messages_.empty(); }
  // No message. Default: Pace::quiet_for.
  void expect_no_message(Duration during = {});

 private:
  struct Ended {
    bool done;
    std::string text;
  };

  Asked ask(const Packet& request);
  const Ended& wait_for_end(Asked asked, Duration within);
  void request_ended(std::uint32_t number, bool done, const std::string& text) override;
  void message_arrived(const Publish& message) override;

  Run& run_;
  std::string name_;
  std::string client_id_;
  Connect settings_;
  std::unique_ptr<Program> program_;
  std::uint32_t last_number_ = 0;
  std::map<std::uint32_t, Packet> requests_;
  std::map<std::uint32_t, Ended> ended_;
  std::deque<Publish> messages_;
};

}  // namespace mqttvet::conformance
