// One run of one case: its clients, its clock, its names.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/target.h"
#include "conformance/harness/transcript.h"
#include "conformance/wire/packet.h"

namespace mqttvet::conformance {

using namespace wire;  // NOLINT: packets are what cases are made of
using namespace std::chrono_literals;

class Application;
class Client;
class Server;

class Run {
 public:
  // `token`: letters and digits that no other run on the same target has. Target and venue must outlive it.
  Run(wire::Version version, const TargetFacts& facts, Venue& venue, std::string token);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // A new client with a client identifier of its own, of the run's version. The name is for people.
  // It lives as long as the run.
  Client& client(std::string name = "client");
  // The same, and it has connected: Clean Start 1, keep-alive 0.
  Client& connected(std::string name = "client");
  // The same, and it has subscribed, which the target grants.
  Client& subscribed(const std::string& topic_filter, std::uint8_t qos, std::string name = "subscriber");
  // A program on the client library under test. Version, and where they are empty also client identifier and
  // credentials, are filled in; an identifier of kNoClientId stays empty. Needs Capability::paho.
  Application& application(ProgramSettings settings = {});
  // The same, on this library: for cases that are about a broker.
  Application& application(Library library, ProgramSettings settings = {});
  static constexpr std::string_view kNoClientId = "<none>";
  // What the client under test connects to.
  Server& server(std::string name = "server");

  // A topic name or filter of this run's own: run.topic("a/+") is a filter that no other run's topics match.
  std::string topic(std::string_view rest) const;
  // A client identifier, group name and the like that no other run uses: at most 23 letters and digits.
  std::string unique(std::string_view name);

  Version version() const { return version_; }
  bool is_v5() const { return version_ == Version::v5_0; }

  // --- Time ---
  Time now() const { return venue_.now(); }
  void sleep(Duration duration);  // clients go on receiving
  void sleep_until(Time time);
  const Pace& pace() const { return facts_.pace; }

  // --- The target ---
  const TargetFacts& target() const { return facts_; }
  void restart();  // needs Capability::restart
  void kill();     // needs Capability::kill

  // --- What else a case can say ---
  // Permitted, but not the best: the case goes on, and passes as non-strict at most.
  void non_strict(std::string text);
  // Something the standard leaves open. Recorded, not judged. run.behaviour("queues QoS 0 offline", true).
  void behaviour(std::string what, bool yes);
  void behaviour(std::string what, std::string how);
  void note(std::string text);   // for the transcript
  void begin_transcript_anew();  // what was so far is of no interest: for cases of very many packets
  // These end the case.
  [[noreturn]] void skip(std::string why);
  [[noreturn]] void unimplemented(std::string what);
  [[noreturn]] void inconclusive(std::string why);

  // --- For clients and for whoever runs the case ---
  Venue& venue() { return venue_; }
  // Lets time pass until something happened, or until `deadline`. Guards against a target without end.
  void wait(Time deadline);
  void record(TranscriptEntry entry);
  std::uint32_t next_connection() { return ++connections_; }
  const Transcript& transcript() const { return transcript_; }
  const std::vector<std::string>& remarks() const { return remarks_; }
  const std::map<std::string, std::string>& behaviours() const { return behaviours_; }
  const std::deque<std::unique_ptr<Client>>& clients() const { return clients_; }
  // Ends the case if the target sent one of them what its kind may never send.
  void require_well_formed() const;

 private:
  Version version_;
  const TargetFacts& facts_;
  Venue& venue_;
  std::string token_;
  std::map<std::string, int> names_;
  std::uint32_t connections_ = 0;
  std::uint64_t recorded_bytes_ = 0;
  Transcript transcript_;
  std::vector<std::string> remarks_;
  std::map<std::string, std::string> behaviours_;
  std::deque<std::unique_ptr<Client>> clients_;
  std::deque<std::unique_ptr<Server>> servers_;
  std::deque<std::unique_ptr<Application>> applications_;
};

}  // namespace mqttvet::conformance
