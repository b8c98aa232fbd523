#include "conformance/harness/run.h"

#include <fmt/format.h>

#include "conformance/harness/application.h"
#include "conformance/harness/client.h"
#include "conformance/harness/server.h"
#include "conformance/harness/verdict.h"

namespace mqttvet::conformance {
namespace {

// More than any case needs; a target that sends for ever is stopped here.
constexpr std::size_t kEntriesMax = 300'000;
constexpr std::uint64_t kBytesMax = 256ULL * 1024 * 1024;

}  // namespace

Run::Run(wire::Version version, const TargetFacts& facts, Venue& venue, std::string token)
    : version_(version), facts_(facts), venue_(venue), token_(std::move(token)) {}

Run::~Run() = default;

Client& Run::client(std::string name) {
  clients_.push_back(std::make_unique<Client>(*this, name, unique(name)));
  return *clients_.back();
}

Client& Run::connected(std::string name) {
  Client& connected = client(std::move(name));
  connected.connect();
  return connected;
}

Client& Run::subscribed(const std::string& topic_filter, std::uint8_t qos, std::string name) {
  Client& subscribed = connected(std::move(name));
  subscribed.subscribe(topic_filter, qos);
  return subscribed;
}

Application& Run::application(ProgramSettings settings) {
  return application(facts_.library, std::move(settings));
}

Application& Run::application(Library library, ProgramSettings settings) {
  Connect& connect = settings.connect;
  connect.version = version_;
  if (connect.client_id.empty()) connect.client_id = unique("app");
  if (connect.client_id == kNoClientId) connect.client_id.clear();
  if (!connect.user_name && !connect.password) {
    connect.user_name = facts_.credentials.user_name;
    connect.password = facts_.credentials.password;
  }
  applications_.push_back(std::make_unique<Application>(*this, "application", library, settings));
  return *applications_.back();
}

Server& Run::server(std::string name) {
  servers_.push_back(std::make_unique<Server>(*this, std::move(name)));
  return *servers_.back();
}

void Run::require_well_formed() const {
  for (const auto& client : clients_) client->require_well_formed();
  for (const auto& server : servers_) server->require_well_formed();
}

std::string Run::topic(std::string_view rest) const {
  return fmt::format("{}mqttvet/{}/{}", facts_.limits.topic_prefix, token_, rest);
}

std::string Run::unique(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain && letters.size() < 8) letters += c;
  }
  const int nth = ++names_[letters];
  // 23 is what every server of 3.1.1 has to accept [MQTT311-3.1.3-5].
  return fmt::format("{}x{}{}", token_, letters, nth == 1 ? std::string() : fmt::format("x{}", nth));
}

void Run::sleep(Duration duration) {
  sleep_until(now() + duration);
}

void Run::sleep_until(Time time) {
  while (now() < time) wait(time);
}

void Run::restart() {
  note("restarting the target");
  venue_.restart();
  note("the target serves again");
}

void Run::kill() {
  note("killing the target");
  venue_.kill();
  note("the target serves again");
}

void Run::non_strict(std::string text) {
  note("non-strict: " + text);
  remarks_.push_back(std::move(text));
}

void Run::behaviour(std::string what, bool yes) {
  behaviour(std::move(what), std::string(yes ? "yes" : "no"));
}

void Run::behaviour(std::string what, std::string how) {
  behaviours_[std::move(what)] = std::move(how);
}

void Run::note(std::string text) {
  record({TranscriptEntry::Kind::note, now(), "", 0, std::move(text), ""});
}

void Run::begin_transcript_anew() {
  transcript_.clear();
  recorded_bytes_ = 0;
  note("what was before is left out");
}

void Run::skip(std::string why) {
  throw Stop(Verdict::skipped, std::move(why));
}

void Run::unimplemented(std::string what) {
  throw Stop(Verdict::unimplemented, std::move(what));
}

void Run::inconclusive(std::string why) {
  throw Stop(Verdict::inconclusive, std::move(why));
}

void Run::wait(Time deadline) {
  venue_.wait(deadline);
  if (transcript_.size() <= kEntriesMax && recorded_bytes_ <= kBytesMax) return;
  Stop flood(Verdict::fail, fmt::format("the target sends without end: {} packets, {} bytes so far",
                                        transcript_.size(), recorded_bytes_));
  flood.whatever_the_level = true;
  throw flood;
}

void Run::record(TranscriptEntry entry) {
  recorded_bytes_ += entry.bytes.size();
  transcript_.push_back(std::move(entry));
}

}  // namespace mqttvet::conformance
