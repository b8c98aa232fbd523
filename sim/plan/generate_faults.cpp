// What goes wrong in a generated plan.
#include "sim/plan/generate_parts.h"
#include "sim/plan/names.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

// Packets worth aiming at: those that change what a session must remember.
rc::Gen<std::string> sent_packet() {
  return rc::gen::weightedElement<std::string>({{4, "PUBLISH"},
                                                {3, "PUBACK"},
                                                {4, "PUBREC"},
                                                {4, "PUBREL"},
                                                {4, "PUBCOMP"},
                                                {1, "CONNECT"},
                                                {1, "SUBSCRIBE"},
                                                {1, "DISCONNECT"}});
}
rc::Gen<std::string> received_packet() {
  return rc::gen::weightedElement<std::string>({{4, "PUBLISH"},
                                                {3, "PUBACK"},
                                                {4, "PUBREC"},
                                                {4, "PUBREL"},
                                                {4, "PUBCOMP"},
                                                {1, "CONNACK"},
                                                {1, "SUBACK"}});
}

Aim any_aim(Draw& draw, const std::vector<ClientPlan>& clients, bool at_broker) {
  Aim aim;
  if (at_broker && draw.chance(50))
    aim.client = clients[draw.between<std::size_t>(0, clients.size() - 1)].name;
  aim.client_sent = draw.chance(50);
  aim.packet_type = draw(aim.client_sent ? sent_packet() : received_packet());
  aim.nth = draw.between(1, 6);
  aim.whole = draw.chance(40);
  if (!aim.whole) aim.after_bytes = draw.between(0, 4);
  return aim;
}

// How probable it is that a class of faults takes part in a run, in percent.
int share_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::reset:
    case FaultKind::fin:
    case FaultKind::broker_crash:
      return 40;
    case FaultKind::vanish:
    case FaultKind::stall:
    case FaultKind::partition:
      return 30;
    default:
      return 20;
  }
}

bool takes_part(FaultKind kind, const GeneratorOptions& options) {
  if (kind == FaultKind::reload) return false;  // generate_access's
  if (kind == FaultKind::clock_jump) return options.clock_jumps;
  if (kind == FaultKind::torn_commit || kind == FaultKind::sync_failure || kind == FaultKind::disk_full)
    return options.disk_faults;
  return true;
}

// What happens when, except the time itself.
Fault any_fault(FaultKind kind, Draw& draw, const std::vector<ClientPlan>& clients) {
  Fault fault;
  fault.kind = kind;
  const bool everybody = draw.chance(15);
  fault.target = clients[draw.between<std::size_t>(0, clients.size() - 1)].name;
  if (everybody || strikes_broker(kind) || kind == FaultKind::swizzle) fault.target = "broker";
  if (has_duration(kind)) fault.duration = draw.duration(100ms, 8s);
  if (kind == FaultKind::slow) fault.factor = draw.one_of({5, 20, 100});
  if (kind == FaultKind::torn_commit) fault.count = draw.between(1, 12);
  if (kind == FaultKind::partition || kind == FaultKind::stall)
    fault.path =
        draw(rc::gen::weightedElement<Path>({{3, Path::both}, {1, Path::to_broker}, {1, Path::to_client}}));
  if (kind == FaultKind::broker_crash || kind == FaultKind::broker_kill) {
    if (draw.chance(20)) fault.config["max_inflight"] = std::to_string(draw.between(1, 5));
    if (draw.chance(10)) fault.config["queue_qos0"] = draw.chance(50) ? "true" : "false";
  }
  if (kind == FaultKind::clock_jump) {
    fault.jump = draw.duration(1s, 10min);
    if (draw.chance(50)) fault.jump = -fault.jump;
  }
  return fault;
}

}  // namespace

std::vector<Fault> generate_faults(std::uint64_t seed, const std::vector<ClientPlan>& clients, Duration end,
                                   const GeneratorOptions& options) {
  const auto last = std::chrono::duration_cast<std::chrono::milliseconds>(end);
  std::vector<Fault> faults;
  for (const auto& word : words_of(FaultKind{})) {
    if (!takes_part(word.value, options)) continue;
    Draw draw(seed, "fault " + std::string(word.text));
    if (!draw.chance(share_of(word.value))) continue;
    for (int left = draw.between(1, 3); left > 0; --left) {
      Fault fault = any_fault(word.value, draw, clients);
      const Duration at = draw.duration(1000ms, last);
      const bool aimed = draw.chance(40);
      Aim aim = any_aim(draw, clients, fault.target == "broker");
      if (aimed && word.value != FaultKind::clock_jump) {
        fault.aim = std::move(aim);
      } else {
        fault.at = at;
      }
      fault.id = static_cast<int>(faults.size()) + 1;
      faults.push_back(std::move(fault));
    }
  }
  return faults;
}

}  // namespace mqttvet::sim
