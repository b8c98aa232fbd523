// Any bytes as the life of a broker: each is an event or part of one, and every order of events is tried.
// What must hold meanwhile is written in broker_world.h and client_view.h.
//
// Input: one byte of habits; a count and that many configuration keys with small values; perhaps the access
// lists; then the events, a byte for which and one for whom, followed by what the event needs.
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/driver/config_text.h"
#include "conformance/wire/encoder.h"
#include "fuzz/broker_world.h"
#include "fuzz/byte_source.h"
#include "fuzz/client_packets.h"

namespace mqttvet::fuzz {
namespace {

using namespace std::chrono_literals;

// Whatever a limit's unit is, a small one is met soon.
const std::array<std::string, 12> kValues = {"0",  "1",   "2",    "3",     "5",    "8",
                                             "20", "100", "1000", "65535", "true", "false"};
// Every session ends within this, so that the end of a run can be waited for.
constexpr std::chrono::hours kLongestLife{48};
constexpr std::size_t kClients = 3;

// Who the clients of make_connect() are, and what they may do.
core::AccessLists make_access_lists(ByteSource& source) {
  static const std::array<std::string, 6> kRuleFilters = {"#", "a/#", "a/b", "%u/b", "+", "$SYS/#"};
  const std::uint8_t choice = source.byte();
  core::AccessLists lists;
  if ((choice & 7) != 0) {
    lists.users.emplace();
    for (std::size_t client = 0; client < kClients; ++client)
      if ((choice >> client & 1) != 0) lists.users->insert("user" + std::to_string(client));
  }
  if ((choice & 8) == 0) return lists;
  lists.rules.emplace();
  for (std::size_t count = choice >> 4 & 3; count > 0; --count) {
    const std::uint8_t kind = source.byte();
    core::AccessRule rule;
    rule.allow = (kind & 1) != 0;
    rule.who = static_cast<core::AccessRule::Who>(kind >> 1 & 3);
    rule.what = static_cast<core::AccessRule::What>((kind >> 3 & 3) % 3);
    rule.literal = (kind & 32) != 0;
    if (rule.who == core::AccessRule::Who::user) rule.name = "user1";
    if (rule.who == core::AccessRule::Who::client) rule.name = "client1";
    rule.topic_filter = source.one_of(kRuleFilters);
    lists.rules->push_back(rule);
  }
  return lists;
}

core::Config make_config(ByteSource& source, bool has_access_lists) {
  static const std::vector<driver::ConfigKey> keys = driver::config_keys();
  core::Config config;
  for (std::size_t count = source.below(8); count > 0; --count) {
    const driver::ConfigKey& key = keys[source.below(std::min<std::size_t>(keys.size(), 256))];
    driver::apply(config, key.name, source.one_of(kValues));  // a value that is refused changes nothing
  }
  config.session_expiry_interval_v3 = std::min<std::chrono::seconds>(config.session_expiry_interval_v3, 24h);
  config.session_expiry_interval_max =
      std::min<std::chrono::seconds>(config.session_expiry_interval_max, 24h);
  if (has_access_lists) config.access_lists = make_access_lists(source);
  return config;
}

BrokerWorld::Habits make_habits(std::uint8_t byte) {
  return {.persists = (byte & 1) == 0, .writes = (byte & 2) == 0, .authenticates = (byte & 8) == 0};
}

// 0 .. 63 of a unit: milliseconds for races, hours for what expires.
std::chrono::nanoseconds make_duration(ByteSource& source) {
  const std::uint8_t byte = source.byte();
  constexpr std::array<std::chrono::nanoseconds, 4> kUnits = {100ms, 1s, 1min, 1h};
  return (byte & 63) * kUnits[byte >> 6];
}

class Life {
 public:
  explicit Life(ByteSource source)
      : source_(source),
        habits_(source_.byte()),
        world_(make_config(source_, (habits_ & 4) != 0), make_habits(habits_)) {}

  void run() {
    while (!source_.at_end()) happen();
    world_.finish(kLongestLife);
  }

 private:
  void happen() {
    const std::size_t event = source_.below(24);
    const std::uint8_t choice = source_.byte();
    const std::size_t who = choice % BrokerWorld::kConnections;
    switch (event) {
      case 0:
      case 1:
        return connect(who, choice >> 2);
      case 2:
        return open(who);
      case 3:
      case 4:
        return answer(who, choice >> 2);
      case 5:
        return world_.send(who, source_.bytes(choice >> 2));
      case 6:
        return send_damaged(who);
      case 7:
        return send_in_parts(who);
      case 8:
        return world_.close(who);
      case 9:
        return world_.written(who, source_.byte());
      case 10:
        return world_.written(who, SIZE_MAX);
      case 11:
        return world_.persist(1 + (choice >> 4));
      case 12:
        return world_.advance(make_duration(source_), /*ticks_late=*/false);
      case 13:
        return world_.advance(make_duration(source_), /*ticks_late=*/true);
      case 14:
        return rare(choice);
      case 15:
        return answer_authenticate(choice);
      default:
        return world_.send(who, encode(make_packet(source_, version(who)), version(who)));
    }
  }

  void rare(std::uint8_t choice) {
    switch (choice % 8) {
      case 0:
      case 1:
        return world_.crash(make_duration(source_));
      case 2:
        world_.stop();
        return world_.crash(make_duration(source_));
      case 3:
        return world_.fail_disk();
      case 4:
        return world_.jump_wall_clock(choice >= 128 ? make_duration(source_) : -make_duration(source_));
      case 5:
        return world_.redirect(static_cast<core::Redirect>(choice / 8 % 3));
      case 6:
        return world_.reload(make_access_lists(source_));
      default:
        return world_.hear_peer(source_.bytes(4));
    }
  }

  // With what a listener may know of a client, and set it as limits.
  void open(std::size_t who) {
    const std::uint8_t byte = source_.byte();
    core::ConnectionLimits limits;
    if ((byte & 1) != 0) limits.packet_size_bytes_max = 2 + (byte >> 2);
    if ((byte & 2) != 0) limits.message_rate_max = 1 + (byte >> 5);
    if ((byte & 4) != 0) limits.connect_by = world_.now().monotonic + make_duration(source_);
    std::optional<std::string> certificate_name;
    if ((byte & 8) != 0) certificate_name = "user" + std::to_string(byte >> 4 & 1);
    world_.open(who, limits, certificate_name);
  }

  void answer_authenticate(std::uint8_t choice) {
    using codec::ReasonCode;
    constexpr std::array<ReasonCode, 8> kAnswers = {
        ReasonCode::success,
        ReasonCode::success,
        ReasonCode::success,
        ReasonCode::continue_authentication,
        ReasonCode::continue_authentication,
        ReasonCode::bad_user_name_or_password,
        ReasonCode::bad_authentication_method,
        ReasonCode::server_unavailable,
    };
    const std::size_t client = choice / kAnswers.size() % kClients;
    world_.answer_authenticate(kAnswers[choice % kAnswers.size()], "user" + std::to_string(client));
  }

  // A connection has one client at a time, two connections may claim the same client.
  void connect(std::size_t who, std::size_t client) {
    if (client % 8 != 7) world_.open(who);  // else: a second CONNECT, or one on a connection that waits
    const wire::Connect packet = make_connect(source_, client % kClients);
    world_.send(who, encode(packet, packet.version));
  }

  // As a client should: what the broker waits for, in the order in which it asked.
  void answer(std::size_t who, std::size_t count) {
    for (; count > 0; --count) {
      ClientView* view = world_.view(who);
      const auto packet = view == nullptr ? std::nullopt : view->next_answer();
      if (!packet) return;
      world_.send(who, encode(*packet, version(who)));
    }
  }

  void send_damaged(std::size_t who) {
    std::string bytes = encode(make_packet(source_, version(who)), version(who));
    const std::size_t at = source_.below(std::min<std::size_t>(bytes.size(), 256));
    bytes[at] = static_cast<char>(source_.byte());
    world_.send(who, bytes);
  }

  void send_in_parts(std::size_t who) {
    const std::string bytes = encode(make_packet(source_, version(who)), version(who));
    const std::size_t cut = source_.below(std::min<std::size_t>(bytes.size(), 256));
    world_.send(who, bytes.substr(0, cut));
    world_.hold_back(who, bytes.substr(cut));
  }

  wire::Version version(std::size_t who) {
    const ClientView* view = world_.view(who);
    return view == nullptr ? wire::Version::v5_0 : view->version().value_or(wire::Version::v5_0);
  }

  ByteSource source_;
  const std::uint8_t habits_;
  BrokerWorld world_;
};

}  // namespace
}  // namespace mqttvet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mqttvet::fuzz::Life(mqttvet::fuzz::ByteSource(data, size)).run();
  return 0;
}
