#include "sim/world/trace.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

struct Event {
  std::int64_t at;
  std::string who;
  std::string what;
  std::uint64_t number;
  std::string bytes;
  bool operator==(const Event&) const = default;
};

std::uint64_t hash_of(const std::vector<Event>& events) {
  Trace trace;
  for (const Event& event : events)
    trace.note(Time(event.at), event.who, event.what, event.number, event.bytes);
  return trace.hash();
}

// Computed by hand from the rule in trace.cpp, not by it: every machine, compiler and optimisation level must
// agree for ever, or no seed in any report replays any more.
TEST(Trace, HashIsTheSameOnEveryMachine) {
  Trace trace;
  trace.note(1500us, "alice", "write", 1, "\x10\x11");
  trace.note(2ms, "broker", "deliver", 1, std::string_view("0123456789abcdef0123456789abcdefX"));
  trace.note(3ms, "", "");
  EXPECT_EQ(trace.hash(), 0xaffef5acf14bd945);
  EXPECT_EQ(trace.event_count(), 3u);
}

TEST(Trace, HashTellsEveryPartOfAnEventApart) {
  const Event event{5, "alice", "write", 3, "abc"};
  const std::vector<Event> others = {{6, "alice", "write", 3, "abc"}, {5, "alicf", "write", 3, "abc"},
                                     {5, "alice", "wrote", 3, "abc"}, {5, "alice", "write", 4, "abc"},
                                     {5, "alice", "write", 3, "abd"}, {5, "alice", "write", 3, {"abc\0", 4}},
                                     {5, "alicew", "rite", 3, "abc"}, {5, "alice", "writea", 3, "bc"},
                                     {5, "alice", "write", 3, ""},    {0, "alice", "write", 3, "abc"}};
  for (const Event& other : others) EXPECT_NE(hash_of({event}), hash_of({other})) << other.what;
}

TEST(Trace, HashDependsOnTheOrder) {
  const Event a{5, "alice", "write", 3, "abc"};
  const Event b{5, "bob", "write", 3, "abc"};
  EXPECT_NE(hash_of({a, b}), hash_of({b, a}));
}

RC_GTEST_PROP(Trace, DifferentBytesHaveDifferentHashes,
              (std::string bytes, std::size_t at, std::uint8_t flip)) {
  RC_PRE(!bytes.empty() && flip != 0);
  std::string other = bytes;
  other[at % bytes.size()] = static_cast<char>(other[at % bytes.size()] ^ flip);
  RC_ASSERT(hash_of({{1, "a", "b", 1, bytes}}) != hash_of({{1, "a", "b", 1, other}}));
}

TEST(Trace, ListenerSeesEventsAndLines_AndNoTextIsMadeForNobody) {
  Trace trace;
  trace.line(1ms, "alice", []() -> std::string { throw std::logic_error("nobody listens"); });
  std::vector<std::string> seen;
  trace.listen(
      [&](const Trace::Entry& entry) { seen.push_back((entry.is_line ? "line " : "event ") + entry.text); });
  const auto before = trace.hash();
  trace.line(1ms, "alice", [] { return "PUBLISH"; });
  EXPECT_EQ(trace.hash(), before);
  trace.note(1ms, "alice", "write", 4, "xyz");
  EXPECT_EQ(seen, (std::vector<std::string>{"line PUBLISH", "event write 4 (3 bytes)"}));
}

}  // namespace
}  // namespace mqttvet::sim
