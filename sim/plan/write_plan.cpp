#include "sim/plan/write_plan.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "conformance/wire/hex.h"
#include "sim/plan/duration.h"
#include "sim/plan/names.h"
#include "sim/plan/packet_fields.h"
#include "sim/plan/properties.h"

namespace mqttvet::sim {
namespace {

constexpr std::chrono::seconds kNever{0xFFFFFFFF};

std::string seconds_text(std::chrono::seconds seconds) {
  return seconds == kNever ? "never" : to_text(seconds);
}

// One mapping on one line, keys with default values left out.
class FlowMap {
 public:
  explicit FlowMap(YAML::Emitter& out) : out_(out) { out_ << YAML::Flow << YAML::BeginMap; }
  ~FlowMap() { out_ << YAML::EndMap; }
  FlowMap(const FlowMap&) = delete;
  FlowMap& operator=(const FlowMap&) = delete;

  YAML::Emitter& key(std::string_view name) { return out_ << YAML::Key << std::string(name) << YAML::Value; }
  void text(std::string_view name, const std::string& value, const std::string& unless = {}) {
    if (value != unless) key(name) << value;
  }
  template <class Number>
  void number(std::string_view name, Number value, Number unless) {
    if (value != unless) key(name) << std::to_string(value);
  }
  template <class Number>
  void number(std::string_view name, const std::optional<Number>& value) {
    if (value) key(name) << std::to_string(*value);
  }
  void flag(std::string_view name, bool value, bool unless = false) {
    if (value != unless) key(name) << value;
  }
  void duration(std::string_view name, Duration value, Duration unless) {
    if (value != unless) key(name) << to_text(value);
  }
  void properties(const wire::Properties& value) {
    if (!value.empty()) write_properties(key("properties"), value);
  }
  void seconds(std::string_view name, const std::optional<std::chrono::seconds>& value) {
    if (value) key(name) << seconds_text(*value);
  }

 private:
  YAML::Emitter& out_;
};

void write(YAML::Emitter& out, const WillPlan& will) {
  FlowMap map(out);
  map.key("topic") << will.topic;
  map.text("payload", will.payload);
  map.number("qos", will.qos, 0);
  map.flag("retain", will.retain);
  map.seconds("delay", will.delay);
  map.seconds("expiry", will.expiry);
  map.properties(will.properties);
}

void write(YAML::Emitter& out, const ClientPlan& client) {
  const ClientPlan usual;
  FlowMap map(out);
  if (client.client_id != client.name) map.key("client_id") << client.client_id;
  if (client.driver != usual.driver) map.key("driver") << std::string(name_of(client.driver));
  if (client.version != usual.version) map.key("version") << std::string(name_of(client.version));
  map.flag("clean_start", client.clean_start);
  map.seconds("session_expiry", client.session_expiry);
  map.duration("keep_alive", client.keep_alive, usual.keep_alive);
  map.number("receive_maximum", client.receive_maximum);
  map.number("maximum_packet_size", client.maximum_packet_size);
  if (client.user_name) map.key("user_name") << *client.user_name;
  if (client.password) map.key("password") << *client.password;
  map.properties(client.properties);
  map.flag("topic_aliases", client.topic_aliases);
  if (!client.auth_answers.empty()) {
    map.key("auth_answers") << YAML::Flow << YAML::BeginSeq;
    for (const std::string& answer : client.auth_answers) out << wire::to_hex(answer);
    out << YAML::EndSeq;
  }
  map.flag("persistent", client.persistent);
  map.flag("reconnect", client.reconnect, usual.reconnect);
  map.duration("reconnect_min", client.reconnect_min, usual.reconnect_min);
  map.duration("reconnect_max", client.reconnect_max, usual.reconnect_max);
  if (client.will) write(map.key("will"), *client.will);
  if (client.acknowledge != usual.acknowledge) {
    map.key("acknowledge") << std::string(name_of(client.acknowledge));
  }
}

// --- Operations: the details behind the name; nothing if it stands alone
// -------------------------------------------

void write(YAML::Emitter& out, const DoConnect& connect) {
  FlowMap map(out);
  if (connect.clean_start) map.key("clean_start") << *connect.clean_start;
  map.seconds("session_expiry", connect.session_expiry);
  map.number("receive_maximum", connect.receive_maximum);
  if (connect.user_name) map.key("user_name") << *connect.user_name;
  if (connect.password) map.key("password") << *connect.password;
  map.properties(connect.properties);
  map.flag("with_will", connect.with_will, true);
  if (!connect.bytes.empty()) map.key("bytes") << wire::to_hex(connect.bytes);
}

void write(YAML::Emitter& out, const DoDisconnect& disconnect) {
  FlowMap map(out);
  map.number("reason_code", disconnect.reason_code, 0);
  map.seconds("session_expiry", disconnect.session_expiry);
  map.properties(disconnect.properties);
}

void write_filters(YAML::Emitter& out, const DoSubscribe& subscribe) {
  out << YAML::Flow << YAML::BeginSeq;
  for (const DoSubscribe::Filter& filter : subscribe.filters) {
    FlowMap map(out);
    map.key("filter") << filter.filter;
    map.number("qos", filter.qos, 0);
    map.flag("no_local", filter.no_local);
    map.flag("retain_as_published", filter.retain_as_published);
    map.number("retain_handling", filter.retain_handling, 0);
  }
  out << YAML::EndSeq;
}

void write(YAML::Emitter& out, const DoSubscribe& subscribe) {
  if (!subscribe.subscription_identifier && subscribe.properties.empty())
    return write_filters(out, subscribe);
  FlowMap map(out);
  write_filters(map.key("filters"), subscribe);
  map.number("identifier", subscribe.subscription_identifier);
  map.properties(subscribe.properties);
}

void write(YAML::Emitter& out, const DoUnsubscribe& unsubscribe) {
  if (unsubscribe.properties.empty()) {
    out << YAML::Flow << unsubscribe.filters;
    return;
  }
  FlowMap map(out);
  map.key("filters") << YAML::Flow << unsubscribe.filters;
  map.properties(unsubscribe.properties);
}

void write(YAML::Emitter& out, const DoPublish& publish) {
  FlowMap map(out);
  map.key("topic") << publish.topic;
  map.number("qos", publish.qos, 0);
  map.flag("retain", publish.retain);
  map.text("payload", publish.payload);
  map.flag("empty_payload", publish.empty_payload);
  map.number("count", publish.count, 1);
  map.duration("gap", publish.gap, Duration{0});
  map.seconds("expiry", publish.expiry);
  map.number("pad_to_bytes", publish.pad_to_bytes, std::size_t{0});
  map.properties(publish.properties);
}

void write(YAML::Emitter& out, const DoCrash& crash) {
  FlowMap map(out);
  map.duration("restart_after", crash.restart_after, DoCrash{}.restart_after);
  map.flag("for_good", crash.for_good);
}

void write(YAML::Emitter& out, const DoAcknowledge& acknowledge) {
  const bool usually_releases = acknowledge.from_now == Acknowledge::automatic;
  const bool usual = acknowledge.release == usually_releases && acknowledge.packet_ids.empty();
  if (usual && acknowledge.reason_code == 0) {
    out << std::string(name_of(acknowledge.from_now));
    return;
  }
  FlowMap map(out);
  map.key("policy") << std::string(name_of(acknowledge.from_now));
  map.number("reason", acknowledge.reason_code, 0);
  if (acknowledge.packet_ids.empty()) {
    map.key("release") << (acknowledge.release ? "all" : "nothing");
  } else {
    map.key("release") << YAML::Flow << YAML::BeginSeq;
    for (const std::uint16_t packet_id : acknowledge.packet_ids) out << std::to_string(packet_id);
    out << YAML::EndSeq;
  }
}

void write(YAML::Emitter& out, const PacketPattern& pattern) {
  if (pattern.fields.empty()) {
    out << pattern.type;
    return;
  }
  const auto fields = fields_of_received(pattern.type);
  FlowMap map(out);
  map.key(pattern.type) << YAML::Flow << YAML::BeginMap;
  for (const auto& [name, value] : pattern.fields) {
    out << YAML::Key << name << YAML::Value;
    const bool is_list =
        fields && std::any_of(fields->begin(), fields->end(), [&key = name](const PacketField& field) {
          return field.name == key && field.kind == FieldKind::list;
        });
    if (!is_list) {
      out << value;
      continue;
    }
    out << YAML::Flow << YAML::BeginSeq;
    for (std::size_t begin = 0; begin < value.size();) {
      const std::size_t end = std::min(value.find(' ', begin), value.size());
      out << value.substr(begin, end - begin);
      begin = end + 1;
    }
    out << YAML::EndSeq;
  }
  out << YAML::EndMap;
}

void write(YAML::Emitter& out, const Expect& expect) {
  FlowMap map(out);
  map.key(name_of(expect.mode)) << YAML::Flow << YAML::BeginSeq;
  for (const PacketPattern& pattern : expect.packets) write(out, pattern);
  out << YAML::EndSeq;
  map.duration("within", expect.within, Expect{}.within);
}

void write(YAML::Emitter& out, const ExpectClosed& closed) {
  FlowMap map(out);
  map.duration("within", closed.within, ExpectClosed{}.within);
}

void write(YAML::Emitter& out, const wire::Packet& packet) {
  FlowMap map(out);
  map.key(wire::name_of(wire::type_of(packet)));
  FlowMap fields(out);
  std::visit(
      [&](const auto& p) {
        if constexpr (requires { p.packet_id; }) fields.number("id", p.packet_id, std::uint16_t{0});
        if constexpr (requires { p.reason_code; }) fields.number("reason", p.reason_code, std::uint8_t{0});
        if constexpr (requires { p.properties; }) fields.properties(p.properties);
      },
      packet);
}

void write(YAML::Emitter& out, const DoSend& send) {
  if (send.packet) {
    write(out, *send.packet);
  } else {
    out << wire::to_hex(send.bytes);
  }
}
void write(YAML::Emitter&, const DoDrop&) {}
void write(YAML::Emitter&, const DoWait&) {}

// Whether the operation says no more than its name.
bool stands_alone(const Operation& operation) {
  return operation == Operation(DoConnect{}) || operation == Operation(DoDisconnect{}) ||
         operation == Operation(DoDrop{}) || operation == Operation(DoCrash{}) ||
         operation == Operation(ExpectClosed{});
}

// --- Steps and faults
// ---------------------------------------------------------------------------------------------

void write(YAML::Emitter& out, const Step& step, bool with_id) {
  FlowMap map(out);
  if (step.at) map.key("at") << to_text(*step.at);
  if (with_id) map.key("id") << std::to_string(step.id);
  if (const auto* wait = std::get_if<DoWait>(&step.operation)) {
    map.key("wait") << to_text(wait->duration);
  } else if (stands_alone(step.operation)) {
    map.key(step.client) << std::string(name_of(step.operation));
  } else {
    map.key(step.client) << YAML::Flow << YAML::BeginMap << YAML::Key << std::string(name_of(step.operation))
                         << YAML::Value;
    std::visit([&](const auto& operation) { write(out, operation); }, step.operation);
    out << YAML::EndMap;
  }
  map.flag("background", step.background);
  map.flag("may_fail", step.may_fail);
}

void write(YAML::Emitter& out, const Aim& aim) {
  FlowMap map(out);
  map.text("client", aim.client);
  map.key(aim.client_sent ? "sent" : "received") << aim.packet_type;
  map.number("nth", aim.nth, 1);
  map.number("after_bytes", aim.after_bytes, 0);
  map.flag("whole", aim.whole);
}

void write(YAML::Emitter& out, const Fault& fault, bool with_id) {
  const Fault usual;
  FlowMap map(out);
  map.key(name_of(fault.kind)) << fault.target;
  if (with_id) map.key("id") << std::to_string(fault.id);
  if (fault.at) map.key("at") << to_text(*fault.at);
  if (fault.aim) write(map.key("when"), *fault.aim);
  map.duration("for", fault.duration, usual.duration);
  map.duration("by", fault.jump, usual.jump);
  map.number("factor", fault.factor, usual.factor);
  map.number("count", fault.count, usual.count);
  if (!fault.users.empty()) map.key("users") << fault.users;
  if (fault.acl) map.key("acl") << *fault.acl;
  if (fault.path != usual.path) map.key("path") << std::string(name_of(fault.path));
  if (fault.config.empty()) return;
  FlowMap config(map.key("config"));
  for (const auto& [key, value] : fault.config) config.key(key) << value;
}

void configure(YAML::Emitter& out) {
  out.SetBoolFormat(YAML::TrueFalseBool);
  out.SetBoolFormat(YAML::LowerCase);
}

// Writes a plan from the top; knows which ids the reader would give by itself.
class Writer {
 public:
  explicit Writer(const Plan& plan) : plan_(plan) { configure(out_); }

  std::string text() {
    out_ << YAML::BeginMap;
    entry("format") << "1";
    entry("name") << plan_.name;
    if (!plan_.about.empty()) entry("about") << plan_.about;
    if (!plan_.statements.empty()) entry("statements") << YAML::Flow << plan_.statements;
    if (plan_.seed != 1) entry("seed") << std::to_string(plan_.seed);
    if (plan_.schedule != Plan{}.schedule) entry("schedule") << std::string(name_of(plan_.schedule));
    write_broker();
    if (plan_.socket_buffer_bytes != Plan{}.socket_buffer_bytes)
      entry("socket_buffer_bytes") << std::to_string(plan_.socket_buffer_bytes);
    write_clients();
    write_steps();
    write_faults();
    if (plan_.heal_at != Time{0}) entry("heal_at") << to_text(plan_.heal_at);
    if (plan_.settle != Plan{}.settle) entry("settle") << to_text(plan_.settle);
    out_ << YAML::EndMap;
    return std::string(out_.c_str()) + "\n";
  }

 private:
  YAML::Emitter& entry(const char* key) { return out_ << YAML::Key << key << YAML::Value; }

  void write_broker() {
    if (plan_.broker == BrokerPlan{}) return;
    entry("broker");
    FlowMap map(out_);
    for (const auto& [key, value] : plan_.broker.config) map.key(key) << value;
    if (!plan_.broker.users.empty()) map.key("users") << YAML::Flow << plan_.broker.users;
    if (plan_.broker.acl) map.key("acl") << *plan_.broker.acl;
    map.number("message_rate_max", plan_.broker.message_rate_max, std::uint32_t{0});
    map.number("clock_drift_ppm", plan_.broker.clock_drift_ppm, std::int64_t{0});
    if (!plan_.broker.mutants.empty()) map.key("mutants") << YAML::Flow << plan_.broker.mutants;
  }

  void write_clients() {
    entry("clients") << YAML::BeginMap;
    for (const ClientPlan& client : plan_.clients) {
      out_ << YAML::Key << client.name << YAML::Value;
      write(out_, client);
    }
    out_ << YAML::EndMap;
  }

  void write_steps() {
    if (plan_.steps.empty() && !any_fault(0)) return;
    entry("steps") << YAML::BeginSeq;
    write_faults_after(0);
    int expected_id = 1;
    for (const Step& step : plan_.steps) {
      write(out_, step, step.id != expected_id);
      expected_id = step.id + 1;
      write_faults_after(step.id);
    }
    out_ << YAML::EndSeq;
  }

  bool any_fault(int after_step) const {
    return std::any_of(plan_.faults.begin(), plan_.faults.end(),
                       [&](const Fault& fault) { return fault.after_step == after_step; });
  }

  void write_faults_after(int step) {
    for (const Fault& fault : plan_.faults) {
      if (fault.after_step != step) continue;
      FlowMap map(out_);
      write_fault_here(map.key("fault"), fault);
    }
  }

  void write_faults() {
    const bool any = std::any_of(plan_.faults.begin(), plan_.faults.end(),
                                 [](const Fault& fault) { return !fault.after_step; });
    if (!any) return;
    entry("faults") << YAML::BeginSeq;
    for (const Fault& fault : plan_.faults) {
      if (!fault.after_step) write_fault_here(out_, fault);
    }
    out_ << YAML::EndSeq;
  }

  void write_fault_here(YAML::Emitter& out, const Fault& fault) {
    write(out, fault, fault.id != next_fault_id_);
    next_fault_id_ = fault.id + 1;
  }

  const Plan& plan_;
  YAML::Emitter out_;
  int next_fault_id_ = 1;
};

}  // namespace

std::string write_plan(const Plan& plan) {
  return Writer(plan).text();
}

std::string write_step(const Step& step) {
  YAML::Emitter out;
  configure(out);
  write(out, step, false);
  return out.c_str();
}

std::string write_fault(const Fault& fault) {
  YAML::Emitter out;
  configure(out);
  write(out, fault, false);
  return out.c_str();
}

}  // namespace mqttvet::sim
