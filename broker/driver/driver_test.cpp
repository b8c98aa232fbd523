#include "broker/driver/driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <fmt/format.h>

namespace mqttvet::driver {
namespace {

using core::Actions;
using core::ConnectionId;
using core::RecordSequence;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

// What a test tells its broker to do about the next inputs, and what the broker was told.
struct Script {
  std::vector<Actions> answers;  // one per step, from the front; none left: nothing to do
  std::vector<std::string> inputs;
  std::optional<core::Monotonic> deadline;
};

class ScriptedBroker {
 public:
  explicit ScriptedBroker(Script& script) : script_(&script) {}
  void step(const core::Input& input, core::Now, Actions& actions) {
    script_->inputs.push_back(std::visit([](const auto& one) { return text(one); }, input));
    if (script_->answers.empty()) return;
    actions = std::move(script_->answers.front());
    script_->answers.erase(script_->answers.begin());
  }
  std::optional<core::Monotonic> next_deadline() const { return script_->deadline; }

 private:
  static std::uint64_t number(ConnectionId id) { return static_cast<std::uint64_t>(id); }
  static std::string text(const core::Opened& in) {
    return fmt::format("opened {} {}", number(in.connection), in.peer);
  }
  static std::string text(const core::Received& in) {
    return fmt::format("received {} {}", number(in.connection), in.bytes);
  }
  static std::string text(const core::Written& in) {
    return fmt::format("written {} {}", number(in.connection), in.bytes);
  }
  static std::string text(const core::Closed& in) { return fmt::format("closed {}", number(in.connection)); }
  static std::string text(const core::Persisted& in) {
    return fmt::format("persisted {} {}", static_cast<std::uint64_t>(in.up_to), in.ok ? "ok" : "failed");
  }
  static std::string text(const core::Authenticated& in) { return "authenticated " + in.user_name; }
  static std::string text(const core::Reload&) { return "reload"; }
  static std::string text(const core::PeerMessage&) { return "peer"; }
  static std::string text(const core::RedirectClients& in) { return "redirect " + in.server_reference; }
  static std::string text(const core::Tick&) { return "tick"; }
  static std::string text(const core::Stop&) { return "stop"; }
  Script* script_;
};

// Writes down what it is asked to do, and does nothing by itself.
struct WrittenDownWorld {
  using Connection = std::string;  // its name

  core::Now now() { return {core::Monotonic(time), core::Wall(time)}; }
  void write(Connection& name, std::span<const codec::BytesView> views) {
    std::string line = "write " + name + ":";
    for (const codec::BytesView view : views) line.append(" ").append(view);
    calls.push_back(line);
    if (during_write) during_write();
  }
  void close(Connection& name, CloseHow how) {
    calls.push_back("close " + name + (how == CloseHow::at_once ? " at once" : " gracefully"));
  }
  void commit(std::span<const core::Record> batch) {
    calls.push_back(fmt::format("commit {}", batch.size()));
  }
  void authenticate(core::Authenticate question) { calls.push_back("authenticate " + question.user_name); }
  void arm(std::optional<core::Monotonic> at) {
    calls.push_back(at ? fmt::format("arm {}", at->time_since_epoch() / seconds(1)) : "disarm");
  }
  void hold_reads(bool hold) { calls.push_back(hold ? "hold reads" : "go on reading"); }
  void hold_reads(Connection& name, bool hold) { calls.push_back((hold ? "rest " : "read ") + name); }
  void log(const core::Log& line) { calls.push_back("log " + line.text); }

  std::vector<std::string> take() { return std::exchange(calls, {}); }

  std::chrono::nanoseconds time{0};
  std::vector<std::string> calls;
  std::function<void()> during_write;
};

core::Send send(ConnectionId to, std::string head, std::uint64_t after = 0) {
  return {to, std::move(head), nullptr, RecordSequence{after}};
}
core::Persist persist(std::uint64_t sequence) {
  return {RecordSequence{sequence}, core::DeleteSession{"alice"}};
}

class DriverTest : public testing::Test {
 protected:
  ConnectionId connect(const std::string& name) {
    const ConnectionId id = driver.add(name);
    driver.opened({id, name});
    return id;
  }
  // The next step's actions.
  template <class... Action>
  void answer(Action... action) {
    Actions actions;
    (actions.emplace_back(std::move(action)), ...);
    script.answers.push_back(std::move(actions));
  }
  // A step in which the broker does the next thing it was told.
  void let_it_answer(ConnectionId id) { driver.received(id, "."); }

  Script script;
  WrittenDownWorld world;
  Driver<WrittenDownWorld, ScriptedBroker> driver{world, ScriptedBroker(script), {}};
};

TEST_F(DriverTest, GathersWhatOneStepSends_HeadsAndPayloadsInOrder) {
  const ConnectionId alice = connect("alice");
  const auto payload = std::make_shared<const codec::Bytes>("payload");
  answer(send(alice, "first"), core::Send{alice, "head", payload, {}}, send(alice, "last"));
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("write alice: first head payload last"));
  EXPECT_EQ(driver.queued_bytes(alice), 20u);
}

TEST_F(DriverTest, SharedPayloadIsNotCopied) {
  const ConnectionId alice = connect("alice");
  const auto payload = std::make_shared<const codec::Bytes>("payload");
  answer(core::Send{alice, "head", payload, {}});
  let_it_answer(alice);
  EXPECT_EQ(payload.use_count(), 2);
  driver.wrote(alice, 11);
  EXPECT_EQ(payload.use_count(), 1);
}

TEST_F(DriverTest, OneWriteAtATime_TheRestOfAShortWriteComesFirst) {
  const ConnectionId alice = connect("alice");
  answer(send(alice, "abc"), send(alice, "def"));
  let_it_answer(alice);
  answer(send(alice, "ghi"));
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("write alice: abc def"));
  driver.wrote(alice, 4);
  EXPECT_THAT(world.take(), ElementsAre("write alice: ef"));
  driver.wrote(alice, 2);
  EXPECT_THAT(world.take(), ElementsAre("write alice: ghi"));
  driver.wrote(alice, 3);
  EXPECT_THAT(world.take(), IsEmpty());
  EXPECT_THAT(script.inputs, ElementsAre("opened 1 alice", "received 1 .", "received 1 .", "written 1 4",
                                         "written 1 2", "written 1 3"));
}

TEST_F(DriverTest, AcknowledgementWaitsForItsCommit) {
  const ConnectionId alice = connect("alice");
  answer(persist(1), send(alice, "PUBACK", 1));
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("commit 1"));
  driver.committed(true);
  EXPECT_THAT(world.take(), ElementsAre("write alice: PUBACK"));
  EXPECT_EQ(script.inputs.back(), "persisted 1 ok");
}

TEST_F(DriverTest, NothingOvertakesTheBarrier_OnItsConnection) {
  const ConnectionId alice = connect("alice");
  const ConnectionId bob = connect("bob");
  answer(send(alice, "PUBLISH"), persist(1), send(alice, "PUBACK", 1), send(alice, "PINGRESP"),
         send(bob, "SUBACK"));
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("write alice: PUBLISH", "write bob: SUBACK", "commit 1"));
  driver.wrote(alice, 7);
  EXPECT_THAT(world.take(), IsEmpty());
  driver.committed(true);
  EXPECT_THAT(world.take(), ElementsAre("write alice: PUBACK PINGRESP"));
}

TEST_F(DriverTest, RecordsOfAllStepsDuringACommitGoIntoTheNext_Together) {
  const ConnectionId alice = connect("alice");
  const ConnectionId bob = connect("bob");
  answer(persist(1), send(alice, "one", 1));
  answer(persist(2), persist(3), send(bob, "three", 3));
  answer(persist(4), send(alice, "four", 4));
  let_it_answer(alice);
  let_it_answer(bob);
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("commit 1"));
  driver.committed(true);
  EXPECT_THAT(world.take(), ElementsAre("write alice: one", "commit 3"));
  driver.wrote(alice, 3);
  EXPECT_THAT(world.take(), IsEmpty());
  driver.committed(true);
  EXPECT_THAT(world.take(), ElementsAre("write bob: three", "write alice: four"));
  EXPECT_EQ(script.inputs.back(), "persisted 4 ok");
}

TEST(DriverOfAWorldThatTakesTurns, OneCommitHasTheRecordsOfAllThatCameInATurn) {
  struct TurnTaker : WrittenDownWorld {
    void end_turn_soon() { calls.push_back("end turn soon"); }
  };
  Script script;
  TurnTaker world;
  Driver<TurnTaker, ScriptedBroker> driver{world, ScriptedBroker(script), {}};
  const ConnectionId alice = driver.add("alice");
  script.answers = {{persist(1)}, {persist(2)}, {persist(3)}};
  driver.received(alice, "one");
  driver.received(alice, "two");
  EXPECT_FALSE(driver.drained());
  driver.turn_ended();
  driver.received(alice, "while it commits");
  EXPECT_THAT(world.take(), ElementsAre("end turn soon", "commit 2"));
  driver.committed(true);
  EXPECT_THAT(world.take(), ElementsAre("end turn soon"));
}

TEST_F(DriverTest, ClosesWhenEverythingHasLeft_AlsoWhatIsBehindTheBarrier) {
  const ConnectionId alice = connect("alice");
  answer(send(alice, "PUBLISH"), persist(1), send(alice, "PUBACK", 1), core::Close{alice});
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("write alice: PUBLISH", "commit 1", "arm 5"));
  driver.committed(true);
  EXPECT_THAT(world.take(), IsEmpty());
  driver.wrote(alice, 7);
  EXPECT_THAT(world.take(), ElementsAre("write alice: PUBACK"));
  driver.wrote(alice, 6);
  EXPECT_THAT(world.take(), ElementsAre("close alice gracefully"));
  driver.closed(alice);
  EXPECT_THAT(world.take(), ElementsAre("disarm"));
  EXPECT_EQ(script.inputs.back(), "closed 1");
  EXPECT_TRUE(driver.drained());
}

TEST_F(DriverTest, ClosesAtOnce_WhenThePeerDoesNotReadUntilTheFlushLimit) {
  const ConnectionId alice = connect("alice");
  answer(send(alice, "DISCONNECT"), core::Close{alice});
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("write alice: DISCONNECT", "arm 5"));
  world.time = seconds(5) - std::chrono::nanoseconds(1);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("arm 5"));
  world.time = seconds(5);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("close alice at once"));
}

TEST_F(DriverTest, ClosesAtOnce_WhenThePeerDoesNotEndItsStreamUntilTheFlushLimit) {
  const ConnectionId alice = connect("alice");
  answer(core::Close{alice});
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("close alice gracefully", "arm 5"));
  world.time = seconds(5);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("close alice at once"));
}

TEST_F(DriverTest, CloseAtOnceDropsWhatIsQueued) {
  const ConnectionId alice = connect("alice");
  answer(send(alice, "on its way"), persist(1), send(alice, "never", 1),
         core::Close{alice, core::Close::How::at_once});
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("close alice at once", "commit 1"));
  driver.committed(true);
  driver.closed(alice);
  EXPECT_THAT(world.take(), IsEmpty());
}

TEST_F(DriverTest, BytesReceivedAfterCloseDoNotReachTheBroker) {
  const ConnectionId alice = connect("alice");
  answer(core::Close{alice});
  let_it_answer(alice);
  driver.received(alice, "too late");
  EXPECT_THAT(script.inputs, ElementsAre("opened 1 alice", "received 1 ."));
}

TEST_F(DriverTest, FailedCommit_NothingBehindTheBarrierLeaves_AndNoRecordIsTaken) {
  const ConnectionId alice = connect("alice");
  const ConnectionId bob = connect("bob");
  answer(persist(1), send(alice, "PUBACK", 1), persist(2), core::Close{alice}, send(bob, "SUBACK", 2));
  let_it_answer(alice);
  answer(persist(3));
  let_it_answer(bob);
  EXPECT_THAT(world.take(), ElementsAre("commit 2", "arm 5"));
  answer(persist(4), send(bob, "never", 4));
  driver.committed(false);
  EXPECT_EQ(script.inputs.back(), "persisted 2 failed");
  EXPECT_THAT(world.take(), ElementsAre("close alice gracefully"));
  EXPECT_TRUE(driver.failed());
}

TEST_F(DriverTest, KeepsOneDeadline_TheEarliest) {
  const ConnectionId alice = connect("alice");
  script.deadline = core::Monotonic(seconds(3));
  answer(core::Close{alice});
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("close alice gracefully", "arm 3"));
  script.deadline = core::Monotonic(seconds(60));
  world.time = seconds(3);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("arm 5"));
  EXPECT_NE(script.inputs.back(), "tick") << "60 s was not due yet";
  world.time = seconds(60);
  driver.tick();
  EXPECT_EQ(script.inputs.back(), "tick");
}

TEST_F(DriverTest, ReadingRestsWhileTheStoreIsBehind) {
  Driver<WrittenDownWorld, ScriptedBroker> bounded(world, ScriptedBroker(script), {.gathered_bytes_max = 10});
  const ConnectionId alice = bounded.add("alice");
  answer(persist(1));
  bounded.received(alice, "123456789012");
  answer(persist(2));
  bounded.received(alice, "12345678901");
  EXPECT_THAT(world.take(), ElementsAre("commit 1", "hold reads"));
  bounded.committed(true);
  EXPECT_THAT(world.take(), ElementsAre("commit 1", "go on reading"));
}

TEST_F(DriverTest, AThrottledConnectionIsNotReadUntilItsTime) {
  const ConnectionId alice = connect("alice");
  answer(core::Throttle{alice, core::Monotonic(seconds(2))});
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("rest alice", "arm 2"));
  world.time = seconds(2) - std::chrono::nanoseconds(1);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("arm 2"));
  world.time = seconds(2);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("read alice"));
}

TEST_F(DriverTest, OfTwoThrottlesTheLaterOneCounts_AndEachConnectionHasItsOwn) {
  const ConnectionId alice = connect("alice");
  const ConnectionId bob = connect("bob");
  answer(core::Throttle{alice, core::Monotonic(seconds(2))},
         core::Throttle{alice, core::Monotonic(seconds(4))},
         core::Throttle{bob, core::Monotonic(seconds(3))});
  let_it_answer(alice);
  EXPECT_THAT(world.take(), ElementsAre("rest alice", "rest bob", "arm 2"));
  world.time = seconds(2);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("arm 3"));
  world.time = seconds(3);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("read bob", "arm 4"));
  world.time = seconds(4);
  driver.tick();
  EXPECT_THAT(world.take(), ElementsAre("read alice"));
}

TEST_F(DriverTest, AThrottledConnectionThatHasGoneIsForgotten) {
  const ConnectionId alice = connect("alice");
  answer(core::Throttle{alice, core::Monotonic(seconds(2))});
  let_it_answer(alice);
  driver.closed(alice);
  world.take();
  world.time = seconds(2);
  driver.tick();
  EXPECT_THAT(world.take(), IsEmpty());
}

TEST_F(DriverTest, IsNotDrainedBeforeTheLastCommit) {
  const ConnectionId alice = connect("alice");
  answer(persist(1), core::Close{alice, core::Close::How::at_once});
  driver.stop();
  EXPECT_EQ(script.inputs.back(), "stop");
  driver.closed(alice);
  EXPECT_FALSE(driver.drained());
  driver.committed(true);
  EXPECT_TRUE(driver.drained());
}

TEST_F(DriverTest, ALateWordAboutAConnectionThatIsGoneIsIgnored) {
  const ConnectionId alice = connect("alice");
  driver.closed(alice);
  driver.received(alice, "x");
  driver.wrote(alice, 1);
  driver.closed(alice);
  EXPECT_THAT(script.inputs, ElementsAre("opened 1 alice", "closed 1"));
}

using DriverDeathTest = DriverTest;
TEST_F(DriverDeathTest, AWorldThatCallsBackFromWithinEndsTheProgram) {
  const ConnectionId alice = connect("alice");
  world.during_write = [&] { driver.wrote(alice, 1); };
  answer(send(alice, "x"));
  EXPECT_DEATH(let_it_answer(alice), "from within");
}

// However the network cuts the writes, the stream is what was sent, in order, and every byte is counted once.
RC_GTEST_PROP(WriteQueueProperty, TheStreamIsWhatWasSent, ()) {
  WriteQueue queue;
  std::string sent, received;
  std::uint64_t last = 0, persisted = 0;
  const auto write_some = [&] {
    std::vector<codec::BytesView> views;
    queue.next(RecordSequence{persisted}, views);
    std::size_t total = 0;
    for (const codec::BytesView view : views) total += view.size();
    if (total == 0) return false;
    std::size_t take = *rc::gen::inRange<std::size_t>(1, total + 1), left = take;
    for (const codec::BytesView view : views) {
      received.append(view.substr(0, std::min(left, view.size())));
      left -= std::min(left, view.size());
    }
    queue.wrote(take);
    return true;
  };
  for (int i = *rc::gen::inRange(0, 200); i > 0; --i) {
    const int what = *rc::gen::inRange(0, 4);
    if (what < 2) {
      if (what == 0) ++last;
      core::Send one = send(ConnectionId{1}, *rc::gen::arbitrary<std::string>(), what == 0 ? last : 0);
      if (*rc::gen::arbitrary<bool>())
        one.payload = std::make_shared<const codec::Bytes>(*rc::gen::arbitrary<std::string>());
      sent += one.head + (one.payload ? *one.payload : "");
      queue.push(std::move(one));
    } else if (what == 2) {
      persisted = last;
    } else {
      write_some();
    }
    RC_ASSERT(queue.bytes() == sent.size() - received.size());
  }
  persisted = last;
  while (write_some()) {
  }
  RC_ASSERT(received == sent);
  RC_ASSERT(!queue.in_flight() && !queue.waiting());
}

TEST(WriteQueue, GathersManySends_OrOne) {
  WriteQueue many, one(Gather::one);
  for (WriteQueue* queue : {&many, &one})
    for (const char* packet : {"first", "second"}) queue->push(send(ConnectionId{1}, packet));
  const auto next = [](WriteQueue& queue) {
    std::vector<codec::BytesView> views;
    queue.next({}, views);
    return views;
  };
  EXPECT_THAT(next(many), ElementsAre("first", "second"));
  EXPECT_THAT(next(one), ElementsAre("first"));
  one.wrote(3);
  EXPECT_THAT(next(one), ElementsAre("st"));
  one.wrote(2);
  EXPECT_THAT(next(one), ElementsAre("second"));
}

// Ids are never given twice, whatever comes and goes, and find exactly what they were given for.
RC_GTEST_PROP(ConnectionTableProperty, IdsAreNeverUsedTwice, ()) {
  ConnectionTable<int> table;
  std::map<ConnectionId, int> model;
  ConnectionId greatest{0};
  std::vector<ConnectionId> gone;
  for (int i = *rc::gen::inRange(0, 300); i > 0; --i) {
    if (model.empty() || *rc::gen::inRange(0, 3) > 0) {
      const ConnectionId id = table.add(i);
      RC_ASSERT(id > greatest);
      greatest = id;
      model[id] = i;
    } else {
      const auto victim = std::next(model.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(model)));
      table.erase(victim->first);
      gone.push_back(victim->first);
      model.erase(victim);
    }
  }
  RC_ASSERT(table.size() == model.size());
  for (const auto& [id, value] : model) RC_ASSERT(table.find(id) != nullptr && *table.find(id) == value);
  for (const ConnectionId id : gone) RC_ASSERT(table.find(id) == nullptr);
}

}  // namespace
}  // namespace mqttvet::driver
