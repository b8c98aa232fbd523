#include "sim/run/faults.h"

#include "sim/plan/broker_config.h"
#include "sim/plan/names.h"
#include "sim/plan/write_plan.h"

namespace mqttvet::sim {
namespace {

using Then = Network::Passage::Then;

Network::Direction direction_of(Path path) {
  switch (path) {
    case Path::both:
      return Network::Direction::both;
    case Path::to_broker:
      return Network::Direction::to_server;
    case Path::to_client:
      return Network::Direction::to_client;
  }
  return Network::Direction::both;
}

}  // namespace

void Faults::begin() {
  if (stage_.plan.socket_buffer_bytes != Plan{}.socket_buffer_bytes) apply_conditions();
  for (const Fault& fault : stage_.plan.faults) {
    if (fault.after_step) continue;
    if (fault.aim) {
      arm(fault);
    } else {
      stage_.world.schedule(*fault.at, [this, &fault] { strike(fault); });
    }
  }
}

void Faults::follow_step(int step) {
  for (const Fault& fault : stage_.plan.faults) {
    if (fault.after_step == step) strike_or_arm(fault);
  }
}

void Faults::strike_or_arm(const Fault& fault) {
  if (fault.aim) {
    arm(fault);
  } else {
    strike(fault);
  }
}

// A cut that is aimed at the target's own packets strikes that very connection at that very byte; everything
// else is told when the packet comes.
void Faults::arm(const Fault& fault) {
  if (healed_) return;
  Aim aim = *fault.aim;
  if (aim.client.empty() && fault.target != kBrokerHost) aim.client = fault.target;
  const bool strikes_that_connection = aim.client == fault.target;
  const Then then = strikes_that_connection ? Aimer::then_of(fault.kind) : Then::nothing;
  stage_.aimer.arm(aim, then, fault.duration, [this, &fault, then](std::uint64_t, const std::string&) {
    if (then == Then::nothing) {
      strike(fault);
    } else {
      took_effect(fault);
    }
  });
}

void Faults::strike(const Fault& fault) {
  if (healed_) return;
  fired_.insert(fault.id);
  Network& network = stage_.network;
  BrokerNode& node = stage_.node;
  bool effect = false;
  switch (fault.kind) {
    case FaultKind::reset:
      effect = network.cut(fault.target, true) > 0;
      break;
    case FaultKind::fin:
      effect = network.cut(fault.target, false) > 0;
      break;
    case FaultKind::vanish:
      effect = network.vanish(fault.target) > 0;
      break;
    case FaultKind::stall:
      effect = network.stall(fault.target, direction_of(fault.path), fault.duration) > 0;
      break;
    case FaultKind::slow_reader:
      for (const std::string& host : hosts_of(fault)) effect |= network.hold_reads(host, fault.duration) > 0;
      break;
    case FaultKind::swizzle:
      swizzle(fault);
      return;
    case FaultKind::partition:
    case FaultKind::slow:
    case FaultKind::fragment:
      strike_lasting(fault);
      return;
    case FaultKind::broker_crash:
      effect = restart_changed(fault, BrokerNode::CrashKind::power_lost);
      break;
    case FaultKind::broker_kill:
      effect = restart_changed(fault, BrokerNode::CrashKind::process_killed);
      break;
    case FaultKind::disk_full:
      fill_disk(fault);
      return;  // it does harm only if something is written
    case FaultKind::broker_pause:
      effect = node.pause(fault.duration);
      break;
    case FaultKind::torn_commit:
      node.crash_at_write(static_cast<std::uint64_t>(fault.count), fault.duration);
      return;  // its effect is the node's to tell
    case FaultKind::sync_failure:
      node.fail_sync(1, fault.duration);
      return;
    case FaultKind::clock_jump:
      effect = node.jump_wall_clock(fault.jump);
      break;
    case FaultKind::reload:
      reload(fault);
      return;
  }
  if (effect) took_effect(fault);
}

void Faults::took_effect(const Fault& fault) {
  fired_.insert(fault.id);
  effective_.insert(fault.id);
  const bool of_broker = fault.target == kBrokerHost;
  const auto kind = of_broker && fault.kind == FaultKind::vanish ? HistoryEvent::Kind::broker_vanished
                                                                 : HistoryEvent::Kind::fault;
  stage_.recorder.add(kind, of_broker ? std::string() : fault.target, write_fault(fault));
}

std::vector<std::string> Faults::hosts_of(const Fault& fault) const {
  if (fault.target != kBrokerHost) return {fault.target};
  std::vector<std::string> all;
  for (const ClientPlan& client : stage_.plan.clients) all.push_back(client.name);
  return all;
}

// Such a fault has an effect if a connection that could feel it was open, or packets passed meanwhile.
void Faults::strike_lasting(const Fault& fault) {
  end_lasting(fault.id);
  const auto end = stage_.world.after(fault.duration, [this, id = fault.id] { end_lasting(id); });
  lasting_[fault.id] = {&fault, stage_.open_connections(fault.target), stage_.packet_count(), end, {}};
  apply_conditions();
  stage_.recorder.add(HistoryEvent::Kind::fault, fault.target == kBrokerHost ? std::string() : fault.target,
                      write_fault(fault));
}

// Each client is parted at a time of its own in the first half, and joined again at one in the second: in any
// order.
void Faults::swizzle(const Fault& fault) {
  strike_lasting(fault);
  Random random = stage_.world.random("swizzle " + std::to_string(fault.id));
  const std::int64_t half = std::max<std::int64_t>(1, fault.duration.count() / 2);
  for (const ClientPlan& client : stage_.plan.clients) {
    const auto set = [this, id = fault.id, name = client.name](bool parted) {
      const auto found = lasting_.find(id);
      if (found == lasting_.end()) return;
      if (parted) {
        found->second.parted.insert(name);
      } else {
        found->second.parted.erase(name);
      }
      apply_conditions();
    };
    stage_.world.after(Duration(random.between(0, half - 1)), [set] { set(true); });
    stage_.world.after(Duration(random.between(half, 2 * half - 1)), [set] { set(false); });
  }
}

// A broker that is down reads its files when it starts.
void Faults::reload(const Fault& fault) {
  broker_ = reloaded(broker_, fault);
  stage_.node.reload(broker_users(broker_), broker_config(broker_).access_lists);
  effective_.insert(fault.id);
  stage_.recorder.add(HistoryEvent::Kind::reloaded, {}, write_fault(fault), fault.id);
}

void Faults::fill_disk(const Fault& fault) {
  stage_.node.fill_disk(fault.duration);
  stage_.recorder.add(HistoryEvent::Kind::fault, {}, write_fault(fault));
  const std::uint64_t before = stage_.node.disk_counters().refused_when_full;
  stage_.world.after(fault.duration, [this, &fault, before] {
    if (!healed_) stage_.node.give_room();
    if (stage_.node.disk_counters().refused_when_full > before) effective_.insert(fault.id);
  });
}

bool Faults::restart_changed(const Fault& fault, BrokerNode::CrashKind kind) {
  if (!stage_.node.crash(kind, fault.duration)) return false;
  if (!fault.config.empty()) {
    BrokerPlan changed = broker_;
    for (const auto& [key, value] : fault.config) changed.config[key] = value;
    stage_.node.configure(broker_config(changed));
  }
  return true;
}

void Faults::end_lasting(int id) {
  const auto found = lasting_.find(id);
  if (found == lasting_.end()) return;
  const Lasting lasting = found->second;
  if (lasting.open_before > 0 || stage_.packet_count() > lasting.packets_before) effective_.insert(id);
  lasting_.erase(found);
  stage_.world.cancel(lasting.end);
  apply_conditions();
}

// What holds for each client follows from all that last at the moment, so overlapping faults end one by one.
void Faults::apply_conditions() {
  for (const ClientPlan& client : stage_.plan.clients) {
    LinkConditions conditions;
    bool to_broker = false, to_client = false;  // blocked
    conditions.send_buffer_bytes = conditions.receive_buffer_bytes = stage_.plan.socket_buffer_bytes;
    for (const auto& [id, lasting] : lasting_) {
      const Fault& fault = *lasting.fault;
      if (fault.target != kBrokerHost && fault.target != client.name) continue;
      const bool parted = fault.kind == FaultKind::partition || lasting.parted.contains(client.name);
      if (parted && fault.path != Path::to_client) to_broker = true;
      if (parted && fault.path != Path::to_broker) to_client = true;
      if (fault.kind == FaultKind::slow) {
        conditions.latency_min *= fault.factor;
        conditions.latency_max *= fault.factor;
      }
      if (fault.kind == FaultKind::fragment) conditions.fragment = conditions.short_reads = true;
    }
    stage_.network.set_conditions(client.name, conditions);
    stage_.network.partition(client.name, kBrokerHost, to_broker, to_client);
  }
}

void Faults::heal() {
  stage_.aimer.disarm();
  while (!lasting_.empty()) end_lasting(lasting_.begin()->first);
  stage_.network.heal();
  healed_ = true;
}

std::map<std::string, FaultCount> Faults::counts() const {
  std::map<std::string, FaultCount> counts;
  for (const Fault& fault : stage_.plan.faults) {
    FaultCount& count = counts[std::string(name_of(fault.kind))];
    ++count.armed;
    if (fired_.contains(fault.id)) ++count.fired;
    if (effective_.contains(fault.id)) ++count.effective;
  }
  const NodeEffects& effects = stage_.node.effects();
  const auto told_by_node = [&](FaultKind kind, int times) {
    const auto found = counts.find(std::string(name_of(kind)));
    if (found == counts.end()) return;
    found->second.effective = std::min<std::uint64_t>(found->second.armed, static_cast<std::uint64_t>(times));
  };
  told_by_node(FaultKind::torn_commit, effects.torn_commits);
  told_by_node(FaultKind::sync_failure, static_cast<int>(stage_.node.disk_counters().failed_syncs));
  return counts;
}

}  // namespace mqttvet::sim
