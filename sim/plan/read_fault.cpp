// Faults: {KIND: TARGET, at: TIME or when: {...}, for: DURATION, ...}.
#include "sim/plan/read_parts.h"

namespace mqttvet::sim {
namespace {

// when: {received: PUBREL, nth: 2, after_bytes: 1}
Aim read_aim(const YAML::Node& node, YamlReader& reader) {
  Aim aim;
  YamlMap map(node, reader, "when");
  if (!node.IsMap()) return aim;
  map.read("client", aim.client);
  const bool sent = map.has("sent"), received = map.has("received");
  map.read("sent", aim.packet_type);
  map.read("received", aim.packet_type);
  aim.client_sent = sent;
  if (sent == received) reader.complain(node, "when: needs a packet; expected either sent: or received:");
  map.read_number("nth", 1, 1'000'000, aim.nth);
  map.read_number("after_bytes", 0, 1'000'000'000, aim.after_bytes);
  map.read("whole", aim.whole);
  map.finish();
  return aim;
}

}  // namespace

void read_fault(const YAML::Node& node, YamlReader& reader, std::optional<int> follows, Plan& plan) {
  Fault fault;
  fault.source = source_of(node);
  fault.after_step = follows;
  fault.id = plan.faults.empty() ? 1 : plan.faults.back().id + 1;
  const std::size_t problems_before = reader.problem_count();
  YamlMap map(node, reader, "a fault");
  if (!node.IsMap()) return;
  int kinds = 0;
  for (const auto& word : words_of(FaultKind{})) {
    const YAML::Node target = map.take(word.text);
    if (!target) continue;
    ++kinds;
    fault.kind = word.value;
    reader.read(target, fault.target);
  }
  map.read_number("id", 1, 1'000'000'000, fault.id);
  map.read("at", fault.at);
  if (fault.at) fault.after_step.reset();
  if (const YAML::Node when = map.take("when")) fault.aim = read_aim(when, reader);
  map.read("for", fault.duration);
  if (const YAML::Node by = map.take("by")) reader.read_signed(by, fault.jump);
  map.read_number("factor", 2, 1'000'000, fault.factor);
  map.read_number("count", 1, 1'000'000, fault.count);
  map.read_word("path", fault.path);
  if (const YAML::Node config = map.take("config"))
    read_config(YamlMap(config, reader, "config"), reader, {}, fault.config);
  read_access(map, reader, fault.users, fault.acl);
  map.finish();
  if (kinds != 1) {
    reader.complain(
        node, "a fault of " + std::to_string(kinds) + " kinds; expected one of " + all_names<FaultKind>());
    return;
  }
  if (reader.problem_count() > problems_before) return;
  plan.faults.push_back(std::move(fault));
}

}  // namespace mqttvet::sim
