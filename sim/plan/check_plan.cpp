#include "sim/plan/check_plan.h"

#include <algorithm>
#include <set>

#include "broker/core/mutants.h"
#include "broker/driver/config_text.h"
#include "sim/plan/broker_config.h"
#include "sim/plan/duration.h"
#include "sim/plan/names.h"
#include "sim/plan/packet_fields.h"

namespace mqttvet::sim {
namespace {

constexpr std::string_view kReserved[] = {"broker", "fault", "wait", "at", "id", "background", "may_fail"};
constexpr std::size_t kStringBytesMax = 65535;  // of a string on the wire
constexpr int kPublishesMax = 100'000;          // of one step

bool is_client_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// Section 4.7: a Topic Name has no wildcard; a wildcard stands alone in its level, and '#' only at the end.
bool is_topic_name(std::string_view topic) {
  return !topic.empty() && topic.size() <= kStringBytesMax &&
         topic.find_first_of(std::string_view("+#\0", 3)) == std::string_view::npos;
}

bool is_topic_filter(std::string_view filter) {
  if (filter.empty() || filter.size() > kStringBytesMax || filter.find('\0') != std::string_view::npos)
    return false;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = filter.find('/', begin);
    const std::string_view level = filter.substr(begin, end - begin);
    if (level.find_first_of("+#") != std::string_view::npos && level.size() != 1) return false;
    if (level == "#" && end != std::string_view::npos) return false;
    if (end == std::string_view::npos) return true;
    begin = end + 1;
  }
}

class Checker {
 public:
  explicit Checker(const Plan& plan) : plan_(plan) {}

  Problems run() {
    check_broker();
    if (plan_.clients.empty()) complain(plan_.clients_source, "the plan has no clients; expected at least one");
    for (const ClientPlan& client : plan_.clients) check_client(client);
    for (const Step& step : plan_.steps) check_step(step);
    for (const Fault& fault : plan_.faults) check_fault(fault);
    if (plan_.settle <= Duration{0}) complain(plan_.settle_source, "settle is 0; expected a positive duration");
    if (plan_.heal_at < Time{0}) complain({}, "heal_at is negative; expected 0 or more");
    return std::move(problems_);
  }

 private:
  void complain(Source where, std::string text) { problems_.push_back({where, std::move(text)}); }

  const ClientPlan* find_client(std::string_view name) const {
    for (const ClientPlan& client : plan_.clients) {
      if (client.name == name) return &client;
    }
    return nullptr;
  }
  std::string client_names() const {
    std::string all;
    for (const ClientPlan& client : plan_.clients) all += (all.empty() ? "" : ", ") + client.name;
    return all.empty() ? "a client of the plan (it has none)" : all;
  }

  void check_broker();
  void check_client(const ClientPlan& client);
  void check_will(const ClientPlan& client);
  void check_step(const Step& step);
  void check_operation(const Step& step, const ClientPlan& client);
  void check_publish(const Step& step, const ClientPlan& client, const DoPublish& publish);
  void check_subscribe(const Step& step, const ClientPlan& client, const DoSubscribe& subscribe);
  void check_expect(const Expect& expect);
  void check_pattern(const PacketPattern& pattern);
  void check_fault(const Fault& fault);
  void check_aim(const Fault& fault);
  void check_config(const Fault& fault);
  void check_topic(Source where, const std::string& topic) {
    if (!is_topic_name(topic))
      complain(where, "'" + topic + "' is no topic name; expected one without wildcards");
  }
  void check_filter(Source where, const std::string& filter) {
    if (!is_topic_filter(filter)) {
      complain(where,
               "'" + filter + "' is no topic filter; expected + and # alone in their levels, # at the end");
    }
  }
  void check_qos(Source where, int qos) {
    if (qos < 0 || qos > 2) complain(where, "qos is " + std::to_string(qos) + "; expected 0, 1 or 2");
  }
  // A feature of 5.0 on a client of another version.
  void check_version(Source where, const ClientPlan& client, bool used, std::string_view feature) {
    if (!used || client.version == Version::v5_0) return;
    complain(where, std::string(feature) + " needs 5.0, but client '" + client.name + "' speaks " +
                        std::string(name_of(client.version)) + "; expected version: 5.0");
  }

  const Plan& plan_;
  Problems problems_;
  std::set<std::string> seen_clients_;
  std::set<int> seen_faults_;
  int last_step_id_ = 0;
};

void Checker::check_broker() {
  core::Config config;
  for (const auto& [key, value] : plan_.broker.config) {
    if (auto problem = driver::apply(config, key, value)) complain(plan_.broker.source, *problem);
  }
  for (const std::string& mutant : plan_.broker.mutants) {
    if (core::find_mutants(mutant).empty()) {
      complain(plan_.broker.source,
               "unknown mutant '" + mutant + "'; expected one of `mqttvet mutants --list`");
    }
  }
}

void Checker::check_client(const ClientPlan& client) {
  const std::string who = "client '" + client.name + "'";
  if (!is_client_name(client.name)) {
    complain(client.source, who + " has a bad name; expected 1 to 32 letters, digits, '_' or '-'");
  }
  if (is_reserved_name(client.name)) {
    complain(client.source, who +
                                " has a reserved name; expected another than broker, fault, wait, at, id, "
                                "background, may_fail");
  }
  if (!seen_clients_.insert(client.name).second) {
    complain(client.source, "duplicate " + who + "; expected every name once");
  }
  if (client.client_id.size() > kStringBytesMax || client.client_id.find('\0') != std::string::npos) {
    complain(client.source,
             who + ": client_id is no MQTT string; expected at most 65535 bytes without a zero");
  }
  check_version(client.source, client, client.session_expiry.has_value(), "session_expiry");
  check_version(client.source, client, client.receive_maximum.has_value(), "receive_maximum");
  check_version(client.source, client, client.maximum_packet_size.has_value(), "maximum_packet_size");
  check_version(client.source, client, !client.properties.empty(), "properties");
  check_version(client.source, client, client.topic_aliases, "topic_aliases");
  check_version(client.source, client, !client.auth_answers.empty(), "auth_answers");
  if (client.receive_maximum == 0)
    complain(client.source, who + ": receive_maximum is 0; expected 1 to 65535");
  if (client.maximum_packet_size == 0u)
    complain(client.source, who + ": maximum_packet_size is 0; expected more");
  if (client.keep_alive.count() < 0 || client.keep_alive.count() > 65535) {
    complain(client.source, who + ": keep_alive does not fit; expected 0 to 65535 s");
  }
  if (client.reconnect_min <= Duration{0} || client.reconnect_min > client.reconnect_max) {
    complain(client.source, who + ": reconnect_min is 0 or above reconnect_max; expected it between");
  }
  if (client.driver != Driver::raw) {
    const Duration second = std::chrono::seconds(1);
    if (client.reconnect_min % second != Duration{0} || client.reconnect_max % second != Duration{0}) {
      complain(client.source,
               who + ": Paho counts reconnect_min and reconnect_max in seconds; expected whole seconds");
    }
    if (client.acknowledge != Acknowledge::automatic) {
      complain(client.source,
               who + ": Paho acknowledges by itself; expected driver: raw for acknowledge: none");
    }
    if (client.persistent)
      complain(client.source, who + ": our Paho clients have no disk; expected driver: raw for persistent");
    if (client.topic_aliases)
      complain(client.source, who + ": Paho gives no aliases; expected driver: raw for topic_aliases");
    if (!client.auth_answers.empty())
      complain(client.source, who + ": Paho answers no AUTH; expected driver: raw for auth_answers");
  }
  if (client.will) check_will(client);
}

void Checker::check_will(const ClientPlan& client) {
  check_topic(client.source, client.will->topic);
  check_qos(client.source, client.will->qos);
  check_version(client.source, client, client.will->delay.has_value(), "a will's delay");
  check_version(client.source, client, client.will->expiry.has_value(), "a will's expiry");
  check_version(client.source, client, !client.will->properties.empty(), "properties");
}

void Checker::check_step(const Step& step) {
  if (step.id <= last_step_id_) {
    complain(step.source, "step id " + std::to_string(step.id) +
                              " is not above the one before it; expected ids that "
                              "grow from 1");
  }
  last_step_id_ = std::max(last_step_id_, step.id);
  if (step.at && *step.at < Time{0}) complain(step.source, "a step at a negative time; expected 0 or more");
  if (std::holds_alternative<DoWait>(step.operation)) {
    if (!step.client.empty())
      complain(step.source, "wait belongs to no client; expected it as a step of its own");
    return;
  }
  const ClientPlan* client = find_client(step.client);
  if (!client) {
    complain(step.source, "unknown client '" + step.client + "'; expected one of " + client_names());
    return;
  }
  check_operation(step, *client);
}

void Checker::check_operation(const Step& step, const ClientPlan& client) {
  const Operation& operation = step.operation;
  if (client.driver != Driver::raw &&
      (std::holds_alternative<DoAcknowledge>(operation) || std::holds_alternative<DoSend>(operation))) {
    complain(step.source, std::string(name_of(operation)) + " is nothing a Paho client can do, but client '" +
                              client.name + "' is " + std::string(name_of(client.driver)) +
                              "; expected driver: raw");
  }
  if (const auto* connect = std::get_if<DoConnect>(&operation)) {
    check_version(step.source, client, connect->session_expiry.has_value(), "session_expiry");
    check_version(step.source, client, connect->receive_maximum.has_value(), "receive_maximum");
    check_version(step.source, client, !connect->properties.empty(), "properties");
    if (connect->receive_maximum == 0) complain(step.source, "receive_maximum is 0; expected 1 to 65535");
    if (!connect->bytes.empty() && client.driver != Driver::raw)
      complain(step.source, "a Paho client can't send bytes of its own; expected driver: raw");
    if (!connect->with_will && !client.will)
      complain(step.source, "with_will on a client without a will; expected one in its plan");
  } else if (const auto* disconnect = std::get_if<DoDisconnect>(&operation)) {
    check_version(step.source, client, disconnect->reason_code != 0, "a reason_code");
    check_version(step.source, client, disconnect->session_expiry.has_value(), "session_expiry");
    check_version(step.source, client, !disconnect->properties.empty(), "properties");
    if (disconnect->reason_code < 0 || disconnect->reason_code > 255) {
      complain(step.source, "reason_code does not fit; expected 0 to 255");
    }
  } else if (const auto* subscribe = std::get_if<DoSubscribe>(&operation)) {
    check_subscribe(step, client, *subscribe);
  } else if (const auto* unsubscribe = std::get_if<DoUnsubscribe>(&operation)) {
    check_version(step.source, client, !unsubscribe->properties.empty(), "properties");
    if (unsubscribe->filters.empty())
      complain(step.source, "unsubscribe has no filters; expected at least one");
    for (const std::string& filter : unsubscribe->filters) check_filter(step.source, filter);
  } else if (const auto* publish = std::get_if<DoPublish>(&operation)) {
    check_publish(step, client, *publish);
  } else if (const auto* send = std::get_if<DoSend>(&operation)) {
    if (send->bytes.empty() && !send->packet)
      complain(step.source, "send has no bytes; expected some, in hex");
  } else if (const auto* acknowledge = std::get_if<DoAcknowledge>(&operation)) {
    check_version(step.source, client, acknowledge->reason_code != 0, "a reason");
  } else if (const auto* expect = std::get_if<Expect>(&operation)) {
    check_expect(*expect);
  }
}

void Checker::check_publish(const Step& step, const ClientPlan& client, const DoPublish& publish) {
  const bool by_alias = client.driver == Driver::raw &&
                        wire::find(publish.properties, wire::PropertyId::topic_alias) != nullptr;
  if (!publish.topic.empty() || !by_alias) check_topic(step.source, publish.topic);
  check_version(step.source, client, !publish.properties.empty(), "properties");
  check_qos(step.source, publish.qos);
  check_version(step.source, client, publish.expiry.has_value(), "expiry");
  if (publish.count < 1 || publish.count > kPublishesMax) {
    complain(step.source, "count is " + std::to_string(publish.count) + "; expected 1 to " +
                              std::to_string(kPublishesMax));
  }
  if (publish.empty_payload && (!publish.payload.empty() || publish.pad_to_bytes > 0)) {
    complain(step.source, "empty_payload beside payload or pad_to_bytes; expected one of them");
  }
  if (publish.gap < Duration{0}) complain(step.source, "gap is negative; expected 0 or more");
}

void Checker::check_subscribe(const Step& step, const ClientPlan& client, const DoSubscribe& subscribe) {
  if (subscribe.filters.empty()) complain(step.source, "subscribe has no filters; expected at least one");
  for (const DoSubscribe::Filter& filter : subscribe.filters) {
    check_filter(step.source, filter.filter);
    check_qos(step.source, filter.qos);
    check_version(step.source, client, filter.no_local, "no_local");
    check_version(step.source, client, filter.retain_as_published, "retain_as_published");
    check_version(step.source, client, filter.retain_handling != 0, "retain_handling");
    if (filter.retain_handling < 0 || filter.retain_handling > 2) {
      complain(step.source, "retain_handling is out of range; expected 0, 1 or 2");
    }
  }
  check_version(step.source, client, !subscribe.properties.empty(), "properties");
  check_version(step.source, client, subscribe.subscription_identifier.has_value(),
                "a subscription identifier");
  if (subscribe.subscription_identifier &&
      (*subscribe.subscription_identifier < 1 || *subscribe.subscription_identifier > 268435455)) {
    complain(step.source, "the subscription identifier is out of range; expected 1 to 268435455");
  }
}

void Checker::check_expect(const Expect& expect) {
  for (const PacketPattern& pattern : expect.packets) check_pattern(pattern);
}

void Checker::check_pattern(const PacketPattern& pattern) {
  const auto fields = fields_of_received(pattern.type);
  if (!fields) {
    complain(pattern.source,
             "no broker sends a packet '" + pattern.type + "'; expected one of " + received_packet_types());
    return;
  }
  for (const auto& [name, value] : pattern.fields) {
    const auto field = std::find_if(fields->begin(), fields->end(),
                                    [&key = name](const PacketField& known) { return known.name == key; });
    if (field == fields->end()) {
      std::string names;
      for (const PacketField& known : *fields) names += (names.empty() ? "" : ", ") + std::string(known.name);
      complain(pattern.source, "a " + pattern.type + " has no '" + name + "'; expected " +
                                   (names.empty() ? "no fields" : "one of " + names));
    } else if (value == kAbsent) {
      continue;
    } else if (field->kind == FieldKind::flag && value != "true" && value != "false") {
      complain(pattern.source, name + " is '" + value + "'; expected true or false");
    } else if (field->kind == FieldKind::number && !parse_number_range(value)) {
      complain(pattern.source,
               name + " is '" + value + "'; expected a number such as 7 or 0x82, or a range 28..30");
    }
  }
}

void Checker::check_fault(const Fault& fault) {
  const std::string what(name_of(fault.kind));
  if (!seen_faults_.insert(fault.id).second) {
    complain(fault.source, "duplicate fault id " + std::to_string(fault.id) + "; expected every id once");
  }
  if (strikes_broker(fault.kind) && fault.target != "broker") {
    complain(fault.source, what + " strikes '" + fault.target + "'; expected broker");
  } else if (fault.target != "broker" && !find_client(fault.target)) {
    complain(fault.source,
             what + " strikes unknown '" + fault.target + "'; expected broker or one of " + client_names());
  }
  if (fault.at && (fault.aim || fault.after_step)) {
    complain(fault.source, what + " has both a time and an aim or a step; expected one of them");
  } else if (!fault.at && !fault.aim && !fault.after_step) {
    complain(fault.source, what + " never happens; expected at: or when:");
  }
  if (fault.at && *fault.at < Time{0})
    complain(fault.source, what + " at a negative time; expected 0 or more");
  if (fault.at && plan_.heal_at > Time{0} && *fault.at >= plan_.heal_at) {
    complain(fault.source, what + " at " + to_text(*fault.at) + " comes after heal_at " +
                               to_text(plan_.heal_at) + "; expected it before");
  }
  if (fault.after_step && *fault.after_step != 0 &&
      std::none_of(plan_.steps.begin(), plan_.steps.end(),
                   [&](const Step& step) { return step.id == *fault.after_step; })) {
    complain(fault.source, what + " follows step " + std::to_string(*fault.after_step) +
                               ", which is not there; expected the id of a step");
  }
  if (has_duration(fault.kind) && fault.duration <= Duration{0}) {
    complain(fault.source, what + " lasts no time; expected a positive duration");
  }
  if (fault.kind == FaultKind::clock_jump && fault.jump == Duration{0}) {
    complain(fault.source, "clock_jump by 0; expected by: with another duration");
  }
  if (fault.kind != FaultKind::reload && (!fault.users.empty() || fault.acl)) {
    complain(fault.source, what + " has users or an acl; expected them with reload only");
  }
  if (fault.factor < 2) complain(fault.source, what + ": factor is below 2; expected 2 or more");
  if (fault.kind == FaultKind::swizzle && fault.target != "broker")
    complain(fault.source, "swizzle of one client; expected broker, for it strikes all of them in turn");
  if (fault.path != Path::both && fault.kind != FaultKind::partition && fault.kind != FaultKind::stall)
    complain(fault.source, what + " has no path; expected one on partition and stall only");
  check_config(fault);
  if (fault.count < 1) complain(fault.source, what + ": count is below 1; expected 1 or more");
  if (fault.aim) check_aim(fault);
}

void Checker::check_config(const Fault& fault) {
  if (fault.config.empty()) return;
  if (fault.kind != FaultKind::broker_crash && fault.kind != FaultKind::broker_kill) {
    complain(fault.source, std::string(name_of(fault.kind)) +
                               " restarts nothing; expected config on broker_crash and broker_kill only");
  }
  core::Config config = broker_config(plan_.broker);
  for (const auto& [key, value] : fault.config) {
    if (auto problem = driver::apply(config, key, value)) complain(fault.source, *problem);
  }
}

void Checker::check_aim(const Fault& fault) {
  const Aim& aim = *fault.aim;
  if (!aim.client.empty() && !find_client(aim.client)) {
    complain(fault.source, "when: unknown client '" + aim.client + "'; expected one of " + client_names());
  }
  if (aim.client_sent ? !is_sent_packet(aim.packet_type) : !fields_of_received(aim.packet_type)) {
    complain(fault.source, "when: a client " + std::string(aim.client_sent ? "sends" : "receives") + " no '" +
                               aim.packet_type + "'; expected a packet's name such as PUBREC");
  }
  if (aim.nth < 1) complain(fault.source, "when: nth is below 1; expected 1 or more");
  if (aim.after_bytes < 0) complain(fault.source, "when: after_bytes is negative; expected 0 or more");
  if (aim.whole && aim.after_bytes != 0) {
    complain(fault.source, "when: both whole and after_bytes; expected one of them");
  }
}

}  // namespace

Problems check_plan(const Plan& plan) {
  return Checker(plan).run();
}

bool is_reserved_name(std::string_view name) {
  return std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved);
}

}  // namespace mqttvet::sim
