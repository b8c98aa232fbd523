#include "conformance/harness/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/harness/client.h"
#include "conformance/harness/runner.h"
#include "conformance/harness/verdict.h"
#include "conformance/wire/describe.h"

namespace mqttvet::conformance {
namespace {

struct Answer {
  bool reached = false;   // there was a network connection
  bool accepted = false;  // a CONNACK with code 0
  std::string text;       // why not
  Connack connack;
};

Answer ask(Target& target, Version version) {
  const auto venue = target.open(0);
  Run run(version, target.facts(), *venue, unique_token(target));
  Client& client = run.client("probe");
  Answer answer;
  try {
    client.open();
    answer.reached = true;
    client.send(client.connect_packet());
    answer.connack = client.expect_next<Connack>();
    answer.accepted = answer.connack.reason_code == 0;
    answer.text = "CONNACK: " + describe_reason_code(PacketType::connack, answer.connack.reason_code);
    if (answer.accepted) client.disconnect();
  } catch (const Stop& stop) {
    answer.text = stop.text;
  }
  return answer;
}

// With a subscription and a publication; empty: it can.
std::string try_qos(Target& target, Version version, std::uint8_t qos) {
  const auto venue = target.open(0);
  Run run(version, target.facts(), *venue, unique_token(target));
  Client& client = run.client("probe");
  try {
    client.connect();
    client.subscribe(run.topic("probe"), qos);
    client.publish(run.topic("probe"), "probe", qos);
    client.disconnect();
  } catch (const Stop& stop) {
    return stop.text;
  }
  return "";
}

// Eight messages to a subscriber that acknowledges none.
bool sends_several_at_once(Target& target, Version version) {
  const auto venue = target.open(0);
  Run run(version, target.facts(), *venue, unique_token(target));
  try {
    Client& client = run.subscribed(run.topic("window"), 1);
    for (int i = 0; i < 8; ++i) client.publish(run.topic("window"), "m", 1);
    for (int i = 0; i < 8; ++i) client.expect<Publish>();
    client.disconnect();
  } catch (const Stop&) {
    return false;
  }
  return true;
}

class Findings {
 public:
  explicit Findings(TargetFacts facts) : facts_(std::move(facts)) {}

  void add(Capability capability, bool there, std::string reason) {
    if (facts_.lacks.contains(capability)) {
      facts_.capabilities.erase(capability);
      facts_.reasons[capability] = "the target file says so";
    } else if (there) {
      facts_.capabilities.insert(capability);
    } else {
      facts_.capabilities.erase(capability);
      facts_.reasons[capability] = std::move(reason);
    }
  }

  // A property of CONNACK that is 0 when the feature is absent.
  void add_announced(Capability capability, const Answer& v5, PropertyId id) {
    const bool there = v5.accepted && number(v5.connack.properties, id).value_or(1) != 0;
    add(capability, there, v5.accepted ? "CONNACK says so: " + name_of(id) : "no MQTT 5.0");
  }

  TargetFacts take() { return std::move(facts_); }

 private:
  TargetFacts facts_;
};

}  // namespace

std::string probe(Target& target) {
  const std::pair<Capability, Version> versions[] = {{Capability::mqtt_3_1, Version::v3_1},
                                                     {Capability::mqtt_3_1_1, Version::v3_1_1},
                                                     {Capability::mqtt_5_0, Version::v5_0}};
  std::vector<Answer> answers;
  for (const auto& [capability, version] : versions) {
    answers.push_back(ask(target, version));
    if (!answers.back().reached) return answers.back().text;
  }
  const Answer& v5 = answers.back();
  bool any = false;
  for (const Answer& answer : answers) any = any || answer.accepted;
  Findings findings(target.facts());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    findings.add(versions[i].first, answers[i].accepted || !any, answers[i].text);
  }
  for (const std::uint8_t qos : {1, 2}) {
    const Capability capability = qos == 1 ? Capability::qos_1 : Capability::qos_2;
    std::string why;
    for (std::size_t i = 0; any && i < answers.size(); ++i) {
      if (answers[i].accepted && why.empty()) why = try_qos(target, versions[i].second, qos);
    }
    findings.add(capability, why.empty(), why);
  }
  bool several = any;
  for (std::size_t i = 0; several && i < answers.size(); ++i)
    several = !answers[i].accepted || sends_several_at_once(target, versions[i].second);
  findings.add(Capability::several_in_flight, several, "what is sent is acknowledged before more is");
  findings.add(Capability::retain,
               !v5.accepted || number(v5.connack.properties, PropertyId::retain_available).value_or(1) != 0,
               "CONNACK says so");
  findings.add(
      Capability::wildcard_subscription,
      !v5.accepted ||
          number(v5.connack.properties, PropertyId::wildcard_subscription_available).value_or(1) != 0,
      "CONNACK says so");
  findings.add_announced(Capability::subscription_identifier, v5,
                         PropertyId::subscription_identifier_available);
  findings.add_announced(Capability::shared_subscription, v5, PropertyId::shared_subscription_available);
  const bool aliases = number(v5.connack.properties, PropertyId::topic_alias_maximum).value_or(0) > 0;
  findings.add(Capability::topic_alias, v5.accepted && aliases, "Topic Alias Maximum is 0");
  findings.add(Capability::persistent_session,
               target.facts().has(Capability::persistent_session) || !target.simulated(), "");
  TargetFacts facts = findings.take();
  if (v5.accepted) facts.connack = v5.connack;
  // Who announces this to clients of 5.0 will hardly take more from others.
  const std::size_t announced =
      number(facts.connack.properties, PropertyId::maximum_packet_size).value_or(UINT32_MAX);
  facts.limits.packet_bytes_max = std::min(facts.limits.packet_bytes_max, announced);
  target.set_facts(std::move(facts));
  return "";
}

}  // namespace mqttvet::conformance
