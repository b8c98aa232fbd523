// The faults of a plan, carried out: at their times, when their turn comes, or by the aimer; and how often
// they did harm.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sim/run/stage.h"

namespace mqttvet::sim {

class Faults {
 public:
  explicit Faults(Stage& stage) : stage_(stage), broker_(stage.plan.broker) {}
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  // Schedules those with a time and arms those with only an aim.
  void begin();
  // Carries out, or arms, those that follow this step; 0: before the first.
  void follow_step(int step);
  // Everything that lasts ends now, and nothing that has not struck will.
  void heal();

  // By kind. Final after heal().
  std::map<std::string, FaultCount> counts() const;

 private:
  // One that changes how the network behaves for a while.
  struct Lasting {
    const Fault* fault;
    int open_before;
    std::uint64_t packets_before;
    World::EventId end = World::EventId::none;
    std::set<std::string> parted{};  // of a swizzle: the clients that can't reach the broker now
  };

  void strike_or_arm(const Fault& fault);
  void arm(const Fault& fault);
  void strike(const Fault& fault);
  void strike_lasting(const Fault& fault);
  void end_lasting(int id);
  void swizzle(const Fault& fault);
  void reload(const Fault& fault);
  void fill_disk(const Fault& fault);
  bool restart_changed(const Fault& fault, BrokerNode::CrashKind kind);
  void apply_conditions();
  void took_effect(const Fault& fault);
  std::vector<std::string> hosts_of(const Fault& fault) const;

  Stage& stage_;
  BrokerPlan broker_;                // with the users and rules of the last reload
  std::map<int, Lasting> lasting_;   // by fault id
  std::set<int> fired_, effective_;  // ids
  bool healed_ = false;
};

}  // namespace mqttvet::sim
