#include "sim/plan/names.h"

namespace mqttvet::sim {
namespace {

constexpr Word<Driver> kDrivers[] = {
    {Driver::paho_cpp, "paho_cpp"}, {Driver::paho_c, "paho_c"}, {Driver::raw, "raw"}};
constexpr Word<Version> kVersions[] = {
    {Version::v3_1, "3.1"}, {Version::v3_1_1, "3.1.1"}, {Version::v5_0, "5.0"}};
constexpr Word<Acknowledge> kAcknowledge[] = {{Acknowledge::automatic, "automatic"},
                                              {Acknowledge::none, "none"}};
constexpr Word<FaultKind> kFaultKinds[] = {
    {FaultKind::reset, "reset"},
    {FaultKind::fin, "fin"},
    {FaultKind::vanish, "vanish"},
    {FaultKind::stall, "stall"},
    {FaultKind::partition, "partition"},
    {FaultKind::swizzle, "swizzle"},
    {FaultKind::slow_reader, "slow_reader"},
    {FaultKind::slow, "slow"},
    {FaultKind::fragment, "fragment"},
    {FaultKind::broker_crash, "broker_crash"},
    {FaultKind::broker_kill, "broker_kill"},
    {FaultKind::broker_pause, "broker_pause"},
    {FaultKind::torn_commit, "torn_commit"},
    {FaultKind::sync_failure, "sync_failure"},
    {FaultKind::disk_full, "disk_full"},
    {FaultKind::clock_jump, "clock_jump"},
    {FaultKind::reload, "reload"},
};
constexpr Word<Schedule> kSchedules[] = {
    {Schedule::random, "random"}, {Schedule::pct, "pct"}, {Schedule::calm, "calm"}};
constexpr Word<Path> kPaths[] = {
    {Path::both, "both"}, {Path::to_broker, "to_broker"}, {Path::to_client, "to_client"}};
constexpr Word<Expect::Mode> kExpectModes[] = {
    {Expect::Mode::exactly, "exactly"}, {Expect::Mode::in_order, "in_order"}, {Expect::Mode::none, "none"}};
constexpr std::string_view kOperations[] = {"connect", "disconnect", "subscribe", "unsubscribe",
                                            "publish", "drop",       "crash",     "acknowledge",
                                            "send",    "wait",       "expect",    "expect_closed"};
static_assert(std::size(kOperations) == std::variant_size_v<Operation>);

}  // namespace

std::span<const Word<Driver>> words_of(Driver) {
  return kDrivers;
}
std::span<const Word<Version>> words_of(Version) {
  return kVersions;
}
std::span<const Word<Acknowledge>> words_of(Acknowledge) {
  return kAcknowledge;
}
std::span<const Word<FaultKind>> words_of(FaultKind) {
  return kFaultKinds;
}
std::span<const Word<Path>> words_of(Path) {
  return kPaths;
}
std::span<const Word<Schedule>> words_of(Schedule) {
  return kSchedules;
}
std::span<const Word<Expect::Mode>> words_of(Expect::Mode) {
  return kExpectModes;
}

std::string_view name_of(const Operation& operation) {
  return kOperations[operation.index()];
}

bool strikes_broker(FaultKind kind) {
  return kind >= FaultKind::broker_crash;
}

bool has_duration(FaultKind kind) {
  switch (kind) {
    case FaultKind::reset:
    case FaultKind::fin:
    case FaultKind::vanish:
    case FaultKind::clock_jump:
    case FaultKind::reload:
      return false;
    default:
      return true;
  }
}

}  // namespace mqttvet::sim
