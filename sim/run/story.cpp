#include "sim/run/story.h"

#include <fmt/format.h>

#include "sim/plan/names.h"
#include "sim/plan/write_plan.h"

namespace mqttvet::sim {

Story::Story(Stage& stage, Faults& faults, std::function<void()> ended)
    : stage_(stage),
      faults_(faults),
      on_ended_(std::move(ended)),
      begun_(stage.plan.steps.size()),
      step_ended_(stage.plan.steps.size()) {}

std::string Story::describe(std::size_t step) const {
  return fmt::format("step {} {}", stage_.plan.steps[step].id, write_step(stage_.plan.steps[step]));
}

void Story::begin() {
  faults_.follow_step(0);
  const auto& steps = stage_.plan.steps;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    if (steps[step].at) stage_.world.schedule(*steps[step].at, [this, step] { begin_step(step); });
  }
  if (steps.empty()) {
    on_ended_();
  } else if (!steps.front().at) {
    begin_step(0);
  }
}

// Its turn is over: what follows it in the story begins.
void Story::pass_turn(std::size_t step) {
  faults_.follow_step(stage_.plan.steps[step].id);
  const std::size_t next = step + 1;
  if (next < stage_.plan.steps.size() && !stage_.plan.steps[next].at) begin_step(next);
}

void Story::begin_step(std::size_t step) {
  if (broken_off_) return;
  begun_[step] = true;
  const Step& what = stage_.plan.steps[step];
  stage_.world.trace().note(stage_.world.now(), "story", "step", static_cast<std::uint64_t>(what.id));
  stage_.world.trace().line(stage_.world.now(), "story", [&] { return describe(step); });
  if (const auto* wait = std::get_if<DoWait>(&what.operation)) {
    stage_.world.after(wait->duration, [this, step] { end_step(step, {true, {}}); });
  } else if (const auto* expectation = std::get_if<Expect>(&what.operation)) {
    expect(step, *expectation);
  } else if (const auto* closed = std::get_if<ExpectClosed>(&what.operation)) {
    expect_closed(step, *closed);
  } else {
    perform(step);
  }
  if (what.background) pass_turn(step);
}

void Story::perform(std::size_t step) {
  const Step& what = stage_.plan.steps[step];
  Operation operation = what.operation;
  if (auto* publish = std::get_if<DoPublish>(&operation); publish && publish->payload.empty()) {
    if (!publish->empty_payload) publish->payload = what.client + "#" + std::to_string(what.id);
  }
  const auto* connect = std::get_if<DoConnect>(&operation);
  if (connect != nullptr && connect->bytes.empty()) stage_.told_to_connect(what.client) = *connect;
  const auto* crash = std::get_if<DoCrash>(&operation);
  if (std::holds_alternative<DoDisconnect>(operation) || (crash && crash->for_good))
    stage_.told_to_connect(what.client).reset();
  stage_.client(what.client).perform(operation, [this, step](Outcome outcome) { end_step(step, outcome); });
}

void Story::end_step(std::size_t step, const Outcome& outcome) {
  if (step_ended_[step]) return;
  step_ended_[step] = true;
  const Step& what = stage_.plan.steps[step];
  stage_.world.trace().note(stage_.world.now(), "story", outcome.done ? "done" : "failed",
                            static_cast<std::uint64_t>(what.id), outcome.text);
  if (!outcome.done) {
    stage_.world.trace().line(stage_.world.now(), "story",
                              [&] { return fmt::format("step {} failed: {}", what.id, outcome.text); });
    if (!what.at && !what.may_fail && !broken_off_) {
      stage_.add_finding("step", what.client, describe(step) + " failed: " + outcome.text);
    }
  }
  ++ended_count_;
  if (!what.background) pass_turn(step);
  if (over()) on_ended_();
}

// --- Expectations
// -------------------------------------------------------------------------------------------------

void Story::expect(std::size_t step, const Expect& what) {
  const std::string& client = stage_.plan.steps[step].client;
  waiting_.push_back({step, Expectation(what, client, cursor(client))});
  const auto waiting = std::prev(waiting_.end());
  waiting->deadline = stage_.world.after(what.within, [this, waiting] {
    conclude(waiting, waiting->expectation.conclude(stage_.recorder.events()));
  });
  // What came already is looked at in an event of its own, so that nobody's step ends while it begins.
  stage_.world.after(Duration{0}, [this] { look(); });
}

void Story::expect_closed(std::size_t step, const ExpectClosed& closed) {
  const std::string& client = stage_.plan.steps[step].client;
  waiting_for_close_.push_back({step, cursor(client)});
  const auto waiting = std::prev(waiting_for_close_.end());
  waiting->deadline = stage_.world.after(closed.within, [this, waiting] { check_closed(waiting, true); });
  stage_.world.after(Duration{0}, [this] { look(); });
}

void Story::look() {
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    const auto open = waiting++;
    const auto verdict = open->expectation.look(stage_.recorder.events());
    if (verdict != Expectation::Verdict::open) conclude(open, verdict);
  }
  for (auto waiting = waiting_for_close_.begin(); waiting != waiting_for_close_.end();) {
    check_closed(waiting++, false);
  }
}

void Story::conclude(std::list<Waiting>::iterator waiting, Expectation::Verdict verdict) {
  const std::size_t step = waiting->step;
  const std::string& client = stage_.plan.steps[step].client;
  stage_.world.cancel(waiting->deadline);
  if (verdict == Expectation::Verdict::met) {
    cursor(client) = waiting->expectation.end();
  } else if (!broken_off_) {
    stage_.add_finding("expectation", client, waiting->expectation.reason() + "; in " + describe(step),
                       waiting->expectation.received(stage_.recorder.events()));
    cursor(client) = stage_.recorder.events().size();
  }
  waiting_.erase(waiting);
  end_step(step, {true, {}});
}

void Story::check_closed(std::list<WaitingForClose>::iterator waiting, bool time_is_up) {
  const std::size_t step = waiting->step;
  const std::string& client = stage_.plan.steps[step].client;
  const bool closed = closed_by_broker(stage_.recorder.events(), client, waiting->begin);
  if (!closed && !time_is_up) return;
  if (!closed && !broken_off_) {
    stage_.add_finding("expectation", client,
                       "the broker did not close the connection; in " + describe(step));
  }
  stage_.world.cancel(waiting->deadline);
  waiting_for_close_.erase(waiting);
  end_step(step, {true, {}});
}

void Story::break_off() {
  if (over()) return;
  for (std::size_t step = 0; step < stage_.plan.steps.size(); ++step) {
    const Step& what = stage_.plan.steps[step];
    if (step_ended_[step] || what.at || what.may_fail) continue;
    stage_.add_finding("step", what.client,
                       describe(step) + (begun_[step] ? " has not ended" : " has not begun"));
  }
  broken_off_ = true;
}

}  // namespace mqttvet::sim
