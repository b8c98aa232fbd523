// The steps of a plan, carried out: one after the other, or at their times.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <string>

#include "sim/run/expectation.h"
#include "sim/run/faults.h"
#include "sim/run/stage.h"

namespace mqttvet::sim {

class Story {
 public:
  // `ended` is called once, from an event, when every step has ended.
  Story(Stage& stage, Faults& faults, std::function<void()> ended);
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  void begin();
  // Open expectations look at what came. Not from within the network: schedule it.
  void look();
  bool over() const { return ended_count_ == stage_.plan.steps.size(); }
  // No step begins any more; those under way are left alone. Each that should have ended in its turn is a
  // finding.
  void break_off();

 private:
  struct Waiting {  // for an expectation
    std::size_t step;
    Expectation expectation;
    World::EventId deadline = World::EventId::none;
  };
  struct WaitingForClose {
    std::size_t step;
    std::size_t begin;
    World::EventId deadline = World::EventId::none;
  };

  void pass_turn(std::size_t step);
  void begin_step(std::size_t step);
  void end_step(std::size_t step, const Outcome& outcome);
  void perform(std::size_t step);
  void expect(std::size_t step, const Expect& expect);
  void expect_closed(std::size_t step, const ExpectClosed& closed);
  void conclude(std::list<Waiting>::iterator waiting, Expectation::Verdict verdict);
  void check_closed(std::list<WaitingForClose>::iterator waiting, bool time_is_up);
  std::size_t& cursor(const std::string& client) { return cursors_[client]; }
  std::string describe(std::size_t step) const;

  Stage& stage_;
  Faults& faults_;
  std::function<void()> on_ended_;
  std::size_t ended_count_ = 0;
  std::vector<bool> begun_;
  std::vector<bool> step_ended_;
  bool broken_off_ = false;
  std::map<std::string, std::size_t> cursors_;  // where the next expectation on a client begins
  std::list<Waiting> waiting_;
  std::list<WaitingForClose> waiting_for_close_;
};

}  // namespace mqttvet::sim
